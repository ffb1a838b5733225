// An exact decimal number of any length. Pure values; used for ranges, multiples and digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::types {

// digits × 10^exponent; `digits` without leading and trailing zeros, empty for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  [[nodiscard]] bool is_zero() const { return digits.empty(); }
  [[nodiscard]] bool is_integer() const { return exponent >= 0; }
  // Digits before and behind the point when written without exponent.
  [[nodiscard]] std::int64_t integer_digits() const;
  [[nodiscard]] std::int64_t scale() const { return exponent < 0 ? -exponent : 0; }
};

// json: the number grammar of RFC 8259. lenient: also leading zeros and a leading plus.
enum class NumberSyntax : std::uint8_t { json, lenient };

// nullopt if `text` is no number. Exponents beyond ±10^9 are read as ±10^9.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text, NumberSyntax syntax);

// Negative, zero or positive as a < b, a == b, a > b.
[[nodiscard]] int compare(Decimal const& a, Decimal const& b);

// Whether value = k × step for an integer k. Requires a positive step of at most 18 digits.
[[nodiscard]] bool is_multiple(Decimal const& value, Decimal const& step);

// Without exponent: "-1500", "0.05". The caller bounds integer_digits() and scale() first.
[[nodiscard]] std::string to_plain_text(Decimal const& value);

// 10^exponent, e.g. the step of a scale.
[[nodiscard]] Decimal power_of_ten(std::int64_t exponent);

// nullopt unless it is an integer that fits.
[[nodiscard]] std::optional<std::int64_t> to_int64(Decimal const& value);

}  // namespace hansa::types
