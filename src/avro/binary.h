// The smallest pieces of Avro's binary encoding: longs, which are varints, and little-endian
// floats. Pure; reading is bounded by the view it is given.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/varint.h"

namespace hansa::avro {

static_assert(std::endian::native == std::endian::little);

template <class Float>
void write_float(Float value, std::string& out) {
  char buffer[sizeof value];
  std::memcpy(buffer, &value, sizeof value);
  out.append(buffer, sizeof value);
}

template <class Float>
[[nodiscard]] std::optional<Float> take_float(std::string_view& rest) {
  Float value = 0;
  if (rest.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, rest.data(), sizeof value);
  rest.remove_prefix(sizeof value);
  return value;
}

}  // namespace hansa::avro
