// Why a change was refused for the sake of its events: what the functions of capture raise, and
// what fails in them. Pure.
//
// Capture (plan/capture_sql.h) raises sentences of ours for an event that no topic can hold; only
// those are passed on, and only when the error's context and the topic in it prove that they are
// ours. Anything else that PostgreSQL says may quote rows, and stays here.
#pragma once

#include <optional>

#include "base/result.h"
#include "postgres/rows.h"
#include "product/table.h"

namespace hansa::product {

// nullopt: the error has nothing to do with events, or is no row's fault (a missing right, a
// deadlock, a shutdown). value_over_limit: the event is too large. check_violation: no event of the
// topic can hold the row. invalid_emission: what makes the event failed on the row.
[[nodiscard]] std::optional<Error> event_refusal(postgres::SqlError const& error,
                                                 Table const& table);

}  // namespace hansa::product
