// Rules as CHECK constraints. Every expression is true for NULL, as SQL wants it.
#include "types/characters.h"
#include "types/decimal.h"
#include "types/pattern.h"
#include "types/reader.h"
#include "types/type.h"

namespace hansa::types {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char const c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out += quote;
}

std::string quoted_name(std::string_view name) { return quoted(name, '"'); }
std::string quoted_text(std::string_view text) { return quoted(text, '\''); }

bool is_exact_number(Type const& type) {
  return type.kind >= Kind::int16 && type.kind <= Kind::numeric;
}

bool is_bounded(Type const& type) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::text:
    case Kind::uuid:
    case Kind::bytes:
    case Kind::json:
      return false;
    default:
      return true;
  }
}

// A literal of the column's type; nullopt if the text is none. A bound of an exact number may be
// finer than the column, so it stays a plain number.
std::optional<std::string> literal(std::string_view text, Type const& type) {
  if (is_exact_number(type)) {
    auto const number = parse_decimal(text, NumberSyntax::lenient);
    if (!number || number->integer_digits() > 1000 || number->scale() > 1000) return std::nullopt;
    return to_plain_text(*number);
  }
  auto const value = canonical(text, type);
  if (!value) return std::nullopt;
  if (type.kind == Kind::text) return quoted_text(*value);
  return quoted_text(*value) + "::" + postgres_type(type);
}

void join(std::string& conditions, std::string const& condition) {
  if (!conditions.empty()) conditions += " and ";
  conditions += condition;
}

class Compiler {
 public:
  Compiler(std::string_view column, Type const& type, Rules const& rules)
      : column_(quoted_name(column)), type_(type), rules_(rules) {}

  std::vector<Check> run() {
    if (type_.kind == Kind::json) add_document();
    if (type_.kind == Kind::text) add_length("char_length(" + column_ + ")");
    if (type_.kind == Kind::bytes) add_length("octet_length(" + column_ + ")");
    if (is_bounded(type_)) add_range();
    if (is_exact_number(type_)) add_multiple();
    if (type_.kind == Kind::text) add_text();
    add_values();
    return std::move(checks_);
  }

 private:
  void add(std::string name, std::string expression) {
    if (!expression.empty()) checks_.push_back({std::move(name), std::move(expression)});
  }

  void add_length(std::string const& length) {
    std::string conditions;
    if (rules_.min_length) join(conditions, length + " >= " + std::to_string(*rules_.min_length));
    if (rules_.max_length) join(conditions, length + " <= " + std::to_string(*rules_.max_length));
    add("length", conditions);
  }

  void add_range() {
    std::string conditions;
    auto const bound = [&](std::optional<std::string> const& text, std::string_view comparison) {
      if (!text) return;
      if (auto const value = literal(*text, type_))
        join(conditions, column_ + " " + std::string(comparison) + " " + *value);
    };
    bound(rules_.minimum, ">=");
    bound(rules_.exclusive_minimum, ">");
    bound(rules_.maximum, "<=");
    bound(rules_.exclusive_maximum, "<");
    add("range", conditions);
  }

  void add_multiple() {
    if (!rules_.multiple_of) return;
    auto const step = parse_decimal(*rules_.multiple_of, NumberSyntax::lenient);
    if (!step || step->is_zero() || step->negative || step->digits.size() > 18) return;
    if (auto const value = literal(*rules_.multiple_of, type_))
      add("multiple", column_ + " % " + *value + " = 0");
  }

  void add_text() {
    if (rules_.pattern)
      if (auto const pattern = Pattern::compile(*rules_.pattern))
        add("pattern", column_ + " ~ " + quoted_text(pattern->postgres()));
    if (rules_.format)
      if (auto const* const format = find_format(*rules_.format)) add_format(*format);
  }

  void add_format(Format const& format) {
    std::string conditions;
    for (auto const source : {format.pattern, format.length})
      if (!source.empty())
        join(conditions,
             column_ + " ~ " + quoted_text(Pattern::compile(source).value().postgres()));
    add("format", conditions);
  }

  // A function over the wrong kind of document would be an error and not a no, hence the CASE.
  void add_document() {
    auto const is = "jsonb_typeof(" + column_ + ") = ";
    if (type_.shape == JsonShape::object) add("shape", is + "'object'");
    if (type_.shape == JsonShape::array) add("shape", is + "'array'");
    std::string items;
    auto const length = "jsonb_array_length(" + column_ + ")";
    if (rules_.min_items) join(items, length + " >= " + std::to_string(*rules_.min_items));
    if (rules_.max_items) join(items, length + " <= " + std::to_string(*rules_.max_items));
    if (!items.empty())
      add("items", "case when " + is + "'array' then " + items + " else true end");
    std::string members;
    auto const count =
        "jsonb_array_length(jsonb_path_query_array(" + column_ + ", '$.keyvalue()'))";
    if (rules_.min_properties)
      join(members, count + " >= " + std::to_string(*rules_.min_properties));
    if (rules_.max_properties)
      join(members, count + " <= " + std::to_string(*rules_.max_properties));
    for (auto const& name : rules_.required_properties)
      join(members, column_ + " ? " + quoted_text(name));
    if (!members.empty())
      add("properties", "case when " + is + "'object' then " + members + " else true end");
  }

  void add_values() {
    if (rules_.valid_values.empty()) return;
    std::string list;
    for (auto const& text : rules_.valid_values) {
      auto const valid = canonical(text, type_);
      auto const value = !valid                     ? valid
                         : type_.kind == Kind::json ? std::optional(quoted_text(text) + "::jsonb")
                                                    : literal(text, type_);
      if (value) list += (list.empty() ? "" : ", ") + *value;
    }
    add("values", list.empty() ? "false" : column_ + " in (" + list + ")");
  }

  std::string column_;
  Type const& type_;
  Rules const& rules_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> checks(std::string_view column, Type const& type, Rules const& rules) {
  return Compiler(column, type, rules).run();
}

std::vector<std::string> not_enforced_by_database(Type const& type, Rules const& rules) {
  std::vector<std::string> out;
  bool const is_text = type.kind == Kind::text;
  if (rules.pattern) {
    auto const pattern = Pattern::compile(*rules.pattern);
    if (!is_text)
      out.push_back("pattern: only strings stored as text are matched; it is documented only");
    else if (!pattern)
      out.push_back("pattern: it has " + pattern.error().detail +
                    ", which PostgreSQL and ECMA-262 do not read alike; it is documented only");
  }
  if (rules.format && is_text && find_format(*rules.format) == nullptr)
    out.push_back("format: `" + *rules.format + "` has no check here; it is documented only");
  bool const is_float = type.kind == Kind::float32 || type.kind == Kind::float64;
  if (rules.multiple_of && is_float)
    out.push_back(
        "multipleOf: PostgreSQL has no remainder of floating point; checked on the way in");
  if (rules.unique_items && type.kind == Kind::json)
    out.push_back("uniqueItems: a CHECK cannot compare items; checked on the way in");
  return out;
}

}  // namespace hansa::types
