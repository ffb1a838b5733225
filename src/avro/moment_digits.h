// Dates, times of day and instants as digits, for the years 0001 to 9999. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace hansa::avro {

// Each appends and returns true, or returns false where the value lies outside.
[[nodiscard]] bool append_date(std::int64_t days_since_1970, std::string& out);
[[nodiscard]] bool append_time(std::int64_t microseconds_of_day, std::string& out);
// "2026-01-01T10:00:00.5Z"
[[nodiscard]] bool append_instant(std::int64_t microseconds_since_1970, std::string& out);

}  // namespace hansa::avro
