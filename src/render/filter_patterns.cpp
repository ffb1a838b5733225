#include <fmt/format.h>

#include <algorithm>

#include "render/parameters.h"

namespace hansa::render {

namespace {

// As many digits as any value of that length fits.
std::string digits(int most) { return fmt::format("-?[0-9]{{1,{}}}", most); }

std::string decimal(types::Type const& type) {
  static constexpr int whole_most = 15;
  static constexpr int fraction_most = 6;
  auto const bounded = type.precision > 0;
  auto const whole = bounded ? std::min<int>(type.precision - type.scale, whole_most) : whole_most;
  auto const fraction = bounded ? std::min<int>(type.scale, fraction_most) : fraction_most;
  auto text = whole > 0 ? digits(whole) : std::string("-?0");
  if (fraction > 0) text += fmt::format("(\\.[0-9]{{1,{}}})?", fraction);
  return text;
}

constexpr std::string_view date = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
constexpr std::string_view time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";

}  // namespace

std::string value_pattern(types::Type const& type, Place place) {
  switch (type.kind) {
    case types::Kind::boolean:
      return "(true|false)";
    case types::Kind::int16:
      return digits(4);
    case types::Kind::int32:
      return digits(9);
    case types::Kind::int64:
      return digits(18);
    case types::Kind::numeric:
      return decimal(type);
    case types::Kind::float32:
    case types::Kind::float64:
      return decimal({});
    case types::Kind::uuid:
      return "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    case types::Kind::date:
      return std::string(date);
    case types::Kind::time:
      return std::string(time);
    case types::Kind::timestamp:
    case types::Kind::timestamptz:
      return fmt::format("{}T{}Z", date, time);
    case types::Kind::bytes:
      return "([A-Za-z0-9+/]{4})*";
    case types::Kind::text:
    case types::Kind::json:
      break;
  }
  return place == Place::alone ? "[^\\x00]*" : "[^\\x00-\\x1f\\\\\"(),]*";
}

std::string comparison_words(types::Kind kind) {
  if (kind == types::Kind::json) return {};
  if (kind == types::Kind::bytes) return "eq|neq|isdistinct";
  return "eq|neq|gt|gte|lt|lte|isdistinct";
}

}  // namespace hansa::render
