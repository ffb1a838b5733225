// PostgreSQL's refusals in our own sentences. Its messages may quote other people's rows, so none
// of their text goes to a client: only names the contract knows, values that the request brought,
// and the sentences of capture (event_refusal.h). Pure.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "postgres/rows.h"
#include "product/table.h"

namespace hansa::product {

enum class Act : std::uint8_t { read, write };

// unique_violation, reference_violation and check_violation name the columns and the rule where the
// constraint is one of the contract's. not_arrived_yet instead of reference_violation where a
// projection fills the table referred to: the same request may do in a second.
[[nodiscard]] Error refusal(postgres::SqlError const& error, Table const& table, Act act);

}  // namespace hansa::product
