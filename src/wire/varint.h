// Zigzag varints as Kafka's records hold them, and big-endian integers. Pure; reading is bounded by
// the view it is given.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::wire {

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
  for (; rest >= 0x80; rest >>= 7U) out += static_cast<char>(rest | 0x80U);
  out += static_cast<char>(rest);
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

// Requires sizeof(T) bytes at `from`.
template <std::integral T>
[[nodiscard]] T load_big_endian(char const* from) {
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value =
        static_cast<std::make_unsigned_t<T>>((value << 8U) | static_cast<unsigned char>(from[i]));
  return static_cast<T>(value);
}

// Requires room for sizeof(T) bytes at `to`.
template <std::integral T>
void store_big_endian(T value, char* to) {
  auto rest = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = sizeof(T); i-- > 0; rest = static_cast<decltype(rest)>(rest >> 8U))
    to[i] = static_cast<char>(rest & 0xFFU);
}

}  // namespace hansa::wire
