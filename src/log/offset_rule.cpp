#include "log/offset_rule.h"

#include <algorithm>
#include <cassert>

namespace hansa::log {

Sid drawn_up_to(SequenceState sequence) { return sequence.is_called ? sequence.last_value : 0; }

Drain::Drain(Sid target, std::vector<Holder> holders)
    : target_(target), waiting_for_(std::move(holders)) {}

void Drain::update(std::vector<Holder> const& holders) {
  std::erase_if(waiting_for_, [&](Holder const& holder) {
    return std::find(holders.begin(), holders.end(), holder) == holders.end();
  });
}

std::optional<Sid> Drain::safe() const {
  if (!settled()) return std::nullopt;
  return target_;
}

bool DrainProgress::behind(SequenceState sequence) {
  auto const drawn = drawn_up_to(sequence);
  // Somebody restarted the sequence: its sids are new, and lie below what was drained.
  if (drawn < seen_) {
    floor_ = 0;
    drain_.reset();
  }
  if (!drain_) seen_ = drawn;
  return drawn > floor_;
}

void DrainProgress::drained(Sid sid) {
  assert(drain_ && drain_->settled() && sid <= *drain_->safe());
  floor_ = std::max(floor_, sid);
  if (floor_ == *drain_->safe()) drain_.reset();
}

}  // namespace hansa::log
