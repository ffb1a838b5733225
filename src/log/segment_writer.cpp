#include "log/segment_writer.h"

#include <cassert>
#include <utility>

#include "wire/big_endian.h"

namespace hansa::log {
namespace {

// Where a batch begins is the sum of the lengths before it. The one value is cut on the server,
// which copies each byte once more and costs less than as many parameters.
constexpr std::string_view insert_segments = R"(
insert into hansa.segment (topic, partition, base_offset, next_offset, max_time_ms, records, batch)
select topic, partition, base_offset, next_offset, max_time_ms, records,
       substring($8::bytea from (sum(length) over (order by place) - length + 1)::int for length)
from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::int[])
     with ordinality as s (topic, partition, base_offset, next_offset, max_time_ms, records, length,
                           place))";

}  // namespace

void SegmentWriter::clear() {
  auto kept = std::move(batches_);  // its memory is
  kept.clear();
  *this = {};
  batches_ = std::move(kept);
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
  topics_.add(topic);
  partitions_.add(partition);
  bases_.add(wire::load_big_endian<std::int64_t>(batch.data()));
  nexts_.add(next_offset);
  times_.add(wire::load_big_endian<std::int64_t>(batch.data() + 35));
  counts_.add(records);
  lengths_.add(batch.size());
  batches_ += batch;
  ++segments_;
  records_ += static_cast<std::uint64_t>(records);
  bytes_ += batch.size();
}

postgres::Statement SegmentWriter::insert() const {
  assert(segments_ > 0);
  return {.sql = insert_segments,
          .params = {topics_.text(), partitions_.text(), bases_.text(), nexts_.text(),
                     times_.text(), counts_.text(), lengths_.text()},
          .bytes = batches_};
}

}  // namespace hansa::log
