#include "log/segment_writer.h"

#include <cassert>

#include "wire/big_endian.h"

namespace hansa::log {
namespace {

template <class T>
void put(T value, std::string& out) {
  char bytes[sizeof value];
  wire::store_big_endian(value, bytes);
  out.append(bytes, sizeof value);
}

// A field of a tuple: its length, its value.
template <class T>
void put_field(T value, std::string& out) {
  put(static_cast<std::int32_t>(sizeof value), out);
  put(value, out);
}

}  // namespace

void SegmentWriter::clear() {
  // The signature, no flags, no extension.
  copy_.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  segments_ = records_ = bytes_ = 0;
}

void SegmentWriter::append(PartitionEnd& end, wire::Record const& record) {
  if (end.batch.count() > 0 && (end.batch.count() >= segment_records_max ||
                                end.batch.bytes() + wire::record_bytes(record) > segment_bytes_max))
    cut(end);
  end.batch.append(record);
}

void SegmentWriter::cut(PartitionEnd& end) {
  auto const count = end.batch.count();
  if (count == 0) return;
  add(end.topic, end.partition, end.next + count, end.batch.finish(end.next));
  end.next += count;
  end.batch.clear();
}

void SegmentWriter::add(std::int32_t topic, std::int32_t partition, std::int64_t next_offset,
                        std::string_view batch) {
  assert(batch.size() >= wire::batch_header_bytes);
  auto const records = wire::load_big_endian<std::int32_t>(batch.data() + 57);
  put(std::int16_t{7}, copy_);
  put_field(topic, copy_);
  put_field(partition, copy_);
  put_field(wire::load_big_endian<std::int64_t>(batch.data()), copy_);
  put_field(next_offset, copy_);
  put_field(wire::load_big_endian<std::int64_t>(batch.data() + 35), copy_);
  put_field(records, copy_);
  put(static_cast<std::int32_t>(batch.size()), copy_);
  copy_ += batch;
  ++segments_;
  records_ += static_cast<std::uint64_t>(records);
  bytes_ += batch.size();
}

std::string_view SegmentWriter::finish() {
  put(std::int16_t{-1}, copy_);
  return copy_;
}

}  // namespace hansa::log
