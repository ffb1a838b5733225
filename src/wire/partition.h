// Which partition a key belongs to, as Kafka's Java client and all that follow it decide. Pure
// functions of any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/murmur2.h"

namespace hansa::wire {

using hansa::murmur2;

// 0..partitions-1. Requires partitions > 0.
[[nodiscard]] std::int32_t partition_of(std::string_view key, std::int32_t partitions);

}  // namespace hansa::wire
