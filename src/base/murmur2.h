// MurmurHash2 as Kafka's Java client computes it: which partition a key belongs to rests on it, and
// whatever else needs the same number of a text for ever. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hansa {

// 32 bits, with the seed 0x9747b28c (there a signed int of the same bits).
[[nodiscard]] constexpr std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t multiplier = 0x5bd1e995U;
  auto const byte = [key](std::size_t at) -> std::uint32_t {
    return static_cast<unsigned char>(key[at]);
  };
  auto hash = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    auto word = byte(at) | byte(at + 1) << 8U | byte(at + 2) << 16U | byte(at + 3) << 24U;
    word *= multiplier;
    word ^= word >> 24U;
    hash = (hash * multiplier) ^ (word * multiplier);
  }
  if (at < key.size()) {
    for (unsigned shift = 0; at < key.size(); ++at, shift += 8) hash ^= byte(at) << shift;
    hash *= multiplier;
  }
  hash ^= hash >> 13U;
  hash *= multiplier;
  return hash ^ (hash >> 15U);
}

}  // namespace hansa
