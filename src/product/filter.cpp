#include "product/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/diagnostics.h"

namespace hansa::product {
namespace {

struct Word {
  std::string_view text;
  Operator op;
};
constexpr std::array operators{
    Word{"eq", Operator::eq},
    Word{"neq", Operator::neq},
    Word{"gt", Operator::gt},
    Word{"gte", Operator::gte},
    Word{"lt", Operator::lt},
    Word{"lte", Operator::lte},
    Word{"like", Operator::like},
    Word{"ilike", Operator::ilike},
    Word{"in", Operator::in},
    Word{"is", Operator::is_null},
    Word{"isdistinct", Operator::is_distinct},
};
constexpr std::array is_words{
    Word{"null", Operator::is_null},       Word{"not_null", Operator::is_not_null},
    Word{"true", Operator::is_true},       Word{"false", Operator::is_false},
    Word{"unknown", Operator::is_unknown},
};

bool is_test(Operator op) { return op >= Operator::is_null; }

// What PostgreSQL can compare: jsonb has no order worth promising, bytes only equality.
bool fits(types::Kind kind, Operator op) {
  bool const equality = op == Operator::eq || op == Operator::neq || op == Operator::in ||
                        op == Operator::is_distinct;
  if (op == Operator::is_null || op == Operator::is_not_null) return true;
  if (is_test(op)) return kind == types::Kind::boolean;
  if (kind == types::Kind::json) return false;
  if (op == Operator::like || op == Operator::ilike) return kind == types::Kind::text;
  return equality || kind != types::Kind::bytes;
}

std::string allowed_operators(types::Kind kind) {
  std::string text;
  for (Word const& word : operators) {
    if (!fits(kind, word.op)) continue;
    if (!text.empty()) text += ", ";
    text += word.text;
  }
  return text;
}

std::unexpected<Error> bad(std::string detail, std::string hint = {}) {
  return failure(Code::invalid_parameter, std::move(detail), std::move(hint));
}

// `*` stands for any text, as in PostgREST: `%` would have to be escaped in a URL.
std::string pattern_of(std::string_view value) {
  std::string pattern{value};
  std::ranges::replace(pattern, '*', '%');
  return pattern;
}

bool ends_in_escape(std::string_view pattern) {
  auto const last = pattern.find_last_not_of('\\');
  auto const escapes = last == std::string_view::npos ? pattern.size() : pattern.size() - last - 1;
  return escapes % 2 == 1;
}

}  // namespace

// The unread rest of a filter's text.
class FilterReader::Text {
 public:
  explicit Text(std::string_view rest) : rest_(rest) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool at(char c) const { return rest_.starts_with(c); }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // Everything before the first of `ends`, which stays; all of the rest if there is none.
  std::string_view until(std::string_view ends) {
    auto const end = std::min(rest_.find_first_of(ends), rest_.size());
    std::string_view const text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }
  std::string_view rest() { return std::exchange(rest_, {}); }
  // A value inside parentheses: `"..."` with backslash escapes, or bare up to a comma or
  // parenthesis.
  Result<std::string> value() {
    if (!take("\"")) return std::string{until(",)")};
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (!take("\"")) return bad("a quoted value has no closing quote");
    if (!rest_.empty() && !at(',') && !at(')'))
      return bad("after a quoted value comes a comma or a closing parenthesis");
    return text;
  }

 private:
  std::string_view rest_;
};

bool names_tree(std::string_view name) {
  return name == "and" || name == "or" || name == "not.and" || name == "not.or";
}

Result<Filter> FilterReader::test(std::size_t field, std::string_view text) {
  Text rest{text};
  return read_test(field, rest, Where::parameter);
}

Result<Filter> FilterReader::tree(std::string_view name, std::string_view text) {
  Filter group;
  group.negated = name.starts_with("not.");
  group.kind = name.ends_with("and") ? Filter::Kind::all : Filter::Kind::any;
  Text rest{text};
  HANSA_TRY(auto filter, read_group(std::move(group), rest, 1));
  if (!rest.empty())
    return bad(fmt::format("`{}`: something follows the closing parenthesis", name));
  return filter;
}

Result<Filter> FilterReader::read_group(Filter group, Text& text, std::size_t depth) {
  if (depth > settings_.logic_depth_max)
    return failure(Code::too_complex,
                   fmt::format("and/or are nested deeper than {}", settings_.logic_depth_max));
  if (!text.take("("))
    return bad("and/or take a list in parentheses", "for example or=(stock.eq.0,price.lt.5)");
  do {
    HANSA_TRY(auto member, read_member(text, depth));
    group.children.push_back(std::move(member));
  } while (text.take(","));
  if (!text.take(")")) return bad("a list of and/or has no closing parenthesis");
  return group;
}

Result<Filter> FilterReader::read_member(Text& text, std::size_t depth) {
  for (std::string_view const name : {"and", "or", "not.and", "not.or"}) {
    Text ahead = text;
    if (!ahead.take(name) || !ahead.at('(')) continue;
    text = ahead;
    Filter group;
    group.negated = name.starts_with("not.");
    group.kind = name.ends_with("and") ? Filter::Kind::all : Filter::Kind::any;
    return read_group(std::move(group), text, depth + 1);
  }
  std::string_view const name = text.until(".,()");
  auto const field = table_.find(name);
  if (!field && !text.at('.'))
    return bad(fmt::format("`{}` stands where a condition is expected", name),
               "a condition is column.operator.value");
  if (!field)
    return failure(Code::unknown_column,
                   fmt::format("`{}` has no column `{}`", table_.name(), name),
                   table_.suggestion(name));
  if (!text.take(".")) return bad(fmt::format("`{}` lacks an operator", name));
  return read_test(*field, text, Where::tree);
}

Result<Filter> FilterReader::read_test(std::size_t field, Text& text, Where where) {
  if (++tests_ > settings_.predicates_max)
    return failure(Code::too_complex,
                   fmt::format("more than {} conditions", settings_.predicates_max));
  mesh::Column const& column = *table_[field].column;
  Filter filter;
  filter.field = field;
  filter.negated = text.take("not.");
  std::string_view const word = text.until(".,()");
  auto const found = std::ranges::find(operators, word, &Word::text);
  if (found == operators.end() || !fits(column.type.kind, found->op) || !text.take("."))
    return bad(fmt::format("`{}`: `{}` is not an operator of a {} column", column.name.text(), word,
                           types::to_text(column.type)),
               fmt::format("write {}=operator.value; operators here: {}", column.name.text(),
                           allowed_operators(column.type.kind)));
  filter.op = found->op;
  if (filter.op == Operator::in) {
    HANSA_TRY(auto values, read_list(text));
    if (where == Where::parameter && !text.empty())
      return bad(fmt::format("`{}`: something follows the list", column.name.text()));
    for (std::string const& value : values) HANSA_CHECK_OK(take_value(filter, value));
    return filter;
  }
  std::string value;
  if (where == Where::parameter) {
    value = text.rest();
  } else {
    HANSA_TRY(value, text.value());
  }
  if (filter.op == Operator::is_null) {
    HANSA_CHECK_OK(take_is(filter, value));
  } else {
    HANSA_CHECK_OK(take_value(filter, value));
  }
  return filter;
}

Result<std::vector<std::string>> FilterReader::read_list(Text& text) const {
  if (!text.take("(")) return bad("`in` takes a list in parentheses", "for example id=in.(1,2,3)");
  std::vector<std::string> values;
  if (text.take(")")) return values;
  do {
    if (values.size() == settings_.in_values_max)
      return failure(Code::too_complex,
                     fmt::format("a list of more than {} values", settings_.in_values_max));
    HANSA_TRY(auto value, text.value());
    values.push_back(std::move(value));
  } while (text.take(","));
  if (!text.take(")")) return bad("a list of `in` has no closing parenthesis");
  return values;
}

Result<void> FilterReader::take_value(Filter& filter, std::string_view value) const {
  mesh::Column const& column = *table_[filter.field].column;
  bool const pattern = filter.op == Operator::like || filter.op == Operator::ilike;
  auto parsed =
      types::from_text(pattern ? pattern_of(value) : std::string{value}, column.type, nullptr);
  if (!parsed) {
    Error error{.code = Code::invalid_parameter,
                .detail = fmt::format("`{}`: {}", column.name.text(), parsed.error().detail),
                .hint = fmt::format("`{}` is {}", column.name.text(), types::to_text(column.type))};
    error.fields.push_back({column.name.text(), parsed.error().detail});
    return std::unexpected(std::move(error));
  }
  if (pattern && ends_in_escape(*parsed))
    return bad(fmt::format("`{}`: the pattern ends in a backslash", column.name.text()),
               "a backslash makes the next character literal");
  filter.values.push_back(*std::move(parsed));
  return {};
}

Result<void> FilterReader::take_is(Filter& filter, std::string_view value) const {
  mesh::Column const& column = *table_[filter.field].column;
  auto const found = std::ranges::find(is_words, value, &Word::text);
  if (found == is_words.end() || !fits(column.type.kind, found->op))
    return bad(fmt::format("`{}`: `is` cannot be followed by that", column.name.text()),
               column.type.kind == types::Kind::boolean
                   ? "one of null, not_null, true, false, unknown"
                   : "one of null, not_null");
  filter.op = found->op;
  return {};
}

std::string_view to_text(Operator op) {
  switch (op) {
    case Operator::eq:
      return "eq";
    case Operator::neq:
      return "neq";
    case Operator::gt:
      return "gt";
    case Operator::gte:
      return "gte";
    case Operator::lt:
      return "lt";
    case Operator::lte:
      return "lte";
    case Operator::like:
      return "like";
    case Operator::ilike:
      return "ilike";
    case Operator::in:
      return "in";
    case Operator::is_distinct:
      return "isdistinct";
    case Operator::is_null:
      return "is.null";
    case Operator::is_not_null:
      return "is.not_null";
    case Operator::is_true:
      return "is.true";
    case Operator::is_false:
      return "is.false";
    case Operator::is_unknown:
      return "is.unknown";
  }
  return "";
}

std::string to_text(Table const& table, std::vector<Filter> const& filters) {
  std::string text;
  for (Filter const& filter : filters) {
    if (!text.empty()) text += ",";
    if (filter.negated) text += "not.";
    if (filter.kind != Filter::Kind::test) {
      text += filter.kind == Filter::Kind::all ? "and(" : "or(";
      text += to_text(table, filter.children) + ")";
      continue;
    }
    text += table[filter.field].column->name.text() + "." + std::string{to_text(filter.op)};
    for (std::string const& value : filter.values)
      text += fmt::format(".{}:{}", value.size(), value);
  }
  return text;
}

}  // namespace hansa::product
