// Consumer groups under members of any behaviour: an answer is given once, to who waits for it; a
// group's leader is one of its members; nobody waits for ever.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "gateway/group.h"

namespace {
using namespace hansa::gateway;
using namespace hansa;

class World {
 public:
  World(std::uint8_t const* data, std::size_t size) : data_(data), end_(data + size) {}

  void run() {
    while (data_ < end_) {
      step();
      collect();
      look();
    }
    // Longer than any session or rebalance: whoever waited was answered.
    for (int i = 0; i < 4; ++i) {
      now_ += std::chrono::hours(1);
      groups_.tick(now_);
      collect();
    }
    if (!waiting_.empty()) std::abort();
  }

 private:
  std::uint8_t byte() { return data_ < end_ ? *data_++ : std::uint8_t{0}; }
  std::string group() { return std::string(1, static_cast<char>('a' + byte() % 2)); }
  std::string member() {
    auto const which = byte();
    if (which % 4 == 0 || members_.empty()) return {};
    return which % 16 == 1 ? "stranger" : members_[which % members_.size()];
  }
  std::optional<std::string> instance() {
    auto const which = byte();
    if (which % 3 != 0) return std::nullopt;
    return std::string(1, static_cast<char>('x' + which % 2));
  }
  void note(std::string const& id) {
    constexpr std::size_t kept_max = 8;
    if (id.empty()) return;
    if (members_.size() < kept_max)
      members_.push_back(id);
    else
      members_[drawn_ % kept_max] = id;
  }

  void step() {
    switch (byte() % 7) {
      case 0:
        return join();
      case 1:
        return sync();
      case 2: {
        auto const of = group();
        static_cast<void>(groups_.heartbeat({of, generation(of), member(), instance()}, now_));
        return;
      }
      case 3: {
        wire::LeaveGroupRequest asked{.group = group()};
        for (int left = byte() % 3; left >= 0; --left)
          asked.members.push_back({member(), instance(), std::nullopt});
        static_cast<void>(groups_.leave(asked, now_));
        return;
      }
      case 4:
        now_ += std::chrono::milliseconds(byte() * 100);
        return groups_.tick(now_);
      case 5:
        static_cast<void>(groups_.remove(group()));
        return;
      default: {
        auto const of = group();
        static_cast<void>(groups_.may_commit(of, generation(of), member(), instance(), now_));
      }
    }
  }

  std::int32_t generation(std::string const& of) {
    auto const* const found = groups_.find(of);
    return (found == nullptr ? 0 : found->generation) - (byte() % 8 == 0 ? 1 : 0);
  }

  void join() {
    Asking const asking{++token_, static_cast<std::int16_t>(byte() % 10), "c", "/h"};
    wire::JoinGroupRequest asked{.group = group(),
                                 .session_timeout_ms = 5'000 + byte() * 100,
                                 .rebalance_timeout_ms = byte() * 200,
                                 .member = member(),
                                 .instance = instance(),
                                 .protocol_type = byte() % 8 == 0 ? "connect" : "consumer"};
    for (int left = byte() % 3; left >= 0; --left)
      asked.protocols.push_back({std::string(1, static_cast<char>('p' + byte() % 3)), "m"});
    if (auto const answer = groups_.join(asked, asking, now_))
      note(answer->member);
    else
      waiting_.insert(asking.token);
  }

  void sync() {
    Asking const asking{++token_, static_cast<std::int16_t>(byte() % 6), "c", "/h"};
    auto const of = group();
    wire::SyncGroupRequest asked{
        .group = of, .generation = generation(of), .member = member(), .instance = instance()};
    for (auto const& id : members_) asked.assignments.push_back({id, "a"});
    if (!groups_.sync(asked, asking, now_)) waiting_.insert(asking.token);
  }

  void collect() {
    for (auto const& [token, response] : groups_.take_answers()) {
      if (waiting_.erase(token) != 1) std::abort();
      if (auto const* const joined = std::get_if<wire::JoinGroupResponse>(&response))
        note(joined->member);
    }
    static_cast<void>(groups_.take_changes());
  }

  void look() const {
    for (auto const& [name, group] : groups_.all()) {
      if (group.state == GroupState::empty && !group.members.empty()) std::abort();
      if (group.state != GroupState::stable && group.state != GroupState::completing) continue;
      if (!group.members.contains(group.leader) || !group.protocol) std::abort();
      for (auto const& [instance, id] : group.instances)
        if (!group.members.contains(id)) std::abort();
    }
  }

  std::uint8_t const* data_;
  std::uint8_t const* end_;
  int drawn_ = 0;
  Groups groups_{{.groups_max = 2, .members_max = 6}, [this] { return std::to_string(++drawn_); }};
  Moment now_{};
  Token token_ = 0;
  std::set<Token> waiting_;
  std::vector<std::string> members_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  World(data, size).run();
  return 0;
}
