// The condition that continues an order after a row: the heart of keyset paging. Pure.
#pragma once

#include <string>

#include "product/statement.h"

namespace hansa::product {

// Whether one row comparison says it all: one direction, no NULL anywhere.
[[nodiscard]] bool is_uniform(Table const& table, std::vector<OrderTerm> const& order);

// SQL that is true of exactly the rows after `cursor` in `order`; its values are appended to
// `params`.
[[nodiscard]] std::string after(Table const& table, std::vector<OrderTerm> const& order,
                                Cursor const& cursor, postgres::Params& params);

// `"price" desc, "id" desc`.
[[nodiscard]] std::string order_by(Table const& table, std::vector<OrderTerm> const& order);

}  // namespace hansa::product
