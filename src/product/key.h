// A row's key as it stands in a path: `/products/v1/product/17`, `/orders/v1/line/17,3`. Pure.
//
// A composite key's parts are separated by commas; inside a part `%2C` means a comma and `%25` a
// percent sign, so in the path itself they are encoded twice. A single key is taken as it is.
#pragma once

#include <string>
#include <string_view>

#include "postgres/rows.h"
#include "product/table.h"

namespace hansa::product {

// `segment`: percent-decoded once. Values in key order, as PostgreSQL's text input. Error:
// invalid_parameter, when there are too few or too many parts or one cannot be of its column's
// type.
[[nodiscard]] Result<postgres::Params> read_key(Table const& table, std::string_view segment);

// The segment of a row, percent-encoded for a path. `rows` has every column in the contract's
// order.
[[nodiscard]] std::string key_segment(Table const& table, postgres::Rows const& rows,
                                      std::size_t row);

}  // namespace hansa::product
