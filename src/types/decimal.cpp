#include "types/decimal.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace hansa::types {
namespace {

constexpr std::int64_t exponent_max = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && is_digit(rest[count])) ++count;
  auto const digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

bool take(std::string_view& rest, char wanted) {
  if (rest.empty() || rest.front() != wanted) return false;
  rest.remove_prefix(1);
  return true;
}

// The exponent part "e+5", if there is one; nullopt if it is broken.
std::optional<std::int64_t> take_exponent(std::string_view& rest) {
  if (!take(rest, 'e') && !take(rest, 'E')) return 0;
  bool const negative = take(rest, '-');
  if (!negative) take(rest, '+');
  auto const digits = take_digits(rest);
  if (digits.empty()) return std::nullopt;
  std::int64_t value = exponent_max;
  auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc{}) value = exponent_max;
  value = std::min(value, exponent_max);
  return negative ? -value : value;
}

void strip_zeros(Decimal& value) {
  auto const last = value.digits.find_last_not_of('0');
  if (last == std::string::npos) {
    value.digits.clear();
    value.exponent = 0;
    return;
  }
  value.exponent += static_cast<std::int64_t>(value.digits.size() - last - 1);
  value.digits.resize(last + 1);
  value.digits.erase(0, value.digits.find_first_not_of('0'));
}

int compare_magnitude(Decimal const& a, Decimal const& b) {
  if (a.is_zero() || b.is_zero()) return int(!a.is_zero()) - int(!b.is_zero());
  auto const point_a = static_cast<std::int64_t>(a.digits.size()) + a.exponent;
  auto const point_b = static_cast<std::int64_t>(b.digits.size()) + b.exponent;
  if (point_a != point_b) return point_a < point_b ? -1 : 1;
  return a.digits.compare(b.digits);
}

}  // namespace

std::int64_t Decimal::integer_digits() const {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(digits.size()) + exponent);
}

std::optional<Decimal> parse_decimal(std::string_view text, NumberSyntax syntax) {
  bool const lenient = syntax == NumberSyntax::lenient;
  Decimal value;
  auto rest = text;
  value.negative = take(rest, '-');
  if (!value.negative && lenient) take(rest, '+');
  auto const whole = take_digits(rest);
  if (whole.empty()) return std::nullopt;
  if (!lenient && whole.size() > 1 && whole.front() == '0') return std::nullopt;
  value.digits = whole;
  if (take(rest, '.')) {
    auto const fraction = take_digits(rest);
    if (fraction.empty()) return std::nullopt;
    value.digits += fraction;
    value.exponent = -static_cast<std::int64_t>(fraction.size());
  }
  auto const exponent = take_exponent(rest);
  if (!exponent || !rest.empty()) return std::nullopt;
  value.exponent += *exponent;
  strip_zeros(value);
  if (value.is_zero()) value.negative = false;
  return value;
}

int compare(Decimal const& a, Decimal const& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int const magnitude = compare_magnitude(a, b);
  return a.negative ? -magnitude : magnitude;
}

bool is_multiple(Decimal const& value, Decimal const& step) {
  assert(!step.is_zero() && !step.negative && step.digits.size() <= 18);
  if (value.is_zero()) return true;
  // The last digit of `value` is not zero, so a step whose unit is coarser cannot divide it.
  auto shift = value.exponent - step.exponent;
  if (shift < 0) return false;
  std::uint64_t divisor = 0;
  std::from_chars(step.digits.data(), step.digits.data() + step.digits.size(), divisor);
  std::uint64_t remainder = 0;
  auto const push = [&](unsigned digit) {
    remainder = static_cast<std::uint64_t>(
        (static_cast<unsigned __int128>(remainder) * 10 + digit) % divisor);
  };
  for (char const digit : value.digits) push(static_cast<unsigned>(digit - '0'));
  for (; shift > 0 && remainder != 0; --shift) push(0);
  return remainder == 0;
}

std::string to_plain_text(Decimal const& value) {
  if (value.is_zero()) return "0";
  std::string text = value.negative ? "-" : "";
  auto const point = static_cast<std::int64_t>(value.digits.size()) + value.exponent;
  if (point <= 0) {
    text += "0.";
    text.append(static_cast<std::size_t>(-point), '0');
    return text += value.digits;
  }
  if (value.exponent >= 0) {
    text += value.digits;
    text.append(static_cast<std::size_t>(value.exponent), '0');
    return text;
  }
  text.append(value.digits, 0, static_cast<std::size_t>(point));
  text += '.';
  return text.append(value.digits, static_cast<std::size_t>(point));
}

Decimal power_of_ten(std::int64_t exponent) { return {false, "1", exponent}; }

std::optional<std::int64_t> to_int64(Decimal const& value) {
  if (!value.is_integer() || value.integer_digits() > 19) return std::nullopt;
  auto const plain = to_plain_text(value);
  std::int64_t number = 0;
  auto const read = std::from_chars(plain.data(), plain.data() + plain.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  return number;
}

}  // namespace hansa::types
