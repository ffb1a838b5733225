// Rows that are in the way of a new rule, counted before anything is done and named when it fails.
#pragma once

#include <optional>

#include "base/result.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace hansa::delivery {

// existing_rows_violate, if there are such rows. Nothing if the probe cannot be asked: the role is
// not reachable yet, the column is still to be made, or the answer takes more than probe_ms_max;
// the step itself will tell. Requires an open transaction; leaves it as it was.
inline constexpr int probe_ms_max = 10'000;
[[nodiscard]] std::optional<Error> rows_in_the_way(postgres::Session& session,
                                                   plan::Probe const& probe);

// Asks every probe of the plan once and turns those that find rows into refusals.
void refuse_where_rows_violate(postgres::Session& session, plan::Plan& plan);

}  // namespace hansa::delivery
