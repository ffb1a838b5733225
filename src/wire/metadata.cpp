#include "wire/metadata.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

template <class Io>
void fields(Io& io, MetadataRequest& m, std::int16_t version) {
  auto const topic = [&](auto& each) {
    if (version >= 10) {
      io(each.id);
      io(each.name);
    } else {
      auto name = each.name.value_or(std::string{});
      io(name);
      if constexpr (Io::reading) each.name = std::move(name);
    }
    io.end();
  };
  io.array(m.topics, topic);
  if (version >= 4) io(m.topics_made_by_use);
  if (version >= 8) {
    if (version <= 10) io(m.cluster_operations);
    io(m.topic_operations);
  }
  io.end();
  if constexpr (Io::reading)
    if (version == 0 && m.topics && m.topics->empty()) m.topics.reset();
}

template <class Io>
void broker(Io& io, MetadataResponse::Broker& each, bool with_rack) {
  io(each.node_id);
  io(each.host);
  io(each.port);
  if (with_rack) io(each.rack);
  io.end();
}

template <class Io>
void partition(Io& io, MetadataResponse::Partition& each, std::int16_t version) {
  io(each.error);
  io(each.index);
  io(each.leader_id);
  if (version >= 7) io(each.leader_epoch);
  io(each.replicas);
  io(each.in_sync);
  if (version >= 5) io(each.offline);
  io.end();
}

template <class Io>
void fields(Io& io, MetadataResponse& m, std::int16_t version) {
  if (version >= 3) io(m.throttle_ms);
  io.array(m.brokers, [&](auto& each) { broker(io, each, version >= 1); });
  if (version >= 2) io(m.cluster_id);
  if (version >= 1) io(m.controller_id);
  io.array(m.topics, [&](auto& topic) {
    io(topic.error);
    if (version >= 12) {
      io(topic.name);
    } else {
      auto name = topic.name.value_or(std::string{});
      io(name);
      if constexpr (Io::reading) topic.name = std::move(name);
    }
    if (version >= 10) io(topic.id);
    if (version >= 1) io(topic.internal);
    io.array(topic.partitions, [&](auto& each) { partition(io, each, version); });
    if (version >= 8) io(topic.operations);
    io.end();
  });
  if (version >= 8 && version <= 10) io(m.cluster_operations);
  io.end();
}

template <class Io>
void fields(Io& io, DescribeClusterRequest& m, std::int16_t version) {
  io(m.cluster_operations);
  if (version >= 1) io(m.endpoint_type);
  io.end();
}

template <class Io>
void fields(Io& io, DescribeClusterResponse& m, std::int16_t version) {
  io(m.throttle_ms);
  io(m.error);
  io(m.error_message);
  if (version >= 1) io(m.endpoint_type);
  io(m.cluster_id);
  io(m.controller_id);
  io.array(m.brokers, [&](auto& each) { broker(io, each, true); });
  io(m.cluster_operations);
  io.end();
}

template <class Io>
void fields(Io& io, ApiVersionsRequest& m, std::int16_t version) {
  if (version >= 3) {
    io(m.client_name);
    io(m.client_version);
  }
  io.end();
}

template <class Io>
void fields(Io& io, ApiVersionsResponse& m, std::int16_t version) {
  io(m.error);
  io.array(m.apis, [&](auto& each) {
    io(each.api_key);
    io(each.min);
    io(each.max);
    io.end();
  });
  if (version >= 1) io(m.throttle_ms);
  io.end();
}

template <class Io>
void fields(Io& io, FindCoordinatorRequest& m, std::int16_t version) {
  if (version < 4) io(m.name);
  if (version >= 1) io(m.key_type);
  if (version >= 4) io(m.names);
  io.end();
}

template <class Io>
void fields(Io& io, FindCoordinatorResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  if (version >= 4) {
    io.array(m.coordinators, [&](auto& each) {
      io(each.name);
      io(each.node_id);
      io(each.host);
      io(each.port);
      io(each.error);
      io(each.error_message);
      io.end();
    });
  } else {
    if constexpr (Io::reading) m.coordinators.emplace_back();
    auto& one = m.coordinators.front();
    io(one.error);
    if (version >= 1) io(one.error_message);
    io(one.node_id);
    io(one.host);
    io(one.port);
  }
  io.end();
}

template <class Io>
void fields(Io& io, InitProducerIdRequest& m, std::int16_t version) {
  io(m.transactional_id);
  io(m.transaction_timeout_ms);
  if (version >= 3) {
    io(m.producer_id);
    io(m.producer_epoch);
  }
  io.end();
}

template <class Io>
void fields(Io& io, InitProducerIdResponse& m, std::int16_t) {
  io(m.throttle_ms);
  io(m.error);
  io(m.producer_id);
  io(m.producer_epoch);
  io.end();
}

template <class Io>
void fields(Io& io, SaslHandshakeRequest& m, std::int16_t) {
  io(m.mechanism);
}

template <class Io>
void fields(Io& io, SaslHandshakeResponse& m, std::int16_t) {
  io(m.error);
  io(m.mechanisms);
}

template <class Io>
void fields(Io& io, SaslAuthenticateRequest& m, std::int16_t) {
  io.bytes(m.bytes);
  io.end();
}

template <class Io>
void fields(Io& io, SaslAuthenticateResponse& m, std::int16_t version) {
  io(m.error);
  io(m.error_message);
  io.bytes(m.bytes);
  if (version >= 1) io(m.session_lifetime_ms);
  io.end();
}

}  // namespace

HANSA_MESSAGE(MetadataRequest)
HANSA_MESSAGE(MetadataResponse)
HANSA_MESSAGE(DescribeClusterRequest)
HANSA_MESSAGE(DescribeClusterResponse)
HANSA_MESSAGE(ApiVersionsRequest)
HANSA_MESSAGE(ApiVersionsResponse)
HANSA_MESSAGE(FindCoordinatorRequest)
HANSA_MESSAGE(FindCoordinatorResponse)
HANSA_MESSAGE(InitProducerIdRequest)
HANSA_MESSAGE(InitProducerIdResponse)
HANSA_MESSAGE(SaslHandshakeRequest)
HANSA_MESSAGE(SaslHandshakeResponse)
HANSA_MESSAGE(SaslAuthenticateRequest)
HANSA_MESSAGE(SaslAuthenticateResponse)

}  // namespace hansa::wire
