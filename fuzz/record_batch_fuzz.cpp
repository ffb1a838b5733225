// Record batches: what is taken is walked, written again and read back the same. The CRC is made
// right first, or no input would get past it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/varint.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"
#include "wire/record_batch.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa::wire;
  std::string bytes(reinterpret_cast<char const*>(data), size);
  auto const declared = batch_size(bytes);
  if (declared && *declared <= bytes.size())
    store_big_endian(crc32c(std::string_view(bytes).substr(21, *declared - 21)), bytes.data() + 17);
  auto const batch = read_batch(bytes);
  if (!batch || batch->codec() != Codec::none || batch->header.record_count == 0) return 0;
  BatchWriter writer;
  auto cursor = batch->cursor();
  std::int32_t count = 0;
  while (auto const* record = cursor.next()) {
    auto const delta = cursor.offset() - batch->header.base_offset;
    if (delta == 0x7FFFFFFF) return 0;
    writer.append_at(static_cast<std::int32_t>(delta), *record);
    ++count;
  }
  if (count != batch->header.record_count) std::abort();
  auto const again = read_batch(writer.finish(batch->header.base_offset));
  if (!again || again->header.record_count != count) std::abort();
  return 0;
}
