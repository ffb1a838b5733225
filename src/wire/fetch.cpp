#include "wire/fetch.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

template <class Io>
void fields(Io& io, FetchRequest& m, std::int16_t version) {
  io(m.replica_id);
  io(m.wait_max_ms);
  io(m.bytes_min);
  io(m.bytes_max);
  io(m.isolation_level);
  if (version >= 7) {
    io(m.session_id);
    io(m.session_epoch);
  }
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& partition) {
      io(partition.index);
      if (version >= 9) io(partition.current_leader_epoch);
      io(partition.offset);
      if (version >= 12) io(partition.last_fetched_epoch);
      if (version >= 5) io(partition.log_start_offset);
      io(partition.bytes_max);
      io.end();
    });
    io.end();
  });
  if (version >= 7)
    io.array(m.forgotten, [&](auto& topic) {
      io(topic.name);
      io(topic.partitions);
      io.end();
    });
  if (version >= 11) io(m.rack_id);
  io.end();
}

template <class Io>
void fields(Io& io, FetchResponse& m, std::int16_t version) {
  io(m.throttle_ms);
  if (version >= 7) {
    io(m.error);
    io(m.session_id);
  }
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& partition) {
      io(partition.index);
      io(partition.error);
      io(partition.high_watermark);
      io(partition.last_stable_offset);
      if (version >= 5) io(partition.log_start_offset);
      io.array(partition.aborted, [&](auto& aborted) {
        io(aborted.producer_id);
        io(aborted.first_offset);
        io.end();
      });
      if (version >= 11) io(partition.preferred_read_replica);
      io(partition.records);
      io.end();
    });
    io.end();
  });
  io.end();
}

}  // namespace

HANSA_MESSAGE(FetchRequest)
HANSA_MESSAGE(FetchResponse)

}  // namespace hansa::wire
