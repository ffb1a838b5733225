#include "wire/groups.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

// A string that may be null from version `nullable` on.
template <class Io>
void text(Io& io, std::optional<std::string>& value, bool nullable) {
  if (nullable) {
    io(value);
    return;
  }
  auto plain = value.value_or(std::string{});
  io(plain);
  if constexpr (Io::reading) value = std::move(plain);
}

template <class Io>
void fields(Io& io, JoinGroupRequest& m, std::int16_t version) {
  io(m.group);
  io(m.session_timeout_ms);
  if (version >= 1) io(m.rebalance_timeout_ms);
  io(m.member);
  if (version >= 5) io(m.instance);
  io(m.protocol_type);
  io.array(m.protocols, [&](auto& each) {
    io(each.name);
    io.bytes(each.metadata);
    io.end();
  });
  if (version >= 8) io(m.reason);
  io.end();
}

template <class Io>
void fields(Io& io, JoinGroupResponse& m, std::int16_t version) {
  if (version >= 2) io(m.throttle_ms);
  io(m.error);
  io(m.generation);
  if (version >= 7) io(m.protocol_type);
  text(io, m.protocol_name, version >= 7);
  io(m.leader);
  if (version >= 9) io(m.skip_assignment);
  io(m.member);
  io.array(m.members, [&](auto& each) {
    io(each.id);
    if (version >= 5) io(each.instance);
    io.bytes(each.metadata);
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, SyncGroupRequest& m, std::int16_t version) {
  io(m.group);
  io(m.generation);
  io(m.member);
  if (version >= 3) io(m.instance);
  if (version >= 5) {
    io(m.protocol_type);
    io(m.protocol_name);
  }
  io.array(m.assignments, [&](auto& each) {
    io(each.member);
    io.bytes(each.assignment);
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, SyncGroupResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  io(m.error);
  if (version >= 5) {
    io(m.protocol_type);
    io(m.protocol_name);
  }
  io.bytes(m.assignment);
  io.end();
}

template <class Io>
void fields(Io& io, HeartbeatRequest& m, std::int16_t version) {
  io(m.group);
  io(m.generation);
  io(m.member);
  if (version >= 3) io(m.instance);
  io.end();
}

template <class Io>
void fields(Io& io, HeartbeatResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  io(m.error);
  io.end();
}

template <class Io>
void fields(Io& io, LeaveGroupRequest& m, std::int16_t version) {
  io(m.group);
  if (version >= 3) {
    io.array(m.members, [&](auto& each) {
      io(each.id);
      io(each.instance);
      if (version >= 5) io(each.reason);
      io.end();
    });
  } else {
    if constexpr (Io::reading) m.members.emplace_back();
    io(m.members.front().id);
  }
  io.end();
}

template <class Io>
void fields(Io& io, LeaveGroupResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  io(m.error);
  if (version >= 3)
    io.array(m.members, [&](auto& each) {
      io(each.id);
      io(each.instance);
      io(each.error);
      io.end();
    });
  io.end();
}

template <class Io>
void fields(Io& io, DescribeGroupsRequest& m, std::int16_t version) {
  io(m.groups);
  if (version >= 3) io(m.operations);
  io.end();
}

template <class Io>
void fields(Io& io, DescribeGroupsResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  io.array(m.groups, [&](auto& group) {
    io(group.error);
    io(group.name);
    io(group.state);
    io(group.protocol_type);
    io(group.protocol);
    io.array(group.members, [&](auto& each) {
      io(each.id);
      if (version >= 4) io(each.instance);
      io(each.client_id);
      io(each.client_host);
      io.bytes(each.metadata);
      io.bytes(each.assignment);
      io.end();
    });
    if (version >= 3) io(group.operations);
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, ListGroupsRequest& m, std::int16_t version) {
  if (version >= 4) io(m.states);
  io.end();
}

template <class Io>
void fields(Io& io, ListGroupsResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  io(m.error);
  io.array(m.groups, [&](auto& each) {
    io(each.name);
    io(each.protocol_type);
    if (version >= 4) io(each.state);
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, DeleteGroupsRequest& m, std::int16_t) {
  io(m.groups);
  io.end();
}

template <class Io>
void fields(Io& io, DeleteGroupsResponse& m, std::int16_t) {
  io(m.throttle_ms);
  io.array(m.groups, [&](auto& each) {
    io(each.name);
    io(each.error);
    io.end();
  });
  io.end();
}

}  // namespace

HANSA_MESSAGE(JoinGroupRequest)
HANSA_MESSAGE(JoinGroupResponse)
HANSA_MESSAGE(SyncGroupRequest)
HANSA_MESSAGE(SyncGroupResponse)
HANSA_MESSAGE(HeartbeatRequest)
HANSA_MESSAGE(HeartbeatResponse)
HANSA_MESSAGE(LeaveGroupRequest)
HANSA_MESSAGE(LeaveGroupResponse)
HANSA_MESSAGE(DescribeGroupsRequest)
HANSA_MESSAGE(DescribeGroupsResponse)
HANSA_MESSAGE(ListGroupsRequest)
HANSA_MESSAGE(ListGroupsResponse)
HANSA_MESSAGE(DeleteGroupsRequest)
HANSA_MESSAGE(DeleteGroupsResponse)

}  // namespace hansa::wire
