// Big-endian integers. Pure.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::wire {

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
