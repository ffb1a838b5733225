// Desired against observed: the plan that makes one of the other. Pure.
#pragma once

#include <vector>

#include "plan/catalog.h"
#include "plan/plan.h"

namespace hansa::plan {

// Steps domain by domain, in an order that is safe within each. An object that is live and recorded
// as Hansa's, but not desired, goes; one that is neither recorded nor desired stays, with a note,
// unless it is a part (column, constraint, index, right) of a table that is Hansa's.
[[nodiscard]] Plan compare(Database const& desired, Database const& observed,
                           std::vector<DomainName> const& domains);

}  // namespace hansa::plan
