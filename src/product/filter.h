// Filters in PostgREST's grammar: `price=gte.100`, `name=not.like.A*`, `id=in.(1,2)`,
// `or=(stock.eq.0,and(price.lt.5,name.is.null))`. Parsed to a tree whose values the type system
// accepted; pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

enum class Operator : std::uint8_t {
  eq,
  neq,
  gt,
  gte,
  lt,
  lte,
  like,
  ilike,
  in,
  is_distinct,
  is_null,
  is_not_null,
  is_true,
  is_false,
  is_unknown,
};

struct Filter {
  enum class Kind : std::uint8_t { test, all, any };
  Kind kind = Kind::test;
  bool negated = false;
  // Kind::test
  std::size_t field = 0;
  Operator op = Operator::eq;
  std::vector<std::string>
      values;  // PostgreSQL's text input; one, any number for `in`, none for `is`
  // Kind::all, Kind::any: at least one
  std::vector<Filter> children;
};

// Reads the filters of one request and counts them against the limits of `settings`.
class FilterReader {
 public:
  FilterReader(Table const& table, Settings const& settings) : table_(table), settings_(settings) {}

  // `field=text`, e.g. text "not.in.(1,2)". Errors: invalid_parameter, too_complex.
  [[nodiscard]] Result<Filter> test(std::size_t field, std::string_view text);
  // `name=text` for name and, or, not.and, not.or. Errors: also unknown_column.
  [[nodiscard]] Result<Filter> tree(std::string_view name, std::string_view text);

 private:
  class Text;
  enum class Where : std::uint8_t { parameter, tree };
  Result<Filter> read_group(Filter filter, Text& text, std::size_t depth);
  Result<Filter> read_member(Text& text, std::size_t depth);
  Result<Filter> read_test(std::size_t field, Text& text, Where where);
  Result<std::vector<std::string>> read_list(Text& text) const;
  Result<void> take_value(Filter& filter, std::string_view value) const;
  Result<void> take_is(Filter& filter, std::string_view value) const;

  Table const& table_;
  Settings const& settings_;
  std::size_t tests_ = 0;
};

// Whether `name` is one of and, or, not.and, not.or.
[[nodiscard]] bool names_tree(std::string_view name);

// The grammar's word: "eq", "is.null".
[[nodiscard]] std::string_view to_text(Operator op);
// Injective, so that a cursor bound to it is bound to every value.
[[nodiscard]] std::string to_text(Table const& table, std::vector<Filter> const& filters);

}  // namespace hansa::product
