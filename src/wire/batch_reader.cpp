#include <cassert>
#include <limits>

#include "base/varint.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"
#include "wire/record_batch.h"

namespace hansa::wire {
namespace {

std::unexpected<Error> malformed(std::string detail) {
  return failure(Code::invalid_body, "record batch " + std::move(detail));
}

// A length in front of bytes, -1 for none; false if it does not fit what is left.
bool take_field(std::string_view& rest, std::optional<std::string_view>& field) {
  auto const length = take_varint(rest);
  if (!length || *length < -1) return false;
  if (*length == -1) {
    field.reset();
    return true;
  }
  if (static_cast<std::uint64_t>(*length) > rest.size()) return false;
  field = rest.substr(0, static_cast<std::size_t>(*length));
  rest.remove_prefix(field->size());
  return true;
}

// One record as it stands: deltas for offset and time, headers one by one to `on_header`. False if
// it is malformed.
template <class OnHeader>
bool take_record(std::string_view& rest, std::int64_t& offset_delta, Record& record,
                 OnHeader&& on_header) {
  auto const length = take_varint(rest);
  if (!length || *length < 1 || static_cast<std::uint64_t>(*length) > rest.size()) return false;
  auto body = rest.substr(0, static_cast<std::size_t>(*length));
  rest.remove_prefix(body.size());
  body.remove_prefix(1);  // the record's attributes, of which none is in use
  auto const timestamp_delta = take_varint(body);
  if (!timestamp_delta) return false;
  auto const offset = take_varint(body);
  if (!offset) return false;
  record.timestamp_ms = *timestamp_delta;
  offset_delta = *offset;
  if (!take_field(body, record.key) || !take_field(body, record.value)) return false;
  auto const headers = take_varint(body);
  if (!headers || *headers < 0) return false;
  // Each header takes two bytes at least, so a false count ends with the bytes.
  for (std::int64_t i = 0; i < *headers; ++i) {
    std::optional<std::string_view> key;
    RecordHeader header;
    if (!take_field(body, key) || !key || !take_field(body, header.value)) return false;
    header.key = *key;
    on_header(header);
  }
  return body.empty();
}

BatchHeader load_header(char const* at) {
  return {.base_offset = load_big_endian<std::int64_t>(at),
          .leader_epoch = load_big_endian<std::int32_t>(at + 12),
          .attributes = load_big_endian<std::uint16_t>(at + 21),
          .last_offset_delta = load_big_endian<std::int32_t>(at + 23),
          .base_timestamp_ms = load_big_endian<std::int64_t>(at + 27),
          .max_timestamp_ms = load_big_endian<std::int64_t>(at + 35),
          .producer_id = load_big_endian<std::int64_t>(at + 43),
          .producer_epoch = load_big_endian<std::int16_t>(at + 51),
          .base_sequence = load_big_endian<std::int32_t>(at + 53),
          .record_count = load_big_endian<std::int32_t>(at + 57)};
}

Result<void> check_header(BatchHeader const& header) {
  if ((header.attributes & 7U) > static_cast<unsigned>(Codec::zstd))
    return malformed("has an unknown compression");
  if (header.record_count < 0) return malformed("has a negative count of records");
  if (header.last_offset_delta < 0 || header.record_count - 1 > header.last_offset_delta)
    return malformed("counts more records than it has offsets");
  if (header.base_offset < 0 ||
      header.base_offset > std::numeric_limits<std::int64_t>::max() - header.last_offset_delta - 1)
    return malformed("has offsets out of range");
  return {};
}

}  // namespace

Result<std::size_t> batch_size(std::string_view bytes) {
  if (bytes.size() < 12) return malformed("is cut short");
  auto const length = load_big_endian<std::int32_t>(bytes.data() + 8);
  if (length < static_cast<std::int32_t>(batch_header_bytes - 12))
    return malformed("declares a length below that of its header");
  return static_cast<std::size_t>(length) + 12;
}

Result<void> check_records(BatchHeader const& header, std::string_view records) {
  std::int64_t last = -1;
  Record record;
  for (std::int32_t i = 0; i < header.record_count; ++i) {
    std::int64_t delta = 0;
    if (!take_record(records, delta, record, [](RecordHeader const&) {}))
      return malformed("holds a malformed record at index " + std::to_string(i));
    if (delta <= last || delta > header.last_offset_delta)
      return malformed("holds offsets that do not ascend within it, at index " + std::to_string(i));
    last = delta;
  }
  if (!records.empty()) return malformed("has bytes behind its last record");
  return {};
}

Result<BatchView> read_batch(std::string_view bytes) {
  HANSA_TRY(auto const size, batch_size(bytes));
  if (size > bytes.size()) return malformed("is cut short");
  bytes = bytes.substr(0, size);
  if (bytes[16] != 2) return malformed("is not of version 2");
  if (crc32c(bytes.substr(21)) != load_big_endian<std::uint32_t>(bytes.data() + 17))
    return malformed("does not match its CRC");
  BatchView const view{load_header(bytes.data()), bytes, bytes.substr(batch_header_bytes)};
  HANSA_CHECK_OK(check_header(view.header));
  if (view.codec() == Codec::none) HANSA_CHECK_OK(check_records(view.header, view.records));
  return view;
}

RecordCursor::RecordCursor(BatchHeader const& header, std::string_view records)
    : header_(header), rest_(records), left_(header.record_count) {}

Record const* RecordCursor::next() {
  if (left_ == 0) return nullptr;
  --left_;
  headers_.clear();
  std::int64_t delta = 0;
  bool const taken = take_record(
      rest_, delta, record_, [this](RecordHeader const& header) { headers_.push_back(header); });
  assert(taken);
  if (!taken) {
    left_ = 0;
    return nullptr;
  }
  offset_ = header_.base_offset + delta;
  bool const appended = (header_.attributes & 8U) != 0;
  record_.timestamp_ms =
      appended ? header_.max_timestamp_ms
               : static_cast<std::int64_t>(static_cast<std::uint64_t>(header_.base_timestamp_ms) +
                                           static_cast<std::uint64_t>(record_.timestamp_ms));
  record_.headers = headers_;
  return &record_;
}

}  // namespace hansa::wire
