#include "wire/partition.h"

#include <cassert>
#include <cstddef>

namespace hansa::wire {

std::uint32_t murmur2(std::string_view key) {
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

std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  assert(partitions > 0);
  return static_cast<std::int32_t>(murmur2(key) & 0x7FFFFFFFU) % partitions;
}

}  // namespace hansa::wire
