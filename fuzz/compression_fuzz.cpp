// What clients compressed: bounded whatever it says, and what is compressed here comes back. The
// first byte chooses the codec.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/compression.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa::wire;
  constexpr std::size_t bytes_max = 1U << 20U;
  if (size < 1) return 0;
  auto const codec = static_cast<Codec>(data[0] % 5);
  std::string_view const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const opened = decompress(codec, bytes, bytes_max);
  if (opened && opened->size() > bytes_max) std::abort();
  auto const back = decompress(codec, compress(codec, bytes), bytes_max);
  if (!back || *back != bytes) std::abort();
  return 0;
}
