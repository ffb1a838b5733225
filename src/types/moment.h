// Dates, times of day and instants of the years 0001 to 9999, exact to the microsecond. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace hansa::types {

// A reason, as the end of a sentence: "has no offset".
template <class T>
using Read = std::expected<T, std::string>;

// rfc3339: what JSON may hold. postgres: also a space for the `T`, offsets as `+02`, minutes
// without seconds: what a file or a filter may hold.
enum class MomentSyntax : std::uint8_t { rfc3339, postgres };
enum class Offset : std::uint8_t { required, optional };  // optional: read as UTC if absent

// Canonical text: "2026-01-31". The day has to exist.
[[nodiscard]] Read<std::string> read_date(std::string_view text);

// Canonical text: "10:00:00.5". Refused on purpose: second 60 and hour 24, which PostgreSQL would
// turn into another moment, and more than six digits of a second.
[[nodiscard]] Read<std::string> read_time(std::string_view text, MomentSyntax syntax);

// Microseconds since 1970 in UTC; the instant has to lie in the years 0001 to 9999 of UTC.
[[nodiscard]] Read<std::int64_t> read_instant(std::string_view text, MomentSyntax syntax,
                                              Offset offset);

// "2026-01-01 10:00:00.5": PostgreSQL's form without an offset, no trailing zeros.
[[nodiscard]] std::string instant_text(std::int64_t microseconds);

}  // namespace hansa::types
