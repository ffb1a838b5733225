#include "gateway/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace hansa::gateway {
namespace {

constexpr std::int64_t numbers = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;

// What stands before `mark`, or all of it, as a number; `rest` is then behind it.
template <class T>
bool take_number(std::string_view& rest, char mark, T& value) {
  auto const end = std::min(rest.find(mark), rest.size());
  auto const [at, error] = std::from_chars(rest.data(), rest.data() + end, value);
  if (error != std::errc{} || at != rest.data() + end) return false;
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return true;
}

}  // namespace

std::int32_t last_sequence(wire::BatchHeader const& header) {
  return static_cast<std::int32_t>((std::int64_t{header.base_sequence} + header.last_offset_delta) %
                                   numbers);
}

SequenceVerdict judge(std::optional<ProducerState> const& known, wire::BatchHeader const& header) {
  using Kind = SequenceVerdict::Kind;
  if (!known) return {Kind::append};
  if (header.producer_epoch < known->epoch) return {Kind::fenced};
  if (header.producer_epoch > known->epoch)
    return {header.base_sequence == 0 ? Kind::append : Kind::out_of_order};
  auto const last = last_sequence(header);
  for (StoredBatch const& stored : known->recent)
    if (stored.first == header.base_sequence && stored.last == last)
      return {Kind::duplicate, stored.base_offset};
  auto const next = (std::int64_t{known->recent.back().last} + 1) % numbers;
  return {header.base_sequence == next ? Kind::append : Kind::out_of_order};
}

void note(std::optional<ProducerState>& known, wire::BatchHeader const& header,
          std::int64_t base_offset) {
  if (!known || known->epoch != header.producer_epoch)
    known = ProducerState{.epoch = header.producer_epoch, .recent = {}};
  known->recent.push_back({header.base_sequence, last_sequence(header), base_offset});
  if (known->recent.size() > ProducerState::recent_max) known->recent.pop_front();
}

std::string to_text(ProducerState const& state) {
  std::string out;
  for (StoredBatch const& stored : state.recent)
    out += fmt::format("{}{}:{}:{}", out.empty() ? "" : ";", stored.first, stored.last,
                       stored.base_offset);
  return out;
}

std::optional<ProducerState> parse_producer(std::int16_t epoch, std::string_view text) {
  ProducerState state{.epoch = epoch, .recent = {}};
  while (!text.empty()) {
    StoredBatch stored;
    if (!take_number(text, ':', stored.first) || !take_number(text, ':', stored.last) ||
        !take_number(text, ';', stored.base_offset))
      return std::nullopt;
    state.recent.push_back(stored);
  }
  if (state.recent.empty() || state.recent.size() > ProducerState::recent_max) return std::nullopt;
  return state;
}

}  // namespace hansa::gateway
