// CRC-32C, the checksum of Kafka's record batches (RFC 3720 appendix B.4: polynomial 0x1EDC6F41,
// reflected, first and last value inverted). Pure functions of any thread; nothing fails.
#pragma once

#include <cstdint>
#include <string_view>

namespace hansa::wire {

// By the processor's instruction where it has one (SSE 4.2), else as crc32c_portable.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

// The same value, eight bytes a step by tables. Apart so that tests can hold one against the other.
[[nodiscard]] std::uint32_t crc32c_portable(std::string_view bytes);

}  // namespace hansa::wire
