#include "types/moment.h"

#include <chrono>
#include <optional>

namespace hansa::types {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t microseconds_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

std::unexpected<std::string> no(std::string_view reason) {
  return std::unexpected(std::string(reason));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits from the front of `rest`.
std::optional<int> take_number(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(rest[i])) return std::nullopt;
    value = value * 10 + (rest[i] - '0');
  }
  rest.remove_prefix(count);
  return value;
}

bool take(std::string_view& rest, char wanted) {
  if (rest.empty() || rest.front() != wanted) return false;
  rest.remove_prefix(1);
  return true;
}

Read<chrono::sys_days> take_date(std::string_view& rest) {
  auto const year = take_number(rest, 4);
  if (!year || !take(rest, '-')) return no("is not a date like 2026-01-31");
  auto const month = take_number(rest, 2);
  if (!month || !take(rest, '-')) return no("is not a date like 2026-01-31");
  auto const day = take_number(rest, 2);
  if (!day) return no("is not a date like 2026-01-31");
  chrono::year_month_day const date{chrono::year{*year},
                                    chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)}};
  if (*year < 1) return no("lies outside the years 0001 to 9999");
  if (!date.ok()) return no("names a day that does not exist");
  return chrono::sys_days{date};
}

// ".123" to microseconds; digits behind the sixth may only be zeros.
Read<std::int64_t> take_fraction(std::string_view& rest) {
  if (!take(rest, '.')) return 0;
  std::int64_t microseconds = 0;
  std::size_t count = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++count) {
    if (count < 6)
      microseconds = microseconds * 10 + (rest.front() - '0');
    else if (rest.front() != '0')
      return no("is finer than a microsecond");
  }
  if (count == 0) return no("has a point without digits behind it");
  for (; count < 6; ++count) microseconds *= 10;
  return microseconds;
}

// Microseconds since midnight.
Read<std::int64_t> take_time(std::string_view& rest, MomentSyntax syntax) {
  auto const hour = take_number(rest, 2);
  if (!hour || !take(rest, ':')) return no("is not a time like 10:00:00");
  auto const minute = take_number(rest, 2);
  if (!minute) return no("is not a time like 10:00:00");
  int second = 0;
  std::int64_t fraction = 0;
  if (take(rest, ':')) {
    auto const read = take_number(rest, 2);
    if (!read) return no("is not a time like 10:00:00");
    second = *read;
    auto const behind = take_fraction(rest);
    if (!behind) return behind;
    fraction = *behind;
  } else if (syntax == MomentSyntax::rfc3339) {
    return no("has no seconds");
  }
  if (second == 60) return no("is a leap second, which cannot be stored");
  if (*hour > 23 || *minute > 59 || second > 59) return no("is not a time of day");
  return ((*hour * 60 + *minute) * 60LL + second) * microseconds_per_second + fraction;
}

// Seconds east of UTC; nullopt inside when there is no offset.
Read<std::optional<std::int64_t>> take_offset(std::string_view& rest, MomentSyntax syntax) {
  if (take(rest, 'Z') || take(rest, 'z')) return 0;
  bool const west = take(rest, '-');
  if (!west && !take(rest, '+')) return std::nullopt;
  auto const hour = take_number(rest, 2);
  if (!hour) return no("has a broken offset");
  bool const colon = take(rest, ':');
  std::optional<int> minute = take_number(rest, 2);
  if (!minute && (colon || syntax == MomentSyntax::rfc3339)) return no("has a broken offset");
  if (!colon && syntax == MomentSyntax::rfc3339) return no("has a broken offset");
  if (*hour > 23 || minute.value_or(0) > 59) return no("has an offset out of range");
  std::int64_t const seconds = (*hour * 60 + minute.value_or(0)) * 60LL;
  return west ? -seconds : seconds;
}

void append_number(std::string& out, std::int64_t value, int width) {
  char digits[8];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

void append_date(std::string& out, chrono::sys_days day) {
  chrono::year_month_day const date{day};
  append_number(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
}

void append_time(std::string& out, std::int64_t microseconds) {
  auto const seconds = microseconds / microseconds_per_second;
  append_number(out, seconds / 3600, 2);
  out += ':';
  append_number(out, seconds / 60 % 60, 2);
  out += ':';
  append_number(out, seconds % 60, 2);
  auto const fraction = microseconds % microseconds_per_second;
  if (fraction == 0) return;
  out += '.';
  append_number(out, fraction, 6);
  out.resize(out.find_last_not_of('0') + 1);
}

std::int64_t day_start(chrono::sys_days day) {
  return day.time_since_epoch().count() * seconds_per_day * microseconds_per_second;
}

bool in_range(std::int64_t instant) {
  using namespace chrono;
  static auto const first = day_start(sys_days{year{1} / January / 1});
  static auto const end = day_start(sys_days{year{10000} / January / 1});
  return instant >= first && instant < end;
}

}  // namespace

Read<std::string> read_date(std::string_view text) {
  auto rest = text;
  auto const day = take_date(rest);
  if (!day) return std::unexpected(day.error());
  if (!rest.empty()) return no("is not a date like 2026-01-31");
  return std::string(text);
}

Read<std::string> read_time(std::string_view text, MomentSyntax syntax) {
  auto rest = text;
  auto const time = take_time(rest, syntax);
  if (!time) return std::unexpected(time.error());
  if (!rest.empty()) return no("is not a time like 10:00:00 (without an offset)");
  std::string out;
  append_time(out, *time);
  return out;
}

Read<std::int64_t> read_instant(std::string_view text, MomentSyntax syntax, Offset offset) {
  auto rest = text;
  auto const day = take_date(rest);
  if (!day) return std::unexpected(day.error());
  bool const separated =
      take(rest, 'T') || take(rest, 't') || (syntax == MomentSyntax::postgres && take(rest, ' '));
  if (!separated) return no("is not a timestamp like 2026-01-01T10:00:00Z");
  auto const time = take_time(rest, syntax);
  if (!time) return time;
  auto const east = take_offset(rest, syntax);
  if (!east) return std::unexpected(east.error());
  if (!rest.empty()) return no("is not a timestamp like 2026-01-01T10:00:00Z");
  if (!*east && offset == Offset::required) return no("has no offset like Z or +01:00");
  auto const instant = day_start(*day) + *time - east->value_or(0) * microseconds_per_second;
  if (!in_range(instant)) return no("lies outside the years 0001 to 9999 of UTC");
  return instant;
}

std::string instant_text(std::int64_t microseconds) {
  auto const time = chrono::sys_time<chrono::microseconds>{chrono::microseconds{microseconds}};
  auto const day = chrono::floor<chrono::days>(time);
  std::string out;
  append_date(out, day);
  out += ' ';
  append_time(out, (time - day).count());
  return out;
}

}  // namespace hansa::types
