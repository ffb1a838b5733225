// Planning on a session one already has: what make_plan and apply share.
#pragma once

#include "delivery/delivery.h"

namespace hansa::delivery {

// Requires prepare(). Runs in a read-only snapshot of its own; changes nothing.
[[nodiscard]] plan::Plan plan_on(postgres::Session& session, mesh::Mesh const& mesh,
                                 std::vector<DomainName> const& domains);

}  // namespace hansa::delivery
