// Values that satisfy a type and its rules, chosen by a number.
#include <algorithm>
#include <array>

#include "types/characters.h"
#include "types/decimal.h"
#include "types/moment.h"
#include "types/pattern.h"
#include "types/reader.h"
#include "types/type.h"

namespace hansa::types {
namespace {

constexpr std::array<std::string_view, 16> words = {
    "amber", "birch",   "cedar", "delta", "ember", "fjord", "grove", "harbour",
    "iris",  "juniper", "kelp",  "linen", "maple", "north", "olive", "pine"};

std::string padded(std::uint64_t value, std::size_t width) {
  auto text = std::to_string(value);
  if (text.size() > width) text.erase(0, text.size() - width);
  return std::string(width - text.size(), '0') + text;
}

// A number near the lower bound, or near the upper one, or just positive: lower + k × step.
json::Value number_candidate(Type const& type, Rules const& rules, std::uint64_t index) {
  auto const bound = [](std::optional<std::string> const& text) {
    return text ? parse_decimal(*text, NumberSyntax::lenient) : std::nullopt;
  };
  auto const lower = rules.minimum ? bound(rules.minimum) : bound(rules.exclusive_minimum);
  auto const upper = rules.maximum ? bound(rules.maximum) : bound(rules.exclusive_maximum);
  auto const step = bound(rules.multiple_of);
  std::int64_t const scale = type.kind == Kind::numeric   ? (type.precision == 0 ? 2 : type.scale)
                             : type.kind >= Kind::float32 ? 1
                                                          : 0;
  // Counted in units of 10^-scale, or of the step; whole numbers that a double holds exactly.
  constexpr std::int64_t units_max = 1'000'000'000'000;
  auto unit = step && !step->is_zero() ? *step : power_of_ten(-scale);
  auto const units_of = [&](Decimal const& value) -> std::int64_t {
    double const quotient = std::strtod(to_plain_text(value).c_str(), nullptr) /
                            std::strtod(to_plain_text(unit).c_str(), nullptr);
    return static_cast<std::int64_t>(std::clamp(quotient, -double(units_max), double(units_max)));
  };
  auto count = static_cast<std::int64_t>(index % 30'000) + 1;
  if (type.precision != 0 && type.precision < 5) {
    std::int64_t places = 1;
    for (int i = 0; i < type.precision; ++i) places *= 10;
    count %= places;
  }
  if (lower && lower->integer_digits() < 15) {
    count += units_of(*lower);
    if (upper && upper->integer_digits() < 15) {
      auto const room = std::max<std::int64_t>(1, units_of(*upper) - units_of(*lower) + 1);
      count =
          units_of(*lower) + static_cast<std::int64_t>(index % static_cast<std::uint64_t>(room));
    }
  } else if (upper && upper->integer_digits() < 15) {
    count = std::min(count, units_of(*upper) - count % 10);
  }
  auto total = parse_decimal(std::to_string(count), NumberSyntax::json).value_or(Decimal{});
  std::uint64_t factor = 0;
  for (char const digit : unit.digits) factor = factor * 10 + static_cast<unsigned>(digit - '0');
  auto const product = static_cast<__int128>(count) * static_cast<__int128>(factor);
  if (product > INT64_MAX || product < INT64_MIN) return json::number("0");
  total = parse_decimal(std::to_string(static_cast<std::int64_t>(product)), NumberSyntax::json)
              .value_or(Decimal{});
  if (!total.is_zero()) total.exponent += unit.exponent;
  return json::number(to_plain_text(total));
}

std::string formatted(std::string_view format, std::uint64_t index) {
  auto const name = std::string(words[index % words.size()]) + std::to_string(index);
  if (format == "email") return name + "@example.com";
  if (format == "uri") return "https://example.com/" + name;
  if (format == "hostname") return name + ".example.com";
  if (format == "ipv4")
    return "192.0." + std::to_string(index / 256 % 256) + "." + std::to_string(index % 256);
  return name;
}

// Brings a text to the lengths asked for, keeping its end, where the index is.
std::string fitted(std::string text, Rules const& rules) {
  if (rules.max_length && text.size() > *rules.max_length)
    text.erase(0, text.size() - *rules.max_length);
  if (rules.min_length && text.size() < *rules.min_length)
    text.insert(0,
                std::min<std::size_t>(*rules.min_length, 100'000) -
                    std::min<std::size_t>(text.size(), 100'000),
                'x');
  return text;
}

std::string text_candidate(Rules const& rules, std::uint64_t index, std::uint64_t attempt) {
  if (rules.pattern)
    if (auto const pattern = Pattern::compile(*rules.pattern))
      return pattern->sample(index * 64 + attempt);
  if (rules.format && find_format(*rules.format) != nullptr) return formatted(*rules.format, index);
  return fitted(std::string(words[index % words.size()]) + " " + std::to_string(index), rules);
}

std::string moment_candidate(Type const& type, Rules const& rules, std::uint64_t index) {
  constexpr std::int64_t second = 1'000'000;
  constexpr std::int64_t day = 86'400 * second;
  constexpr std::int64_t new_year_2026 = 1'767'225'600 * second;
  if (type.kind == Kind::time)
    return instant_text(static_cast<std::int64_t>(index % 86'400) * second).substr(11);
  auto const bound = rules.minimum             ? rules.minimum
                     : rules.exclusive_minimum ? rules.exclusive_minimum
                     : rules.maximum           ? rules.maximum
                                               : rules.exclusive_maximum;
  bool const downward = !rules.minimum && !rules.exclusive_minimum && bound;
  auto start = new_year_2026;
  if (bound) {
    auto const text = type.kind == Kind::date ? *bound + " 00:00:00" : *bound;
    start = read_instant(text, MomentSyntax::postgres, Offset::optional).value_or(start);
  }
  auto const steps = static_cast<std::int64_t>(index % 1000) + 1;
  auto const stride = type.kind == Kind::date ? day : 3600 * second;
  auto text = instant_text(start + (downward ? -steps : steps) * stride);
  if (type.kind == Kind::date) return text.substr(0, 10);
  text[10] = 'T';
  return text + "Z";
}

json::Value document_candidate(Type const& type, Rules const& rules, std::uint64_t index) {
  if (type.shape == JsonShape::array) {
    json::Array items;
    auto const count = std::min<std::uint32_t>(std::max(rules.min_items.value_or(1), 1U),
                                               rules.max_items.value_or(~0U));
    for (std::uint32_t i = 0; i < count && i < 10'000; ++i)
      items.push_back(json::integer(static_cast<std::int64_t>(index % 1000 + i)));
    return json::array(std::move(items));
  }
  json::Object members;
  for (auto const& name : rules.required_properties)
    members.emplace_back(name, json::text(words[index % words.size()]));
  for (std::uint32_t i = 0; members.size() < std::min(rules.min_properties.value_or(0), 10'000U);
       ++i)
    members.emplace_back("key" + std::to_string(i), json::integer(i));
  return json::object(std::move(members));
}

std::string uuid_candidate(std::uint64_t index) {
  return "00000000-0000-4000-8000-" + padded(index, 12);
}

json::Value candidate(Type const& type, Rules const& rules, std::uint64_t index,
                      std::uint64_t attempt) {
  if (!rules.valid_values.empty()) {
    auto const schema = json_schema(type, rules, Nullable::no);
    auto const* const values = schema.find("enum")->as_array();
    if (!values->empty()) return (*values)[(index + attempt) % values->size()];
  }
  switch (type.kind) {
    case Kind::boolean:
      return json::boolean((index + attempt) % 2 == 0);
    case Kind::text:
      return json::text(text_candidate(rules, index, attempt));
    case Kind::uuid:
      return json::text(uuid_candidate(index));
    case Kind::bytes: {
      std::string encoded;
      append_base64(fitted(std::string(words[index % words.size()]), rules), encoded);
      return json::text(encoded);
    }
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
    case Kind::timestamptz:
      return json::text(moment_candidate(type, rules, index + attempt));
    case Kind::json:
      return document_candidate(type, rules, index);
    default:
      return number_candidate(type, rules, index + attempt);
  }
}

}  // namespace

json::Value example(Type const& type, Rules const& rules, std::uint64_t index) {
  constexpr std::uint64_t attempts = 64;
  Reader const reader(type, &rules);
  std::string ignored;
  for (std::uint64_t attempt = 0; attempt < attempts; ++attempt) {
    auto value = candidate(type, rules, index, attempt);
    if (!reader.read_json(value, ignored)) return value;
  }
  // Rules may exclude each other, or ask for more than is tried here: an honest near miss.
  return candidate(type, rules, index, 0);
}

}  // namespace hansa::types
