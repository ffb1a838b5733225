// The groups of Kafka clients and the requests that wait in them. Confined to the thread of its
// io_context.
#pragma once

#include <map>

#include "async/deadline.h"
#include "async/suspended.h"
#include "base/observe.h"
#include "gateway/group.h"

namespace hansa::gateway {

class Coordinator {
 public:
  Coordinator(async::asio::io_context& context, GroupLimits limits, Observer* observer);

  // Suspend until the group has an answer.
  async::Task<wire::JoinGroupResponse> join(wire::JoinGroupRequest request, Asking asking);
  async::Task<wire::SyncGroupResponse> sync(wire::SyncGroupRequest request, Asking asking);

  // For all else; settle() after any call that changes something.
  [[nodiscard]] Groups& groups() { return groups_; }
  // Hands out the answers there are, and sees to the next deadline.
  void settle();
  // Ends all groups: whoever waits is told `error`.
  void clear(wire::KafkaError error);

 private:
  using Answer = std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse>;
  async::Task<Answer> wait(Token token);

  Groups groups_;
  Observer* observer_;
  async::Alarm alarm_;
  Token last_token_ = 0;
  std::map<Token, async::Suspended<Answer>> waiting_;
  std::map<Token, Answer> early_;  // answers whose callers do not wait yet
};

}  // namespace hansa::gateway
