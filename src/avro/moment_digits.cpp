#include "avro/moment_digits.h"

#include <chrono>

namespace hansa::avro {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t microseconds_per_day = 86'400'000'000;
constexpr std::int64_t first_day =
    chrono::sys_days{chrono::year{1} / chrono::January / 1}.time_since_epoch().count();
constexpr std::int64_t last_day =
    chrono::sys_days{chrono::year{9999} / chrono::December / 31}.time_since_epoch().count();

void put_number(std::int64_t value, int width, char* to) {
  for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

bool append_date(std::int64_t days_since_1970, std::string& out) {
  if (days_since_1970 < first_day || days_since_1970 > last_day) return false;
  chrono::year_month_day const date{
      chrono::sys_days{chrono::days{static_cast<int>(days_since_1970)}}};
  char text[] = "yyyy-mm-dd";
  put_number(static_cast<int>(date.year()), 4, text);
  put_number(static_cast<unsigned>(date.month()), 2, text + 5);
  put_number(static_cast<unsigned>(date.day()), 2, text + 8);
  out.append(text, 10);
  return true;
}

bool append_time(std::int64_t microseconds_of_day, std::string& out) {
  if (microseconds_of_day < 0 || microseconds_of_day >= microseconds_per_day) return false;
  auto const seconds = microseconds_of_day / 1'000'000;
  auto const fraction = microseconds_of_day % 1'000'000;
  char text[] = "hh:mm:ss.ffffff";
  put_number(seconds / 3600, 2, text);
  put_number(seconds / 60 % 60, 2, text + 3);
  put_number(seconds % 60, 2, text + 6);
  std::size_t size = 8;
  if (fraction != 0) {
    put_number(fraction, 6, text + 9);
    for (size = 15; text[size - 1] == '0';) --size;
  }
  out.append(text, size);
  return true;
}

bool append_instant(std::int64_t microseconds_since_1970, std::string& out) {
  auto days = microseconds_since_1970 / microseconds_per_day;
  auto rest = microseconds_since_1970 % microseconds_per_day;
  if (rest < 0) {
    --days;
    rest += microseconds_per_day;
  }
  if (!append_date(days, out)) return false;
  out += 'T';
  if (!append_time(rest, out)) return false;
  out += 'Z';
  return true;
}

}  // namespace hansa::avro
