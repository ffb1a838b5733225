// A place in a list, signed and bound to the question it belongs to (keyset paging). Pure.
//
// On the wire: base64url of version, digest of the question (table and major, order with types,
// filters), position, last key values, and 16 bytes of HMAC-SHA256 over all of that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "product/query.h"

namespace hansa::product {

struct Cursor {
  std::uint64_t position = 0;  // rows before the next page, as the walk counted them
  std::vector<std::optional<std::string>> values;  // of the last row, one per order term
  bool operator==(Cursor const&) const = default;
};

// `key`: Settings::cursor_key.
[[nodiscard]] std::string seal(Cursor const& cursor, Table const& table, ReadQuery const& query,
                               std::string_view key);

// Errors: invalid_cursor, for anything that seal() with this key, table, order and filters did not
// make.
[[nodiscard]] Result<Cursor> unseal(std::string_view text, Table const& table,
                                    ReadQuery const& query, std::string_view key);

}  // namespace hansa::product
