#include "wire/compression.h"

#include <fmt/format.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "wire/big_endian.h"

namespace hansa::wire {
namespace {

constexpr std::size_t step_bytes = 64U << 10U;

std::unexpected<Error> damaged(std::string_view codec) {
  return failure(Code::decompression_failed, fmt::format("the {} data is damaged", codec));
}

std::unexpected<Error> too_large(std::size_t bytes_max) {
  return failure(Code::decompression_failed,
                 fmt::format("more than {} bytes come out of the compressed data", bytes_max));
}

// Room for the next step at the end of `out`, which holds `used` bytes; at most one byte over
// `bytes_max`, so that too much is seen. False when that is reached.
bool grow(std::string& out, std::size_t used, std::size_t bytes_max) {
  if (used > bytes_max) return false;
  if (out.size() == used) out.resize(std::min(bytes_max + 1, std::max(used * 2, step_bytes)));
  return true;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&stream, gzip_only) != Z_OK) return damaged("gzip");
  std::unique_ptr<z_stream, decltype(&inflateEnd)> const end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::size_t used = 0;
  for (;;) {
    if (!grow(out, used, bytes_max)) return too_large(bytes_max);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    int const status = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return damaged("gzip");
    } else if (status != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      return damaged("gzip");
    }
  }
  if (used > bytes_max) return too_large(bytes_max);
  out.resize(used);
  return out;
}

Result<void> unsnap_block(std::string_view block, std::size_t bytes_max, std::string& out) {
  std::size_t length = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &length)) return damaged("snappy");
  if (length > bytes_max - out.size()) return too_large(bytes_max);
  // A block of n bytes says at most 64 for each 3, and no honest one comes near; the length it
  // declares is not worth memory before that is held against it.
  constexpr std::size_t ratio_max = 32;
  if (length / ratio_max > block.size()) return damaged("snappy");
  auto const before = out.size();
  out.resize(before + length);
  if (!snappy::RawUncompress(block.data(), block.size(), out.data() + before))
    return damaged("snappy");
  return {};
}

// snappy-java: a magic of eight bytes, two versions of four, then blocks behind their lengths.
constexpr std::string_view xerial_magic{"\x82SNAPPY\0", 8};
constexpr std::size_t xerial_head = 16;
constexpr std::size_t xerial_block = 32U << 10U;

Result<std::string> unsnap(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  if (!bytes.starts_with(xerial_magic)) {
    HANSA_CHECK_OK(unsnap_block(bytes, bytes_max, out));
    return out;
  }
  if (bytes.size() < xerial_head) return damaged("snappy");
  bytes.remove_prefix(xerial_head);
  while (!bytes.empty()) {
    // Streams that were put behind each other have a head each.
    if (bytes.starts_with(xerial_magic) && bytes.size() >= xerial_head) {
      bytes.remove_prefix(xerial_head);
      continue;
    }
    if (bytes.size() < sizeof(std::uint32_t)) return damaged("snappy");
    auto const length = load_big_endian<std::uint32_t>(bytes.data());
    bytes.remove_prefix(sizeof(std::uint32_t));
    if (length > bytes.size()) return damaged("snappy");
    HANSA_CHECK_OK(unsnap_block(bytes.substr(0, length), bytes_max, out));
    bytes.remove_prefix(length);
  }
  return out;
}

Result<std::string> unlz4(std::string_view bytes, std::size_t bytes_max) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) return damaged("lz4");
  std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> const context(
      raw, LZ4F_freeDecompressionContext);
  std::string out;
  std::size_t used = 0;
  std::size_t wanted = 1;  // 0: a frame has ended
  while (!bytes.empty()) {
    if (!grow(out, used, bytes_max)) return too_large(bytes_max);
    std::size_t produced = out.size() - used;
    std::size_t consumed = bytes.size();
    wanted = LZ4F_decompress(context.get(), out.data() + used, &produced, bytes.data(), &consumed,
                             nullptr);
    if (LZ4F_isError(wanted) || (produced == 0 && consumed == 0)) return damaged("lz4");
    used += produced;
    bytes.remove_prefix(consumed);
  }
  // What was consumed may not have come out yet.
  while (wanted != 0) {
    if (!grow(out, used, bytes_max)) return too_large(bytes_max);
    std::size_t produced = out.size() - used;
    std::size_t consumed = 0;
    wanted =
        LZ4F_decompress(context.get(), out.data() + used, &produced, nullptr, &consumed, nullptr);
    if (LZ4F_isError(wanted) || produced == 0) return damaged("lz4");
    used += produced;
  }
  if (used > bytes_max) return too_large(bytes_max);
  out.resize(used);
  return out;
}

Result<std::string> unzstd(std::string_view bytes, std::size_t bytes_max) {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> const context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context) return damaged("zstd");
  // A frame's window is memory it asks for: clients use at most 8 MiB but for extreme levels.
  constexpr int window_log_max = 23;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::size_t used = 0;
  std::size_t left = 1;  // 0: a frame has ended
  while (in.pos < in.size || left != 0) {
    if (!grow(out, used, bytes_max)) return too_large(bytes_max);
    ZSTD_outBuffer room{out.data() + used, out.size() - used, 0};
    auto const before = in.pos;
    left = ZSTD_decompressStream(context.get(), &room, &in);
    if (ZSTD_isError(left) || (room.pos == 0 && in.pos == before)) return damaged("zstd");
    used += room.pos;
  }
  if (used > bytes_max) return too_large(bytes_max);
  out.resize(used);
  return out;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16, memory_level = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw Failure(Code::internal, "zlib refused to begin");
  std::unique_ptr<z_stream, decltype(&deflateEnd)> const end(&stream, deflateEnd);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw Failure(Code::internal, "zlib failed");
  out.resize(stream.total_out);
  return out;
}

std::string snap(std::string_view bytes) {
  std::string out(xerial_magic);
  out.append("\0\0\0\1\0\0\0\1", 8);
  for (std::size_t at = 0; at < bytes.size(); at += xerial_block) {
    auto const block = bytes.substr(at, xerial_block);
    std::string compressed;
    snappy::Compress(block.data(), block.size(), &compressed);
    std::string length(sizeof(std::uint32_t), '\0');
    store_big_endian(static_cast<std::uint32_t>(compressed.size()), length.data());
    out += length;
    out += compressed;
  }
  return out;
}

std::string lz4(std::string_view bytes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // Java reads no other
  std::string out(LZ4F_compressFrameBound(bytes.size(), &preferences), '\0');
  auto const size =
      LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences);
  if (LZ4F_isError(size)) throw Failure(Code::internal, "lz4 failed");
  out.resize(size);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  constexpr int level = 3;
  auto const size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  if (ZSTD_isError(size)) throw Failure(Code::internal, "zstd failed");
  out.resize(size);
  return out;
}

}  // namespace

Result<std::string> decompress(Codec codec, std::string_view bytes, std::size_t bytes_max) {
  switch (codec) {
    case Codec::none:
      if (bytes.size() > bytes_max) return too_large(bytes_max);
      return std::string(bytes);
    case Codec::gzip:
      return gunzip(bytes, bytes_max);
    case Codec::snappy:
      return unsnap(bytes, bytes_max);
    case Codec::lz4:
      return unlz4(bytes, bytes_max);
    case Codec::zstd:
      return unzstd(bytes, bytes_max);
  }
  return failure(Code::decompression_failed, "unknown compression");
}

std::string compress(Codec codec, std::string_view bytes) {
  switch (codec) {
    case Codec::none:
      break;
    case Codec::gzip:
      return gzip(bytes);
    case Codec::snappy:
      return snap(bytes);
    case Codec::lz4:
      return lz4(bytes);
    case Codec::zstd:
      return zstd(bytes);
  }
  return std::string(bytes);
}

Result<OpenBatch> open_batch(BatchView const& batch, std::size_t bytes_max) {
  constexpr unsigned codec_bits = 7;
  OpenBatch open{.view = batch, .decompressed = nullptr};
  if (batch.codec() == Codec::none) return open;
  HANSA_TRY(auto records, decompress(batch.codec(), batch.records, bytes_max));
  HANSA_CHECK_OK(check_records(batch.header, records));
  open.decompressed = std::make_unique<std::string const>(std::move(records));
  open.view.records = *open.decompressed;
  open.view.header.attributes &= static_cast<std::uint16_t>(~codec_bits);
  return open;
}

}  // namespace hansa::wire
