// Consumer groups by the classic protocol, as a state machine: who is a member, who leads, which
// generation it is (KIP-62, 134, 345, 394, 559, 814). No I/O and no clock: whoever calls says what
// time it is. Confined to one thread; nothing fails but by an answer.
//
// JoinGroup and SyncGroup may have to wait for others: their answers come from take_answers(),
// under the token they were asked with. next_deadline() says when tick() has something to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/groups.h"

namespace hansa::gateway {

using Moment = std::chrono::steady_clock::time_point;
using Token = std::uint64_t;

enum class GroupState : std::uint8_t { empty, preparing, completing, stable };
[[nodiscard]] std::string_view to_text(GroupState state);  // Kafka's: "PreparingRebalance"

struct GroupLimits {
  std::chrono::milliseconds session_min{6'000}, session_max{1'800'000};
  std::chrono::milliseconds rebalance_max{1'800'000};
  // How long the first rebalance of an empty group waits for more members.
  std::chrono::milliseconds initial_delay{500};
  std::size_t groups_max = 10'000;
  std::size_t members_max = 1'000;             // of one group, those included who have yet to join
  std::size_t member_bytes_max = 256U << 10U;  // of protocols and their metadata
};

struct GroupAnswer {
  Token token = 0;
  std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse> response;
};

struct GroupMember {
  std::string id;
  std::optional<std::string> instance;
  std::string client_id, client_host;
  std::chrono::milliseconds session_timeout{}, rebalance_timeout{};
  std::vector<wire::JoinGroupRequest::Protocol> protocols;
  std::string assignment;
  Moment expires{};
  std::optional<Token> joining, syncing;  // requests that wait
  std::int16_t join_version = 0;
};

struct Group {
  std::string name;
  GroupState state = GroupState::empty;
  std::int32_t generation = 0;
  std::string protocol_type;
  std::optional<std::string> protocol;  // chosen for this generation
  std::string leader;
  std::map<std::string, GroupMember> members;    // by id
  std::map<std::string, std::string> instances;  // static members: instance to id
  std::map<std::string, Moment> pending;         // got an id and have yet to join with it
  std::vector<std::string> joined;               // in the order they came, of this rebalance
  Moment rebalance_ends{};
  std::optional<Moment> initial_until;  // an initial delay runs; it may grow up to this
  bool grew = false;                    // since the delay was last set
};

// Who asks.
struct Asking {
  Token token = 0;
  std::int16_t version = 0;
  std::string client_id, client_host;
};

class Groups {
 public:
  // `draw` makes the part of a member's id that is by chance.
  Groups(GroupLimits limits, std::function<std::string()> draw);

  // nullopt: the answer comes later.
  [[nodiscard]] std::optional<wire::JoinGroupResponse> join(wire::JoinGroupRequest const& request,
                                                            Asking const& asking, Moment now);
  [[nodiscard]] std::optional<wire::SyncGroupResponse> sync(wire::SyncGroupRequest const& request,
                                                            Asking const& asking, Moment now);
  [[nodiscard]] wire::KafkaError heartbeat(wire::HeartbeatRequest const& request, Moment now);
  [[nodiscard]] wire::LeaveGroupResponse leave(wire::LeaveGroupRequest const& request, Moment now);
  // Whether such a member may commit now; a generation below 0 is a consumer that needs no group.
  [[nodiscard]] wire::KafkaError may_commit(std::string const& group, std::int32_t generation,
                                            std::string const& member,
                                            std::optional<std::string> const& instance, Moment now);
  // The group is forgotten; non_empty_group where it has members, group_id_not_found.
  [[nodiscard]] wire::KafkaError remove(std::string const& group);

  [[nodiscard]] Group const* find(std::string const& group) const;
  [[nodiscard]] std::map<std::string, Group> const& all() const { return groups_; }

  // Everybody has to join again, somewhere: this process leads no more.
  void clear(wire::KafkaError error);

  [[nodiscard]] std::optional<Moment> next_deadline() const;
  void tick(Moment now);
  [[nodiscard]] std::vector<GroupAnswer> take_answers();
  // Groups whose state or generation changed since the last call.
  [[nodiscard]] std::set<std::string> take_changes();

 private:
  using Join = wire::JoinGroupRequest;
  using JoinAnswer = std::optional<wire::JoinGroupResponse>;

  [[nodiscard]] wire::KafkaError check_join(Join const& request) const;
  [[nodiscard]] JoinAnswer join_new(Group& group, Join const& request, Asking const& asking,
                                    Moment now);
  [[nodiscard]] JoinAnswer join_again(Group& group, Join const& request, Asking const& asking,
                                      Moment now);
  [[nodiscard]] JoinAnswer replace_static(Group& group, Join const& request, Asking const& asking,
                                          Moment now);
  void add_member(Group& group, std::string id, Join const& request, Asking const& asking,
                  Moment now);
  void update_member(Group& group, GroupMember& member, Join const& request, Asking const& asking,
                     Moment now);
  [[nodiscard]] wire::JoinGroupResponse joined(Group const& group, GroupMember const& member) const;
  void answer(Token token, std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse> response);
  void answer_sync(Group const& group, GroupMember& member, wire::KafkaError error);
  void prepare(Group& group, Moment now);
  void try_complete(Group& group, Moment now);
  void complete(Group& group, Moment now);
  void remove_member(Group& group, std::string const& id, Moment now);
  void drop_member(Group& group, std::string const& id);
  void tick_group(Group& group, Moment now);
  void change(Group& group, GroupState state);

  GroupLimits limits_;
  std::function<std::string()> draw_;
  std::map<std::string, Group> groups_;
  std::vector<GroupAnswer> answers_;
  std::set<std::string> changes_;
};

}  // namespace hansa::gateway
