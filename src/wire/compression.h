// The compression of record batches (Kafka's message format: gzip, snappy, lz4, zstd). Pure; open
// to all threads. Compressed bytes are hostile: what comes of them is bounded, and so is the memory
// it takes, whatever lengths they declare.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/record_batch.h"

namespace hansa::wire {

// Several members, or frames, behind each other are one. snappy: with the framing of snappy-java,
// which Java clients write, or without. Error: decompression_failed, also when more than
// `bytes_max` would come out.
[[nodiscard]] Result<std::string> decompress(Codec codec, std::string_view bytes,
                                             std::size_t bytes_max);

// As a Java client would write it. Throws Failure (internal) if the library fails.
[[nodiscard]] std::string compress(Codec codec, std::string_view bytes);

// A batch whose records can be walked.
struct OpenBatch {
  BatchView view;  // codec() is none; views `decompressed`, or what was opened
  std::unique_ptr<std::string const> decompressed;
};

inline constexpr std::size_t opened_bytes_max = 64U << 20U;

// Errors: decompression_failed, and invalid_body where the records are not what the header says.
[[nodiscard]] Result<OpenBatch> open_batch(BatchView const& batch,
                                           std::size_t bytes_max = opened_bytes_max);

}  // namespace hansa::wire
