#include "gateway/coordinator.h"

#include "crypto/digest.h"

namespace hansa::gateway {
namespace {

// The form of a UUID, as Kafka's; all of it by chance.
std::string draw_id() {
  constexpr std::size_t drawn = 16;
  auto const hex = crypto::hex(crypto::sha256(crypto::random_bytes(drawn)), drawn);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace

Coordinator::Coordinator(async::asio::io_context& context, GroupLimits limits, Observer* observer)
    : groups_(limits, draw_id), observer_(observer), alarm_(context) {}

async::Task<wire::JoinGroupResponse> Coordinator::join(wire::JoinGroupRequest request,
                                                       Asking asking) {
  asking.token = ++last_token_;
  auto at_once = groups_.join(request, asking, std::chrono::steady_clock::now());
  settle();
  if (at_once) co_return *std::move(at_once);
  auto answer = co_await wait(asking.token);
  co_return std::get<wire::JoinGroupResponse>(std::move(answer));
}

async::Task<wire::SyncGroupResponse> Coordinator::sync(wire::SyncGroupRequest request,
                                                       Asking asking) {
  asking.token = ++last_token_;
  auto at_once = groups_.sync(request, asking, std::chrono::steady_clock::now());
  settle();
  if (at_once) co_return *std::move(at_once);
  auto answer = co_await wait(asking.token);
  co_return std::get<wire::SyncGroupResponse>(std::move(answer));
}

async::Task<Coordinator::Answer> Coordinator::wait(Token token) {
  if (auto early = early_.extract(token)) co_return std::move(early.mapped());
  co_return co_await async::suspend<Answer>(
      [this, token](async::Suspended<Answer>::Handler handler) {
        waiting_[token].hold(std::move(handler), [] {});
      });
}

void Coordinator::settle() {
  for (auto& [token, response] : groups_.take_answers()) {
    auto waiting = waiting_.extract(token);
    if (waiting)
      waiting.mapped().post(std::move(response));
    else
      early_.emplace(token, std::move(response));
  }
  for (auto const& name : groups_.take_changes()) {
    auto const* const group = groups_.find(name);
    if (observer_ != nullptr)
      observer_->observe(GroupChanged{.group = name,
                                      .state = group != nullptr ? to_text(group->state) : "Dead",
                                      .generation = group != nullptr ? group->generation : 0,
                                      .members = group != nullptr ? group->members.size() : 0});
  }
  auto const next = groups_.next_deadline();
  if (!next) {
    alarm_.disarm();
    return;
  }
  alarm_.arm(std::max(*next - std::chrono::steady_clock::now(), Moment::duration(0)), [this] {
    groups_.tick(std::chrono::steady_clock::now());
    settle();
  });
}

void Coordinator::clear(wire::KafkaError error) {
  groups_.clear(error);
  settle();
}

}  // namespace hansa::gateway
