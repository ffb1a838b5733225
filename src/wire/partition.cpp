#include "wire/partition.h"

#include <cassert>

namespace hansa::wire {

std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  assert(partitions > 0);
  return static_cast<std::int32_t>(murmur2(key) & 0x7FFFFFFFU) % partitions;
}

}  // namespace hansa::wire
