// What a reader asks of a table, parsed and checked against its contract: the first of the pure
// values a request passes through. Nothing in it is text of the client but values that types
// accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "product/filter.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

enum class Direction : std::uint8_t { ascending, descending };
enum class Nulls : std::uint8_t { first, last };

struct OrderTerm {
  std::size_t field = 0;
  Direction direction = Direction::ascending;
  Nulls nulls =
      Nulls::last;  // of a column that is never NULL: PostgreSQL's default for the direction
  bool operator==(OrderTerm const&) const = default;
};

// `Prefer: count=`. exact counts; planned asks the planner; estimated takes the table's statistics
// where the whole of a big table is meant, and the planner's guess otherwise.
enum class Count : std::uint8_t { none, exact, planned, estimated };

struct ReadQuery {
  FieldList select;                    // at least one, each once
  std::vector<Filter> filters;         // all must hold
  std::vector<OrderTerm> order;        // ends with what the primary key lacks: a total order
  std::optional<std::uint64_t> limit;  // absent: every row (NDJSON only)
  std::uint64_t offset = 0;
  std::string cursor;  // still sealed; empty: none
  Count count = Count::none;
  bool default_order = true;  // by primary key, nothing asked
};

inline constexpr std::uint64_t offset_max = 1'000'000;

// Parameters of a list. Errors: unknown_parameter (with the nearest name and what is allowed),
// unknown_column, invalid_parameter, order_not_indexed (listing what is), too_complex.
[[nodiscard]] Result<ReadQuery> read_query(Table const& table, ReadRequest const& request,
                                           Settings const& settings);

// Parameters of everything but a list: `select` or nothing. Same errors.
[[nodiscard]] Result<FieldList> read_select_only(Table const& table, Parameters const& parameters);

// The value of preference `name` ("count", "return"), lower-case name; empty if not given.
[[nodiscard]] std::string_view preference(std::vector<std::string> const& prefer,
                                          std::string_view name);

[[nodiscard]] std::string_view to_text(Count count);
// "price:numeric(10,2) desc nulls first, id:integer asc": also what a cursor is bound to.
[[nodiscard]] std::string to_text(Table const& table, std::vector<OrderTerm> const& order);

}  // namespace hansa::product
