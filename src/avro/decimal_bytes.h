// Decimals as Avro holds them: the unscaled integer, two's complement, big-endian, as short as it
// goes. Exact for up to 1000 digits. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hansa::avro {

// What is wrong, as the end of a sentence that begins with the value; nullptr if nothing is.
using Reason = char const*;

struct DecimalShape {
  std::uint32_t precision = 0;  // 1..1000
  std::uint32_t scale = 0;      // 0..precision
};

// Appends the bytes of a number like "-12.50" or "1e3" to `out`. Refuses what the shape cannot hold
// exactly.
[[nodiscard]] Reason append_decimal_bytes(std::string_view number, DecimalShape shape,
                                          std::string& out);

// The other way: appends digits with exactly `scale` places. Refuses no bytes at all and more
// digits than `precision`.
[[nodiscard]] Reason append_decimal_digits(std::string_view bytes, DecimalShape shape,
                                           std::string& out);

}  // namespace hansa::avro
