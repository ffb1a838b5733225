// Zigzag varints, as Avro's longs and Kafka's records hold them. Pure; reading is bounded by the
// view it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hansa {

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

// 1..10.
[[nodiscard]] constexpr std::size_t varint_bytes(std::int64_t value) {
  std::size_t count = 1;
  for (auto rest = zigzag(value) >> 7U; rest != 0; rest >>= 7U) ++count;
  return count;
}

inline void write_varint(std::int64_t value, std::string& out) {
  auto rest = zigzag(value);
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

// Takes a varint from the front of `rest`; nullopt if it is cut short or holds more than 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> take_varint(std::string_view& rest) {
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

}  // namespace hansa
