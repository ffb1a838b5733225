// How Reader reads numbers: exactly, or not at all.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "types/reader.h"

namespace hansa::types {
namespace {

// Digits an unbounded numeric, or a number inside a document, may have on either side of the point:
// more than any double needs, and no amplification of a short text such as 1e100000.
constexpr std::int64_t unbounded_digits_max = 1000;

struct Range {
  std::int64_t lowest, highest;
};

template <class T>
constexpr Range range_of() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

Range integer_range(Kind kind) {
  if (kind == Kind::int16) return range_of<std::int16_t>();
  return kind == Kind::int32 ? range_of<std::int32_t>() : range_of<std::int64_t>();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

std::string expected_integer(std::int64_t lowest, std::int64_t highest) {
  return "expected an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
}

template <class Float>
std::string shortest_text(Float value) {
  char buffer[64];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

// What a float column makes of a decimal; nullopt beyond its range, even where it would be rounded
// into it: a schema says the range so. Too small a number is zero.
template <class Float>
std::optional<Float> nearest_float(Decimal const& value) {
  auto const text = (value.negative ? "-" : "") + (value.is_zero() ? "0" : value.digits) + "e" +
                    std::to_string(value.exponent);
  auto const point = static_cast<std::int64_t>(value.digits.size()) + value.exponent;
  if (point > std::numeric_limits<Float>::max_exponent10 + 2) return std::nullopt;
  if (point < std::numeric_limits<Float>::min_exponent10 - 30) return Float{0};
  Float number = 0;
  auto const read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc::result_out_of_range)
    return point > 0 ? std::nullopt : std::optional(Float{0});
  auto magnitude = value;
  magnitude.negative = false;
  static auto const largest =
      parse_decimal(shortest_text(double{std::numeric_limits<Float>::max()}), NumberSyntax::json);
  if (!std::isfinite(number) || compare(magnitude, *largest) > 0) return std::nullopt;
  return number;
}

// A bound of a float is what the column would make of it, as it is in the database's CHECK.
std::optional<Decimal> parse_bound(std::optional<std::string> const& text, Type const& type) {
  if (!text) return std::nullopt;
  bool const is_float = type.kind == Kind::float32 || type.kind == Kind::float64;
  auto const stored = is_float ? canonical(*text, type) : text;
  return stored ? parse_decimal(*stored, NumberSyntax::lenient) : std::nullopt;
}

}  // namespace

void Reader::prepare_numbers() {
  numbers_ = {parse_bound(rules_->minimum, type_), parse_bound(rules_->maximum, type_),
              parse_bound(rules_->exclusive_minimum, type_),
              parse_bound(rules_->exclusive_maximum, type_)};
  step_ = rules_->multiple_of ? parse_decimal(*rules_->multiple_of, NumberSyntax::lenient)
                              : std::nullopt;
  if (step_ && (step_->is_zero() || step_->negative || step_->digits.size() > 18)) step_.reset();
  bool const bounded = numbers_.minimum || numbers_.maximum || numbers_.exclusive_minimum ||
                       numbers_.exclusive_maximum;
  simple_ = !step_ && rules_->valid_values.empty();
  if (type_.kind > Kind::int64) {
    simple_ = simple_ && !bounded;
    return;
  }
  auto const [lowest, highest] = integer_range(type_.kind);
  lowest_ = lowest;
  highest_ = highest;
  auto const narrow = [this](std::optional<Decimal> const& bound, bool lower) {
    if (!bound) return;
    auto const value = to_int64(*bound);
    if (!value) {
      simple_ = false;
    } else if (lower) {
      lowest_ = std::max(lowest_, *value);
    } else {
      highest_ = std::min(highest_, *value);
    }
  };
  narrow(numbers_.minimum, true);
  narrow(numbers_.maximum, false);
  simple_ = simple_ && !numbers_.exclusive_minimum && !numbers_.exclusive_maximum;
}

// The common case without any allocation: up to 18 digits within the range. False decides nothing.
bool Reader::read_small_integer(std::string_view text, std::string& out) const {
  if (text.empty() || text.size() > 18) return false;
  bool const negative = text.front() == '-';
  auto const digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && (digits.size() > 1 || negative))) return false;
  std::int64_t value = 0;
  for (char const c : digits) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  if (negative) value = -value;
  if (value < lowest_ || value > highest_) return false;
  out += text;
  return true;
}

// Likewise: digits, a point, digits, and no more of them than the type has room for.
bool Reader::read_plain_numeric(std::string_view text, std::string& out) const {
  auto const digits = text.substr(text.starts_with('-') ? 1 : 0);
  auto const whole = count_digits(digits);
  if (whole == 0 || (whole > 1 && digits.front() == '0')) return false;
  std::size_t fraction = 0;
  if (whole < digits.size()) {
    if (digits[whole] != '.') return false;
    fraction = count_digits(digits.substr(whole + 1));
    if (fraction == 0 || whole + 1 + fraction != digits.size()) return false;
  }
  if (type_.precision == 0) {
    if (whole > unbounded_digits_max || fraction > unbounded_digits_max) return false;
  } else if (fraction > type_.scale ||
             (digits.front() != '0' && whole > std::size_t{type_.precision} - type_.scale)) {
    return false;
  }
  out += text;
  return true;
}

Refusal Reader::read_number(std::string_view text, NumberSyntax syntax, std::string& out) const {
  auto const value = parse_decimal(text, syntax);
  bool const is_integer = type_.kind <= Kind::int64;
  if (!value) return is_integer ? "expected an integer" : "expected a number";
  auto const start = out.size();
  auto refused = is_integer                    ? read_integer(*value, out)
                 : type_.kind == Kind::numeric ? read_numeric(text, *value, out)
                                               : read_float(*value, out);
  // A float is compared as what is stored, not as what was written.
  auto const stored = parse_decimal(std::string_view(out).substr(start), NumberSyntax::lenient);
  if (!refused && stored) refused = check_number(*stored);
  if (refused) out.resize(start);
  return refused;
}

Refusal Reader::read_integer(Decimal const& value, std::string& out) const {
  auto const [lowest, highest] = integer_range(type_.kind);
  auto const number = to_int64(value);
  if (!number || *number < lowest || *number > highest) return expected_integer(lowest, highest);
  out += std::to_string(*number);
  return std::nullopt;
}

Refusal Reader::read_numeric(std::string_view written, Decimal const& value,
                             std::string& out) const {
  if (type_.precision == 0) {
    if (value.integer_digits() > unbounded_digits_max || value.scale() > unbounded_digits_max ||
        written.size() > 2 * unbounded_digits_max)
      return "has more than 1000 digits";
    bool const plain = written.find_first_not_of("-.0123456789") == std::string_view::npos;
    // Trailing zeros are kept: an unbounded numeric remembers its scale.
    out += plain ? std::string(written) : to_plain_text(value);
    return std::nullopt;
  }
  if (value.scale() > type_.scale)
    return "expected at most " + std::to_string(type_.scale) + " decimal places";
  auto const whole = type_.precision - type_.scale;
  if (value.integer_digits() > whole)
    return "expected at most " + std::to_string(whole) + " digits before the point";
  out += to_plain_text(value);
  return std::nullopt;
}

Refusal Reader::read_float(Decimal const& value, std::string& out) const {
  if (type_.kind == Kind::float32) {
    auto const number = nearest_float<float>(value);
    if (!number) return "expected a number within the range of 32-bit floating point";
    out += shortest_text(*number);
    return std::nullopt;
  }
  auto const number = nearest_float<double>(value);
  if (!number) return "expected a number within the range of 64-bit floating point";
  out += shortest_text(*number);
  return std::nullopt;
}

Refusal Reader::check_number(Decimal const& value) const {
  if (numbers_.minimum && compare(value, *numbers_.minimum) < 0)
    return "expected at least " + *rules_->minimum;
  if (numbers_.maximum && compare(value, *numbers_.maximum) > 0)
    return "expected at most " + *rules_->maximum;
  if (numbers_.exclusive_minimum && compare(value, *numbers_.exclusive_minimum) <= 0)
    return "expected more than " + *rules_->exclusive_minimum;
  if (numbers_.exclusive_maximum && compare(value, *numbers_.exclusive_maximum) >= 0)
    return "expected less than " + *rules_->exclusive_maximum;
  if (step_ && !is_multiple(value, *step_)) return "expected a multiple of " + *rules_->multiple_of;
  if (rules_->valid_values.empty()) return std::nullopt;
  return check_values(to_plain_text(value));
}

}  // namespace hansa::types
