#include "gateway/group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace hansa::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::KafkaError;

// Members that behave as clients do, and a clock of our own.
struct World {
  explicit World(milliseconds initial_delay = milliseconds(0))
      : groups({.initial_delay = initial_delay}, [this] { return std::to_string(++drawn); }) {}

  static wire::JoinGroupRequest request(std::string member = {},
                                        std::optional<std::string> instance = std::nullopt,
                                        std::string metadata = "m") {
    return {.group = "g",
            .session_timeout_ms = 10'000,
            .rebalance_timeout_ms = 30'000,
            .member = std::move(member),
            .instance = std::move(instance),
            .protocol_type = "consumer",
            .protocols = {{"range", std::move(metadata)}}};
  }
  // The token; an answer at once is found under it, too.
  Token join(wire::JoinGroupRequest const& asked, std::int16_t version = 5) {
    Asking const asking{++token, version, "c", "/h"};
    if (auto at_once = groups.join(asked, asking, now)) joins[token] = *at_once;
    collect();
    return token;
  }
  Token sync(std::string const& member, std::int32_t generation,
             std::vector<wire::SyncGroupRequest::Assignment> assignments = {}) {
    Asking const asking{++token, 5, "c", "/h"};
    wire::SyncGroupRequest const asked{.group = "g",
                                       .generation = generation,
                                       .member = member,
                                       .assignments = std::move(assignments)};
    if (auto at_once = groups.sync(asked, asking, now)) syncs[token] = *at_once;
    collect();
    return token;
  }
  KafkaError beat(std::string const& member, std::int32_t generation,
                  std::optional<std::string> instance = std::nullopt) {
    return groups.heartbeat({"g", generation, member, std::move(instance)}, now);
  }
  KafkaError leave(std::string const& member) {
    auto const answer = groups.leave({"g", {{member, std::nullopt, std::nullopt}}}, now);
    collect();
    return answer.members.at(0).error;
  }
  void pass(milliseconds time) {
    now += time;
    groups.tick(now);
    collect();
  }
  void collect() {
    for (auto& [of, response] : groups.take_answers()) {
      bool const fresh = !joins.contains(of) && !syncs.contains(of);
      EXPECT_TRUE(fresh) << "a second answer";
      if (auto* const joined = std::get_if<wire::JoinGroupResponse>(&response))
        joins[of] = *joined;
      else
        syncs[of] = std::get<wire::SyncGroupResponse>(response);
    }
  }
  // A new member by the newer way: an id first.
  std::string identify() {
    auto const first = join(request());
    EXPECT_EQ(joins.at(first).error, KafkaError::member_id_required);
    return joins.at(first).member;
  }
  [[nodiscard]] Group const& group() const { return *groups.find("g"); }

  int drawn = 0;
  Moment now{seconds(1'000)};
  Groups groups;
  Token token = 0;
  std::map<Token, wire::JoinGroupResponse> joins;
  std::map<Token, wire::SyncGroupResponse> syncs;
};

TEST(Group, OneMemberJoinsSyncsAndBeats) {
  World world;
  auto const id = world.identify();
  EXPECT_TRUE(id.starts_with("c-"));
  auto const joined = world.joins.at(world.join(World::request(id)));
  EXPECT_EQ(joined.error, KafkaError::none);
  EXPECT_EQ(joined.generation, 1);
  EXPECT_EQ(joined.leader, id);
  ASSERT_EQ(joined.members.size(), 1U);
  EXPECT_EQ(joined.members[0].metadata, "m");
  EXPECT_EQ(world.beat(id, 1), KafkaError::none);
  auto const synced = world.syncs.at(world.sync(id, 1, {{id, "all"}}));
  EXPECT_EQ(synced.assignment, "all");
  EXPECT_EQ(world.group().state, GroupState::stable);
  EXPECT_EQ(world.beat(id, 1), KafkaError::none);
  EXPECT_EQ(world.beat(id, 2), KafkaError::illegal_generation);
  EXPECT_EQ(world.beat("other", 1), KafkaError::unknown_member_id);
}

TEST(Group, ASecondMemberRebalances) {
  World world;
  auto const one = world.identify();
  world.join(World::request(one));
  world.sync(one, 1, {{one, "all"}});
  auto const two = world.identify();
  auto const waiting = world.join(World::request(two));
  EXPECT_FALSE(world.joins.contains(waiting));
  EXPECT_EQ(world.beat(one, 1), KafkaError::rebalance_in_progress);
  auto const again = world.join(World::request(one));
  EXPECT_EQ(world.joins.at(waiting).generation, 2);
  EXPECT_EQ(world.joins.at(again).members.size(), 2U);
  EXPECT_TRUE(world.joins.at(waiting).members.empty());
  auto const follower = world.sync(two, 2);
  EXPECT_FALSE(world.syncs.contains(follower));
  world.sync(one, 2, {{one, "a"}, {two, "b"}});
  EXPECT_EQ(world.syncs.at(follower).assignment, "b");
}

TEST(Group, WhoDoesNotComeBackIsLeftBehind) {
  World world;
  auto const one = world.identify();
  world.join(World::request(one));
  world.sync(one, 1, {});
  auto const two = world.identify();
  auto const waiting = world.join(World::request(two));
  world.pass(seconds(9));
  EXPECT_EQ(world.beat(one, 1), KafkaError::rebalance_in_progress);  // alive, but does not join
  for (int i = 0; i < 3; ++i) {
    world.pass(seconds(8));
    static_cast<void>(world.beat(one, 1));
  }
  EXPECT_EQ(world.joins.at(waiting).leader, two);
  EXPECT_EQ(world.beat(one, 1), KafkaError::unknown_member_id);
}

TEST(Group, ASilentMemberGoesWithItsSession) {
  World world;
  auto const one = world.identify();
  world.join(World::request(one));
  world.sync(one, 1, {});
  world.pass(milliseconds(9'999));
  EXPECT_EQ(world.beat(one, 1), KafkaError::none);
  world.pass(milliseconds(10'000));
  EXPECT_EQ(world.beat(one, 1), KafkaError::unknown_member_id);
  world.pass(seconds(60));
  EXPECT_EQ(world.groups.find("g"), nullptr);
}

TEST(Group, AFirstRebalanceWaitsForOthers) {
  World world(milliseconds(500));
  std::vector<Token> tokens;
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    auto const id = world.identify();
    ids.insert(id);
    tokens.push_back(world.join(World::request(id)));
    world.pass(milliseconds(300));
  }
  EXPECT_FALSE(world.joins.contains(tokens[0]));
  world.pass(milliseconds(500));
  world.pass(milliseconds(500));
  for (Token const each : tokens) {
    EXPECT_EQ(world.joins.at(each).generation, 1);
    EXPECT_TRUE(ids.contains(world.joins.at(each).member));
  }
}

TEST(Group, AStaticMemberComesBackWithoutARebalance) {
  World world;
  auto const joined = world.joins.at(world.join(World::request({}, "i")));
  world.sync(joined.member, 1, {{joined.member, "all"}});
  auto const again = world.joins.at(world.join(World::request({}, "i")));
  EXPECT_EQ(again.error, KafkaError::none);
  EXPECT_EQ(again.generation, 1);
  EXPECT_NE(again.member, joined.member);
  EXPECT_EQ(world.beat(joined.member, 1, "i"), KafkaError::fenced_instance_id);
  EXPECT_EQ(world.syncs.at(world.sync(again.member, 1)).assignment, "all");
  auto const left = world.groups.leave({"g", {{"", "i", std::nullopt}}}, world.now);
  EXPECT_EQ(left.members[0].error, KafkaError::none);
}

TEST(Group, RefusesWhatDoesNotFit) {
  World world;
  auto const error = [&world](wire::JoinGroupRequest const& asked) {
    return world.joins.at(world.join(asked)).error;
  };
  auto asked = World::request();
  asked.session_timeout_ms = 5;
  EXPECT_EQ(error(asked), KafkaError::invalid_session_timeout);
  asked = World::request();
  asked.group = "";
  EXPECT_EQ(error(asked), KafkaError::invalid_group_id);
  asked.group = std::string("a\0b", 3);
  EXPECT_EQ(error(asked), KafkaError::invalid_group_id);
  asked = World::request();
  asked.protocols.clear();
  EXPECT_EQ(error(asked), KafkaError::inconsistent_group_protocol);
  EXPECT_EQ(error(World::request("nobody")), KafkaError::unknown_member_id);
  world.join(World::request(world.identify()));
  asked = World::request();
  asked.protocol_type = "connect";
  EXPECT_EQ(error(asked), KafkaError::inconsistent_group_protocol);
  asked = World::request();
  asked.protocols[0].name = "sticky";
  EXPECT_EQ(error(asked), KafkaError::inconsistent_group_protocol);
}

TEST(Group, CommitsAreForThoseWhoOwn) {
  World world;
  auto const may = [&world](std::int32_t generation, std::string const& member) {
    return world.groups.may_commit("g", generation, member, std::nullopt, world.now);
  };
  EXPECT_EQ(may(-1, ""), KafkaError::none);  // needs no group
  EXPECT_EQ(may(3, "x"), KafkaError::unknown_member_id);
  auto const one = world.identify();
  world.join(World::request(one));
  EXPECT_EQ(may(1, one), KafkaError::rebalance_in_progress);
  world.sync(one, 1, {});
  EXPECT_EQ(may(1, one), KafkaError::none);
  EXPECT_EQ(may(0, one), KafkaError::illegal_generation);
  EXPECT_EQ(may(-1, ""), KafkaError::unknown_member_id);  // the group has members
  EXPECT_EQ(world.groups.remove("g"), KafkaError::non_empty_group);
  EXPECT_EQ(world.leave(one), KafkaError::none);
  EXPECT_EQ(world.groups.remove("none"), KafkaError::group_id_not_found);
}

// Members come, go and fall silent at random. In a generation all agree on who leads; nobody of an
// older generation is taken for a member of it; once nothing changes any more, the group is stable.
class Churn {
 public:
  explicit Churn(std::uint32_t seed) : random_(seed), world_(milliseconds(200)) {}

  void run() {
    for (int step = 0; step < 400; ++step) {
      act();
      world_.pass(milliseconds(200));
      settle();
    }
    for (int step = 0; step < 400; ++step) {  // 80 seconds: longer than any timeout
      world_.pass(milliseconds(200));
      settle();
    }
    auto const* const group = world_.groups.find("g");
    bool const alive = std::ranges::any_of(members_, [](auto const& m) { return !m.silent; });
    ASSERT_EQ(group != nullptr && !group->members.empty(), alive);
    if (!alive) return;
    EXPECT_EQ(group->state, GroupState::stable);
    for (Member const& each : members_) {
      if (each.silent) continue;
      EXPECT_EQ(each.phase, Phase::stable);
      EXPECT_EQ(each.generation, group->generation);
    }
  }

 private:
  enum class Phase { outside, joining, syncing, stable };
  struct Member {
    std::string id;
    Phase phase = Phase::outside;
    std::int32_t generation = -1;
    Token waits = 0;
    bool silent = false;
  };

  std::uint32_t draw(std::uint32_t below) { return random_() % below; }

  void act() {
    auto const what = draw(10);
    if (what < 4 && members_.size() < 20) {
      members_.emplace_back();
    } else if (what < 6 && !members_.empty()) {
      auto const at = draw(static_cast<std::uint32_t>(members_.size()));
      if (members_[at].phase == Phase::stable && !members_[at].silent) {
        EXPECT_EQ(world_.leave(members_[at].id), KafkaError::none);
        members_.erase(members_.begin() + at);
      }
    } else if (what == 6 && !members_.empty()) {
      members_[draw(static_cast<std::uint32_t>(members_.size()))].silent = true;
    }
  }

  // What a client does with what it was told last.
  void settle() {
    // A group that all have left is forgotten, and begins with generation 1 again.
    if (world_.groups.find("g") == nullptr) leaders_.clear();
    for (Member& each : members_)
      if (!each.silent) settle(each);
  }

  void settle(Member& each) {
    if (each.phase == Phase::outside) {
      each.waits = world_.join(World::request(each.id));
      each.phase = Phase::joining;
    }
    if (each.phase == Phase::joining) take_join(each);
    if (each.phase == Phase::syncing) take_sync(each);
    if (each.phase == Phase::stable) {
      auto const error = world_.beat(each.id, each.generation);
      if (error == KafkaError::none) {
        EXPECT_EQ(each.generation, world_.group().generation);
        return;
      }
      if (error == KafkaError::unknown_member_id) each.id.clear();
      each.phase = Phase::outside;
    }
  }

  void take_join(Member& each) {
    auto const found = world_.joins.find(each.waits);
    if (found == world_.joins.end()) return;
    auto const& answer = found->second;
    if (answer.error == KafkaError::member_id_required) {
      each.id = answer.member;
      each.phase = Phase::outside;
    } else if (answer.error != KafkaError::none) {
      each.id.clear();
      each.phase = Phase::outside;
    } else {
      each.generation = answer.generation;
      auto const [at, fresh] = leaders_.try_emplace(answer.generation, answer.leader);
      EXPECT_EQ(at->second, answer.leader) << "two leaders of generation " << answer.generation;
      std::vector<wire::SyncGroupRequest::Assignment> assignments;
      for (auto const& member : answer.members) assignments.push_back({member.id, member.id});
      each.waits = world_.sync(each.id, each.generation, std::move(assignments));
      each.phase = Phase::syncing;
    }
  }

  void take_sync(Member& each) {
    auto const found = world_.syncs.find(each.waits);
    if (found == world_.syncs.end()) return;
    if (found->second.error == KafkaError::none) {
      EXPECT_EQ(found->second.assignment, each.id);
      each.phase = Phase::stable;
      return;
    }
    if (found->second.error == KafkaError::unknown_member_id) each.id.clear();
    each.phase = Phase::outside;
  }

  std::minstd_rand random_;
  World world_;
  std::vector<Member> members_;
  std::map<std::int32_t, std::string> leaders_;
};

TEST(Group, IsStableOnceNothingChangesAnyMore) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    Churn(seed).run();
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace hansa::gateway
