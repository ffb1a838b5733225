// Which partition a key belongs to, as Kafka's Java client and all that follow it decide. Pure
// functions of any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hansa::wire {

// The 32-bit MurmurHash2 with the seed 0x9747b28c, as the Java client computes it (there a signed
// int of the same bits).
[[nodiscard]] std::uint32_t murmur2(std::string_view key);

// 0..partitions-1. Requires partitions > 0.
[[nodiscard]] std::int32_t partition_of(std::string_view key, std::int32_t partitions);

}  // namespace hansa::wire
