#include "wire/offsets.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

template <class Io>
void fields(Io& io, ListOffsetsRequest& m, std::int16_t version) {
  io(m.replica_id);
  if (version >= 2) io(m.isolation_level);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      if (version >= 4) io(each.current_leader_epoch);
      io(each.timestamp_ms);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, ListOffsetsResponse& m, std::int16_t version) {
  if (version >= 2) io(m.throttle_ms);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.error);
      io(each.timestamp_ms);
      io(each.offset);
      if (version >= 4) io(each.leader_epoch);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, OffsetForLeaderEpochRequest& m, std::int16_t version) {
  if (version >= 3) io(m.replica_id);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.current_leader_epoch);
      io(each.leader_epoch);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, OffsetForLeaderEpochResponse& m, std::int16_t) {
  io(m.throttle_ms);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.error);
      io(each.index);
      io(each.leader_epoch);
      io(each.end_offset);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, OffsetCommitRequest& m, std::int16_t version) {
  io(m.group);
  io(m.generation);
  io(m.member);
  if (version >= 7) io(m.instance);
  if (version <= 4) {
    std::int64_t retention_ms = -1;  // nobody keeps to it since version 5
    io(retention_ms);
  }
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.offset);
      if (version >= 6) io(each.leader_epoch);
      io(each.metadata);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void errors(Io& io, std::vector<PartitionErrors>& topics) {
  io.array(topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.error);
      io.end();
    });
    io.end();
  });
}

template <class Io>
void fields(Io& io, OffsetCommitResponse& m, std::int16_t version) {
  if (version >= 3) io(m.throttle_ms);
  errors(io, m.topics);
  io.end();
}

template <class Io>
void fields(Io& io, OffsetFetchRequest& m, std::int16_t version) {
  auto const topics = [&](auto& group) {
    auto const topic = [&](auto& each) {
      io(each.name);
      io(each.partitions);
      io.end();
    };
    io.array(group.topics, topic);
  };
  if (version >= 8) {
    io.array(m.groups, [&](auto& group) {
      io(group.name);
      topics(group);
      io.end();
    });
  } else {
    if constexpr (Io::reading) m.groups.emplace_back();
    io(m.groups.front().name);
    topics(m.groups.front());
  }
  if (version >= 7) io(m.stable);
  io.end();
}

template <class Io>
void fields(Io& io, OffsetFetchResponse& m, std::int16_t version) {
  auto const topics = [&](auto& group) {
    io.array(group.topics, [&](auto& topic) {
      io(topic.name);
      io.array(topic.partitions, [&](auto& each) {
        io(each.index);
        io(each.offset);
        if (version >= 5) io(each.leader_epoch);
        io(each.metadata);
        io(each.error);
        io.end();
      });
      io.end();
    });
  };
  if (version >= 3) io(m.throttle_ms);
  if (version >= 8) {
    io.array(m.groups, [&](auto& group) {
      io(group.name);
      topics(group);
      io(group.error);
      io.end();
    });
  } else {
    if constexpr (Io::reading) m.groups.emplace_back();
    topics(m.groups.front());
    if (version >= 2) io(m.groups.front().error);
  }
  io.end();
}

template <class Io>
void fields(Io& io, OffsetDeleteRequest& m, std::int16_t) {
  io(m.group);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io(topic.partitions);
  });
}

template <class Io>
void fields(Io& io, OffsetDeleteResponse& m, std::int16_t) {
  io(m.error);
  io(m.throttle_ms);
  errors(io, m.topics);
}

}  // namespace

HANSA_MESSAGE(ListOffsetsRequest)
HANSA_MESSAGE(ListOffsetsResponse)
HANSA_MESSAGE(OffsetForLeaderEpochRequest)
HANSA_MESSAGE(OffsetForLeaderEpochResponse)
HANSA_MESSAGE(OffsetCommitRequest)
HANSA_MESSAGE(OffsetCommitResponse)
HANSA_MESSAGE(OffsetFetchRequest)
HANSA_MESSAGE(OffsetFetchResponse)
HANSA_MESSAGE(OffsetDeleteRequest)
HANSA_MESSAGE(OffsetDeleteResponse)

}  // namespace hansa::wire
