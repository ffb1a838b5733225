// JSON: whatever is taken is written and read back the same.
#include <cstdint>
#include <cstdlib>

#include "json/value.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const value = json::parse(text);
  if (!value) return 0;
  auto const written = json::to_text(*value);
  auto const again = json::parse(written);
  if (!again || *again != *value) std::abort();
  if (json::parse(json::to_pretty_text(*value)) != *value) std::abort();
  return 0;
}
