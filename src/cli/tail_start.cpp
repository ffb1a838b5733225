#include "cli/tail_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "types/moment.h"

namespace hansa::cli {
namespace {

using events::TailStart;
using std::chrono::milliseconds;

constexpr milliseconds back_max = std::chrono::years(100);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<milliseconds> unit_of(char letter) {
  switch (letter) {
    case 's':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::minutes(1);
    case 'h':
      return std::chrono::hours(1);
    case 'd':
      return std::chrono::days(1);
    default:
      return std::nullopt;
  }
}

// nullopt: not written as a duration, or too long.
std::optional<milliseconds> parse_duration(std::string_view text) {
  milliseconds sum{};
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t count = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    auto const digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || !is_digit(text.front()) || digits == text.size())
      return std::nullopt;
    auto const unit = unit_of(text[digits]);
    if (!unit || count > back_max / *unit) return std::nullopt;
    sum += count * *unit;
    if (sum > back_max) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return sum;
}

std::optional<std::int64_t> parse_instant(std::string_view text) {
  auto const day = types::read_date(text);
  auto const instant = types::read_instant(day ? *day + "T00:00:00Z" : std::string(text),
                                           types::MomentSyntax::rfc3339, types::Offset::required);
  if (!instant) return std::nullopt;
  return std::chrono::floor<milliseconds>(std::chrono::microseconds(*instant)).count();
}

}  // namespace

Result<TailStart> parse_start(std::string_view text, Time now) {
  using Kind = TailStart::Kind;
  if (text == "earliest") return TailStart{.kind = Kind::earliest, .value = 0};
  if (text == "latest") return TailStart{.kind = Kind::latest, .value = 0};
  if (!text.empty() && std::ranges::all_of(text, is_digit)) {
    std::int64_t offset = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc{})
      return failure(Code::usage, fmt::format("`--from {:.60}` is no offset there can be", text));
    return TailStart{.kind = Kind::offset, .value = offset};
  }
  if (auto const back = parse_duration(text)) {
    auto const moment = std::chrono::floor<milliseconds>(now) - *back;
    return TailStart{.kind = Kind::time, .value = moment.time_since_epoch().count()};
  }
  if (auto const instant = parse_instant(text))
    return TailStart{.kind = Kind::time, .value = *instant};
  return failure(Code::usage, fmt::format("`--from {:.60}` says no place in a topic", text),
                 "earliest, latest, an offset (42), a time (2026-01-31T10:00:00Z) or how long back "
                 "(15m, 2h, 3d)");
}

}  // namespace hansa::cli
