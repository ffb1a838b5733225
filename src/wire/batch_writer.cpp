#include <algorithm>
#include <cassert>
#include <limits>

#include "wire/crc32c.h"
#include "wire/record_batch.h"
#include "wire/varint.h"

namespace hansa::wire {
namespace {

[[maybe_unused]] constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t timestamp_delta_bytes_max = 10;
constexpr std::size_t offset_delta_bytes_max = 5;

std::int64_t length_of(std::string_view text) { return static_cast<std::int64_t>(text.size()); }

std::size_t field_bytes(std::optional<std::string_view> const& field) {
  return field ? varint_bytes(length_of(*field)) + field->size() : 1;
}

void write_field(std::optional<std::string_view> const& field, std::string& out) {
  if (!field) return write_varint(-1, out);
  write_varint(length_of(*field), out);
  out += *field;
}

// Without the length in front, the attributes and the two deltas.
std::size_t payload_bytes(Record const& record) {
  auto bytes = field_bytes(record.key) + field_bytes(record.value) +
               varint_bytes(static_cast<std::int64_t>(record.headers.size()));
  for (auto const& header : record.headers)
    bytes += field_bytes(header.key) + field_bytes(header.value);
  return bytes;
}

}  // namespace

std::size_t record_bytes(Record const& record) {
  auto const body = 1 + timestamp_delta_bytes_max + offset_delta_bytes_max + payload_bytes(record);
  return varint_bytes(static_cast<std::int64_t>(body)) + body;
}

BatchWriter::BatchWriter() { clear(); }

void BatchWriter::clear() {
  bytes_.assign(batch_header_bytes, '\0');
  header_ = {};
  next_offset_delta_ = 0;
  finished_ = false;
}

void BatchWriter::append_at(std::int32_t offset_delta, Record const& record) {
  if (finished_) clear();
  assert(offset_delta >= next_offset_delta_ && offset_delta < int32_max);
  if (header_.record_count == 0) {
    header_.base_timestamp_ms = record.timestamp_ms;
    header_.max_timestamp_ms = record.timestamp_ms;
  }
  // Unsigned, because the distance of two moments can wrap; a reader adds it back the same way.
  auto const timestamp_delta =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(record.timestamp_ms) -
                                static_cast<std::uint64_t>(header_.base_timestamp_ms));
  auto const body =
      1 + varint_bytes(timestamp_delta) + varint_bytes(offset_delta) + payload_bytes(record);
  write_varint(static_cast<std::int64_t>(body), bytes_);
  bytes_ += '\0';
  write_varint(timestamp_delta, bytes_);
  write_varint(offset_delta, bytes_);
  write_field(record.key, bytes_);
  write_field(record.value, bytes_);
  write_varint(static_cast<std::int64_t>(record.headers.size()), bytes_);
  for (auto const& header : record.headers) {
    write_field(header.key, bytes_);
    write_field(header.value, bytes_);
  }
  assert(bytes_.size() < int32_max);
  header_.max_timestamp_ms = std::max(header_.max_timestamp_ms, record.timestamp_ms);
  header_.last_offset_delta = offset_delta;
  next_offset_delta_ = offset_delta + 1;
  ++header_.record_count;
}

std::string_view BatchWriter::finish(std::int64_t base_offset) {
  assert(header_.record_count > 0);
  header_.base_offset = base_offset;
  char* const at = bytes_.data();
  store_big_endian(header_.base_offset, at);
  store_big_endian(static_cast<std::int32_t>(bytes_.size() - 12), at + 8);
  store_big_endian(header_.leader_epoch, at + 12);
  at[16] = 2;
  store_big_endian(header_.attributes, at + 21);
  store_big_endian(header_.last_offset_delta, at + 23);
  store_big_endian(header_.base_timestamp_ms, at + 27);
  store_big_endian(header_.max_timestamp_ms, at + 35);
  store_big_endian(header_.producer_id, at + 43);
  store_big_endian(header_.producer_epoch, at + 51);
  store_big_endian(header_.base_sequence, at + 53);
  store_big_endian(header_.record_count, at + 57);
  store_big_endian(crc32c(std::string_view(bytes_).substr(21)), at + 17);
  finished_ = true;
  return bytes_;
}

void set_base_offset(std::span<char> batch, std::int64_t base_offset) {
  assert(batch.size() >= batch_header_bytes);
  store_big_endian(base_offset, batch.data());
}

}  // namespace hansa::wire
