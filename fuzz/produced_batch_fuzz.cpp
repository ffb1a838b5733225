// A batch as a client gives it to a topic: refused, or one that readers can open and walk. The
// first byte chooses the topic's rules; the checksum is made right first.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/record_check.h"
#include "wire/big_endian.h"
#include "wire/compression.h"
#include "wire/crc32c.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa;
  if (size < 1) return 0;
  std::string bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  if (auto const declared = wire::batch_size(bytes); declared && *declared <= bytes.size())
    wire::store_big_endian(wire::crc32c(std::string_view(bytes).substr(21, *declared - 21)),
                           bytes.data() + 17);
  gateway::BatchRules rules{.bytes_max = 1U << 16U,
                            .decompressed_bytes_max = 1U << 20U,
                            .keys_required = (data[0] & 1U) != 0,
                            .append_time = (data[0] & 2U) != 0};
  std::int32_t seen = 0;
  if ((data[0] & 4U) != 0)
    rules.record = [&seen](wire::Record const&) -> std::optional<std::string> {
      ++seen;
      return std::nullopt;
    };
  auto const taken = gateway::check_batch(bytes, rules, 9, Time{std::chrono::hours(500'000)});
  if (!taken) return 0;
  auto const batch = wire::read_batch(bytes);
  if (!batch || batch->bytes.size() != bytes.size()) std::abort();
  auto const opened = wire::open_batch(*batch, rules.decompressed_bytes_max);
  if (!opened) std::abort();
  std::int32_t count = 0;
  for (auto cursor = opened->view.cursor(); cursor.next() != nullptr;) ++count;
  if (count != taken->record_count || (rules.record && seen != count)) std::abort();
  return 0;
}
