// The smallest pieces of Avro's binary encoding: zigzag longs and little-endian floats. Pure;
// reading is bounded by the view it is given.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::avro {

static_assert(std::endian::native == std::endian::little);

inline void write_long(std::int64_t value, std::string& out) {
  auto rest = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
  if (rest < 0x80) {
    out += static_cast<char>(rest);
    return;
  }
  char buffer[10];
  std::size_t size = 0;
  for (; rest >= 0x80; rest >>= 7U) buffer[size++] = static_cast<char>(rest | 0x80U);
  buffer[size++] = static_cast<char>(rest);
  out.append(buffer, size);
}

// Takes a long from the front of `rest`; nullopt if it is cut short or holds more than 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> take_long(std::string_view& rest) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < rest.size(); ++i) {
    auto const byte = static_cast<unsigned char>(rest[i]);
    if (i == 9 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      rest.remove_prefix(i + 1);
      return static_cast<std::int64_t>((value >> 1U) ^ (0 - (value & 1U)));
    }
  }
  return std::nullopt;
}

template <class Float>
void write_float(Float value, std::string& out) {
  char buffer[sizeof value];
  std::memcpy(buffer, &value, sizeof value);
  out.append(buffer, sizeof value);
}

template <class Float>
[[nodiscard]] std::optional<Float> take_float(std::string_view& rest) {
  Float value = 0;
  if (rest.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, rest.data(), sizeof value);
  rest.remove_prefix(sizeof value);
  return value;
}

}  // namespace hansa::avro
