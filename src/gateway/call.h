// One request of a Kafka client on its way through the gateway. Confined to the gateway's thread,
// but for the bytes, which others may read while the call is alive.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "gateway/budget.h"
#include "wire/error.h"
#include "wire/request_header.h"

namespace hansa::gateway {

// Who a connection speaks for.
struct Principal {
  std::string name;                  // as it named itself; empty: nobody in particular
  std::optional<DomainName> domain;  // whose topics it may write; absent: those of any domain
  bool may_write = false;
};

// What a connection knows of itself.
struct Peer {
  std::string local_host;   // the address the client came to
  std::string remote_host;  // "/127.0.0.1", as Kafka writes it
  Principal principal;
};

// The bytes of a request, and the share of memory they take.
struct Frame {
  std::string bytes;
  std::vector<Budget::Share> shares;
};

struct Call {
  std::shared_ptr<Frame> frame;  // header and body
  std::string_view body;         // in `frame`
  wire::RequestHeader header;
  Peer* peer = nullptr;  // the connection's; lives as long as the call
  std::string out;       // the answer without its length; empty: there is none
  wire::KafkaError error = wire::KafkaError::none;  // the first of the answer, for metrics
  bool close = false;  // the client broke the protocol, or asked for an answer that is silence
  std::chrono::steady_clock::time_point begun{};

  void note(wire::KafkaError found) {
    if (error == wire::KafkaError::none) error = found;
  }
};

}  // namespace hansa::gateway
