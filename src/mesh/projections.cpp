#include "mesh/projections.h"

#include <algorithm>

namespace hansa::mesh {

Topic const* announcing_topic(Mesh const& mesh, Column const& column) {
  if (!column.reference || column.reference->crosses_domains) return nullptr;
  Reference const& to = *column.reference;
  auto const fills = [&to](Subscription const& each) {
    return each.domain == to.domain && each.reaction.kind == Reaction::Kind::projection &&
           std::ranges::find(each.reaction.writes, to.object) != each.reaction.writes.end();
  };
  auto const found = std::ranges::find_if(mesh.subscriptions, fills);
  return found == mesh.subscriptions.end() ? nullptr : mesh.find_topic(found->topic);
}

}  // namespace hansa::mesh
