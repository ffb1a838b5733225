#include "avro/decimal_bytes.h"

#include <algorithm>
#include <vector>

#include "types/decimal.h"

namespace hansa::avro {
namespace {

using Wide = __int128;
using Limbs = std::vector<std::uint32_t>;  // the least significant first

constexpr std::size_t wide_digits_max = 38;  // 10^38 < 2^127
constexpr std::size_t bytes_max = 416;       // of 10^1000, sign included

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && is_digit(rest[count])) ++count;
  auto const digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

struct Plain {
  bool negative = false;
  std::string_view whole, fraction;  // without zeros at the outer ends
};

// "-0012.500"; false for anything else.
bool read_plain(std::string_view text, Plain& plain) {
  plain.negative = text.starts_with('-');
  if (plain.negative) text.remove_prefix(1);
  plain.whole = take_digits(text);
  if (plain.whole.empty()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    plain.fraction = take_digits(text);
    if (plain.fraction.empty()) return false;
  }
  auto const leading = std::min(plain.whole.find_first_not_of('0'), plain.whole.size());
  plain.whole.remove_prefix(leading);
  plain.fraction = plain.fraction.substr(0, plain.fraction.find_last_not_of('0') + 1);
  return text.empty();
}

template <class PushDigit>
void for_each_digit(Plain const& plain, std::uint32_t scale, PushDigit push) {
  for (char const c : plain.whole) push(static_cast<unsigned>(c - '0'));
  for (char const c : plain.fraction) push(static_cast<unsigned>(c - '0'));
  for (auto i = plain.fraction.size(); i < scale; ++i) push(0U);
}

// Leaves out leading bytes that only repeat the sign.
std::string_view shortest(std::string_view bytes) {
  auto const sign_of = [](char c) { return static_cast<signed char>(c) < 0 ? '\xff' : '\0'; };
  while (bytes.size() > 1 && bytes[0] == sign_of(bytes[0]) && sign_of(bytes[1]) == bytes[0])
    bytes.remove_prefix(1);
  return bytes;
}

void append_wide(Wide value, std::string& out) {
  char bytes[sizeof value];
  for (std::size_t i = sizeof value; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value);
  out += shortest({bytes, sizeof bytes});
}

void append_limbs(Limbs const& limbs, bool negative, std::string& out) {
  std::string bytes(1, '\0');
  for (std::size_t i = limbs.size(); i-- > 0;)
    for (unsigned shift = 32; shift > 0;)
      bytes += static_cast<char>(limbs[i] >> (shift -= 8) & 0xFFU);
  if (negative) {
    bool carry = true;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      bytes[i] = static_cast<char>(~bytes[i]);
      if (carry) bytes[i] = static_cast<char>(bytes[i] + 1);
      carry = carry && bytes[i] == 0;
    }
  }
  out += shortest(bytes);
}

void multiply_add(Limbs& limbs, std::uint32_t factor, std::uint32_t addend) {
  std::uint64_t carry = addend;
  for (auto& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

// The remainder of the division that `limbs` become.
std::uint32_t divide(Limbs& limbs, std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    remainder = remainder << 32U | limbs[i];
    limbs[i] = static_cast<std::uint32_t>(remainder / divisor);
    remainder %= divisor;
  }
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return static_cast<std::uint32_t>(remainder);
}

// The digits of the magnitude, the last one first; none for zero. Returns the sign.
bool reversed_digits(std::string_view bytes, std::string& digits) {
  bool const negative = static_cast<signed char>(bytes[0]) < 0;
  if (bytes.size() <= sizeof(Wide)) {
    Wide value = negative ? -1 : 0;
    for (char const byte : bytes) value = value * 256 + static_cast<unsigned char>(byte);
    auto rest = static_cast<unsigned __int128>(value);
    if (negative) rest = 0 - rest;
    while (rest > UINT64_MAX) {
      digits += static_cast<char>('0' + static_cast<int>(rest % 10));
      rest /= 10;
    }
    for (auto low = static_cast<std::uint64_t>(rest); low != 0; low /= 10)
      digits += static_cast<char>('0' + low % 10);
    return negative;
  }
  Limbs limbs;
  auto const flip = static_cast<unsigned char>(negative ? 0xFF : 0);
  for (char const byte : bytes) multiply_add(limbs, 256, static_cast<unsigned char>(byte) ^ flip);
  if (negative) multiply_add(limbs, 1, 1);
  while (!limbs.empty()) {
    auto chunk = divide(limbs, 1'000'000'000);
    for (int i = 0; i < 9; ++i, chunk /= 10) digits += static_cast<char>('0' + chunk % 10);
  }
  digits.resize(digits.find_last_not_of('0') + 1);
  return negative;
}

}  // namespace

Reason append_decimal_bytes(std::string_view number, DecimalShape shape, std::string& out) {
  Plain plain;
  std::string expanded;
  if (!read_plain(number, plain)) {
    auto const value = types::parse_decimal(number, types::NumberSyntax::json);
    if (!value) return "is no decimal number";
    if (value->integer_digits() > shape.precision) return "has too many digits before the point";
    if (value->scale() > shape.scale) return "has more digits behind the point than the scale";
    expanded = types::to_plain_text(*value);
    plain = {};
    if (!read_plain(expanded, plain)) return "is no decimal number";
  }
  if (plain.fraction.size() > shape.scale) return "has more digits behind the point than the scale";
  if (plain.whole.size() > shape.precision - shape.scale)
    return "has too many digits before the point";
  if (plain.whole.size() + shape.scale <= wide_digits_max) {
    Wide value = 0;
    for_each_digit(plain, shape.scale, [&](unsigned digit) { value = value * 10 + digit; });
    append_wide(plain.negative ? -value : value, out);
    return nullptr;
  }
  Limbs limbs;
  for_each_digit(plain, shape.scale, [&](unsigned digit) { multiply_add(limbs, 10, digit); });
  append_limbs(limbs, plain.negative, out);
  return nullptr;
}

Reason append_decimal_digits(std::string_view bytes, DecimalShape shape, std::string& out) {
  if (bytes.empty()) return "is a decimal without bytes";
  bytes = shortest(bytes);
  if (bytes.size() > bytes_max) return "has more digits than its precision";
  std::string digits;
  bool const negative = reversed_digits(bytes, digits);
  if (digits.size() > shape.precision) return "has more digits than its precision";
  if (digits.size() <= shape.scale) digits.append(shape.scale + 1 - digits.size(), '0');
  if (negative) out += '-';
  std::reverse(digits.begin(), digits.end());
  out.append(digits, 0, digits.size() - shape.scale);
  if (shape.scale == 0) return nullptr;
  out += '.';
  out.append(digits, digits.size() - shape.scale);
  return nullptr;
}

}  // namespace hansa::avro
