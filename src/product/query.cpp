#include "product/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/diagnostics.h"
#include "product/utf8.h"

namespace hansa::product {
namespace {

constexpr std::uint64_t stream_limit_max = 1'000'000'000'000;

std::unexpected<Error> bad(std::string detail, std::string hint = {}) {
  return failure(Code::invalid_parameter, std::move(detail), std::move(hint));
}

std::unexpected<Error> no_column(Table const& table, std::string_view name) {
  std::string hint = table.suggestion(name);
  if (hint.empty()) hint = "columns: " + table.column_names();
  return failure(Code::unknown_column, fmt::format("`{}` has no column `{}`", table.name(), name),
                 std::move(hint));
}

// Calls `take` with each piece of `text` between commas.
template <class Take>
Result<void> split(std::string_view text, char separator, Take const& take) {
  while (true) {
    auto const end = text.find(separator);
    HANSA_CHECK_OK(take(text.substr(0, end)));
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
}

Result<FieldList> read_select(Table const& table, std::string_view text) {
  if (text == "*") return table.all;
  FieldList fields;
  auto const take = [&](std::string_view name) -> Result<void> {
    if (name.find_first_of(":(") != std::string_view::npos)
      return bad(fmt::format("`select={}`: aliases, casts and embedding are not supported", name),
                 "name columns only: select=" + table.fields.front().column->name.text());
    auto const field = table.find(name);
    if (!field) return no_column(table, name);
    if (std::ranges::find(fields, *field) != fields.end())
      return bad(fmt::format("`select` names `{}` twice", name));
    fields.push_back(*field);
    return {};
  };
  HANSA_CHECK_OK(split(text, ',', take));
  return fields;
}

// A column may follow others in an order where an index goes on with it.
bool continues_index(Table const& table, std::vector<OrderTerm> const& order,
                     std::string_view name) {
  return std::ranges::any_of(table.served.object->indexes, [&](mesh::Index const& index) {
    if (index.columns.size() <= order.size() || index.columns[order.size()].text() != name)
      return false;
    return std::ranges::equal(
        order, std::span{index.columns}.first(order.size()), {},
        [&](OrderTerm const& term) { return table[term.field].column->name; });
  });
}

Nulls default_nulls(Direction direction) {
  return direction == Direction::ascending ? Nulls::last : Nulls::first;
}

// `column[.asc|.desc][.nullsfirst|.nullslast]`
Result<OrderTerm> read_order_term(Table const& table, std::vector<OrderTerm> const& before,
                                  std::string_view text) {
  std::string_view const name = text.substr(0, text.find('.'));
  std::string_view words = text.substr(std::min(name.size() + 1, text.size()));
  auto const field = table.find(name);
  if (!field) return no_column(table, name);
  mesh::Column const& column = *table[*field].column;
  if (!column.orderable && !continues_index(table, before, name))
    return failure(Code::order_not_indexed,
                   fmt::format("`{}` of `{}` has no index to order by", name, table.name()),
                   "columns one can order by: " + table.orderable_names());
  OrderTerm term{.field = *field};
  std::string_view const direction = words.substr(0, words.find('.'));
  if (direction == "asc" || direction == "desc") {
    if (direction == "desc") term.direction = Direction::descending;
    words.remove_prefix(std::min(direction.size() + 1, words.size()));
  }
  term.nulls = default_nulls(term.direction);
  if (words == "nullsfirst" || words == "nullslast") {
    // Where no NULL can be, an explicit place for it would only keep the index from being used.
    if (!column.required) term.nulls = words == "nullsfirst" ? Nulls::first : Nulls::last;
  } else if (!words.empty()) {
    return bad(fmt::format("`order`: `{}` is neither a direction nor a place for NULL", words),
               "order=column.asc or column.desc, then .nullsfirst or .nullslast");
  }
  if (text.ends_with('.')) return bad("`order`: a term ends in a dot");
  return term;
}

Result<std::vector<OrderTerm>> read_order(Table const& table, std::string_view text) {
  std::vector<OrderTerm> order;
  auto const take = [&](std::string_view piece) -> Result<void> {
    HANSA_TRY(OrderTerm const term, read_order_term(table, order, piece));
    if (std::ranges::find(order, term.field, &OrderTerm::field) != order.end())
      return bad(fmt::format("`order` names `{}` twice", table[term.field].column->name.text()));
    order.push_back(term);
    return {};
  };
  HANSA_CHECK_OK(split(text, ',', take));
  return order;
}

// The key makes the order total, in the direction of the last term, so that one index serves both.
void complete_order(Table const& table, std::vector<OrderTerm>& order) {
  auto const direction = order.empty() ? Direction::ascending : order.back().direction;
  for (std::size_t const field : table.key)
    if (std::ranges::find(order, field, &OrderTerm::field) == order.end())
      order.push_back({.field = field, .direction = direction, .nulls = default_nulls(direction)});
}

Result<std::uint64_t> read_number(std::string_view name, std::string_view text,
                                  std::uint64_t most) {
  std::uint64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty() || error == std::errc::invalid_argument)
    return bad(fmt::format("`{}` is not a whole number from 0", name));
  if (error != std::errc{} || number > most)
    return bad(fmt::format("`{}` is over its maximum of {}", name, most),
               name == "limit"
                   ? fmt::format("ask for at most {} and follow Link rel=\"next\", or ask "
                                 "for application/x-ndjson, which has no limit",
                                 most)
                   : "page with the cursor of Link rel=\"next\" instead");
  return number;
}

std::unexpected<Error> unknown_parameter(Table const& table, std::string_view name,
                                         std::vector<std::string_view> allowed, bool columns) {
  std::string list;
  for (std::string_view const word : allowed)
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", word);
  if (columns)
    for (Field const& field : table.fields) allowed.push_back(field.column->name.text());
  std::string_view const near = nearest(name, allowed);
  std::string hint = near.empty() ? "" : fmt::format("did you mean `{}`? ", near);
  hint += "allowed: " + list;
  if (columns) hint += ", and filters on " + table.column_names();
  return failure(Code::unknown_parameter, fmt::format("`{}` is not a parameter here", name), hint);
}

Result<void> check_text(Parameters const& parameters) {
  for (auto const& [name, value] : parameters) {
    if (!is_clean_utf8(name)) return bad("a parameter's name is not UTF-8 without NUL");
    if (!is_clean_utf8(value))
      return bad(fmt::format("the value of `{}` is not UTF-8 without NUL", name));
  }
  return {};
}

constexpr std::string_view once_only[] = {"select", "order", "limit", "offset", "cursor"};

// Gathers the parameters of a list one by one.
class Reading {
 public:
  Reading(Table const& table, Format format, Settings const& settings)
      : table_(table), settings_(settings), format_(format), filters_(table, settings) {}

  Result<void> take(std::string const& name, std::string const& value) {
    if (std::ranges::find(once_only, name) != std::end(once_only)) return take_once(name, value);
    if (names_tree(name)) {
      HANSA_TRY(auto filter, filters_.tree(name, value));
      query_.filters.push_back(std::move(filter));
      return {};
    }
    auto const field = table_.find(name);
    if (!field)
      return unknown_parameter(
          table_, name,
          {"select", "order", "limit", "offset", "cursor", "and", "or", "not.and", "not.or"}, true);
    HANSA_TRY(auto filter, filters_.test(*field, value));
    query_.filters.push_back(std::move(filter));
    return {};
  }

  Result<ReadQuery> finish() {
    if (query_.select.empty()) query_.select = table_.all;
    query_.default_order = query_.order.empty();
    complete_order(table_, query_.order);
    if (!query_.limit && format_ == Format::json) query_.limit = settings_.page_default;
    if (!query_.cursor.empty() && offset_given_)
      return bad("`cursor` and `offset` exclude each other");
    return std::move(query_);
  }

 private:
  Result<void> take_once(std::string_view name, std::string const& value) {
    if (std::ranges::find(seen_, name) != seen_.end())
      return bad(fmt::format("`{}` is given twice", name));
    seen_.push_back(name);
    if (name == "select") {
      HANSA_TRY(query_.select, read_select(table_, value));
    } else if (name == "order") {
      HANSA_TRY(query_.order, read_order(table_, value));
    } else if (name == "limit") {
      auto const most = format_ == Format::json ? settings_.page_max : stream_limit_max;
      HANSA_TRY(query_.limit, read_number(name, value, most));
    } else if (name == "offset") {
      offset_given_ = true;
      HANSA_TRY(query_.offset, read_number(name, value, offset_max));
    } else {
      if (value.empty()) return failure(Code::invalid_cursor, "`cursor` is empty");
      query_.cursor = value;
    }
    return {};
  }

  Table const& table_;
  Settings const& settings_;
  Format format_;
  FilterReader filters_;
  ReadQuery query_;
  std::vector<std::string_view> seen_;
  bool offset_given_ = false;
};

bool same_word(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

}  // namespace

Result<ReadQuery> read_query(Table const& table, ReadRequest const& request,
                             Settings const& settings) {
  HANSA_CHECK_OK(check_text(request.parameters));
  Reading reading{table, request.format, settings};
  for (auto const& [name, value] : request.parameters) HANSA_CHECK_OK(reading.take(name, value));
  HANSA_TRY(auto query, reading.finish());
  std::string_view const count = preference(request.prefer, "count");
  for (Count const known : {Count::exact, Count::planned, Count::estimated})
    if (count == to_text(known)) query.count = known;
  return query;
}

Result<FieldList> read_select_only(Table const& table, Parameters const& parameters) {
  HANSA_CHECK_OK(check_text(parameters));
  FieldList select;
  for (auto const& [name, value] : parameters) {
    if (name != "select") return unknown_parameter(table, name, {"select"}, false);
    if (!select.empty()) return bad("`select` is given twice");
    HANSA_TRY(select, read_select(table, value));
  }
  return select.empty() ? table.all : select;
}

std::string_view preference(std::vector<std::string> const& prefer, std::string_view name) {
  for (std::string_view const entry : prefer) {
    auto const equals = entry.find('=');
    if (equals == std::string_view::npos || !same_word(entry.substr(0, equals), name)) continue;
    std::string_view value = entry.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

std::string_view to_text(Count count) {
  switch (count) {
    case Count::none:
      return "none";
    case Count::exact:
      return "exact";
    case Count::planned:
      return "planned";
    case Count::estimated:
      return "estimated";
  }
  return "";
}

std::string to_text(Table const& table, std::vector<OrderTerm> const& order) {
  std::string text;
  for (OrderTerm const& term : order) {
    mesh::Column const& column = *table[term.field].column;
    if (!text.empty()) text += ", ";
    text += column.name.text() + ":" + types::to_text(column.type);
    text += term.direction == Direction::ascending ? " asc" : " desc";
    if (!column.required && term.nulls != default_nulls(term.direction))
      text += term.nulls == Nulls::first ? " nulls first" : " nulls last";
  }
  return text;
}

}  // namespace hansa::product
