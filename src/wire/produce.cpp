#include "wire/produce.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

template <class Io>
void fields(Io& io, ProduceRequest& m, std::int16_t) {
  io(m.transactional_id);
  io(m.acks);
  io(m.timeout_ms);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& partition) {
      io(partition.index);
      io(partition.records);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, ProduceResponse& m, std::int16_t version) {
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& partition) {
      io(partition.index);
      io(partition.error);
      io(partition.base_offset);
      io(partition.log_append_time_ms);
      if (version >= 5) io(partition.log_start_offset);
      if (version >= 8) {
        io.array(partition.record_errors, [&](auto& error) {
          io(error.batch_index);
          io(error.message);
          io.end();
        });
        io(partition.error_message);
      }
      io.end();
    });
    io.end();
  });
  io(m.throttle_ms);
  io.end();
}

}  // namespace

HANSA_MESSAGE(ProduceRequest)
HANSA_MESSAGE(ProduceResponse)

}  // namespace hansa::wire
