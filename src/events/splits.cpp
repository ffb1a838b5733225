#include "events/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hansa::events {
namespace {

void append(std::vector<std::size_t>& sizes, std::size_t events, std::size_t batch_max) {
  for (; events > batch_max; events -= batch_max) sizes.push_back(batch_max);
  sizes.push_back(events);
}

void keep(std::vector<Split>& splits, Split split) {
  auto const known = std::ranges::find(splits, split.sizes, &Split::sizes);
  if (known == splits.end()) splits.push_back(std::move(split));
}

}  // namespace

std::vector<Split> splits_of(std::size_t events, std::size_t batch_max) {
  std::vector<Split> out = {{"one at a time", std::vector<std::size_t>(events, 1)}};
  Split all{.name = events <= batch_max ? fmt::format("{} at once", events)
                                        : fmt::format("in batches of {}", batch_max),
            .sizes = {}};
  append(all.sizes, events, batch_max);
  keep(out, std::move(all));
  auto const cuts = std::min(cuts_max, events - 1);
  for (std::size_t cut = 1; cut <= cuts; ++cut) {
    auto const first = cut * events / (cuts + 1);
    Split two{.name = fmt::format("{} then {}", first, events - first), .sizes = {}};
    append(two.sizes, first, batch_max);
    append(two.sizes, events - first, batch_max);
    keep(out, std::move(two));
  }
  return out;
}

}  // namespace hansa::events
