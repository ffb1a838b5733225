#include <fmt/core.h>

#include <algorithm>

#include "sql/allowed.h"
#include "sql/sql.h"

namespace hansa::sql {
namespace {

bool contains(std::vector<std::string> const& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string listed(std::vector<std::string> const& names) {
  std::string text;
  for (auto const& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string shown(std::string_view schema, std::string_view name) {
  return schema.empty() ? std::string(name) : fmt::format("{}.{}", schema, name);
}

class Judge {
 public:
  Judge(Statement const& statement, Rules const& rules) : statement_(statement), rules_(rules) {}

  std::vector<Violation> verdict() {
    kind(statement_.kind, statement_.verb, statement_.offset);
    if (statement_.kind == Kind::other) return std::move(found_);
    for (auto const& relation : statement_.relations) judge(relation);
    for (auto const& cte : statement_.ctes) judge(cte);
    for (auto const& function : statement_.functions) judge(function);
    for (auto const& op : statement_.operators) judge(op);
    for (auto const& type : statement_.types) judge(type);
    for (auto const& feature : statement_.features) judge(feature);
    if (rules_.batches)
      for (auto const& hit : statement_.repeated_hits) judge(hit);
    std::ranges::stable_sort(found_, {}, &Violation::offset);
    auto const repeated = std::ranges::unique(found_);
    found_.erase(repeated.begin(), repeated.end());
    return std::move(found_);
  }

 private:
  void add(std::string_view word, std::size_t offset, std::string message, std::string hint) {
    found_.push_back({word, std::move(message), std::move(hint), offset});
  }

  void kind(Kind kind, std::string_view verb, std::size_t offset) {
    if (kind != Kind::other && std::ranges::find(rules_.kinds, kind) != rules_.kinds.end()) return;
    std::string allowed;
    for (auto const one : rules_.kinds)
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", to_text(one));
    auto const name = kind == Kind::other || verb != "WITH" ? verb : to_text(kind);
    add("statement-kind", offset, fmt::format("{} may not stand here", name),
        fmt::format("allowed: {}", allowed));
  }

  [[nodiscard]] bool of_frame(Relation const& relation) const {
    return relation.schema.empty() && relation.catalog.empty() &&
           contains(rules_.frame, relation.name);
  }

  void judge(Relation const& relation) {
    auto const name = shown(relation.schema, relation.name);
    if (!relation.catalog.empty())
      return add("other-database", relation.offset,
                 fmt::format("`{}.{}` names a database", relation.catalog, name),
                 "leave the database out");
    if (of_frame(relation)) {
      if (relation.access == Access::written)
        add("frame-not-writable", relation.offset,
            fmt::format("`{}` is given to be read", relation.name), "write to a table");
      return;
    }
    // pg_catalog comes first on every search path, whatever the default schema is.
    if (relation.schema.empty() && relation.name.starts_with("pg_"))
      return add("system-relation", relation.offset,
                 fmt::format("`{}` belongs to PostgreSQL", relation.name), "");
    if (relation.schema.empty() && rules_.default_schema.empty())
      return add(
          "unqualified-relation", relation.offset, fmt::format("`{}` has no schema", relation.name),
          rules_.frame.empty()
              ? "write <schema>.<table>"
              : fmt::format("write <schema>.<table>; only {} stand alone", listed(rules_.frame)));
    in_schema(relation, relation.schema.empty() ? rules_.default_schema : relation.schema);
  }

  void in_schema(Relation const& relation, std::string const& schema) {
    bool const write = relation.access == Access::written;
    auto const& schemas = write ? rules_.write_schemas : rules_.read_schemas;
    if (contains(schemas, schema)) return;
    auto hint = schemas.empty() ? std::string("no schema is open to it")
                                : fmt::format("schemas open to it: {}", listed(schemas));
    add(write ? "schema-not-writable" : "schema-not-readable", relation.offset,
        fmt::format("`{}` may not be {}", shown(schema, relation.name), write ? "written" : "read"),
        std::move(hint));
  }

  void judge(Cte const& cte) {
    if (contains(rules_.frame, cte.name))
      add("frame-shadowed", cte.offset, fmt::format("`{}` hides the relation given here", cte.name),
          "choose another name for the WITH query");
    if (cte.kind != Kind::select && rules_.modifying_ctes)
      kind(cte.kind, to_text(cte.kind), cte.offset);
  }

  void judge(Function const& call) {
    if (!call.schema.empty() && call.schema != "pg_catalog")
      return add("function-schema", call.offset,
                 fmt::format("`{}` is not a function of PostgreSQL", shown(call.schema, call.name)),
                 "only PostgreSQL's own functions may be called");
    auto const group = function_class(call.name);
    bool const pure_age = call.name == "age" && call.arguments.size() == 2;
    if (group == FunctionClass::clock || group == FunctionClass::random) {
      if (rules_.clock_and_random == Volatility::refused && !pure_age)
        add("clock-or-random", call.offset,
            fmt::format("`{}` gives other answers when it runs again", call.name),
            "take the time and the ids from the event");
    } else if (group == FunctionClass::bounded) {
      auto const why = unbounded(call);
      if (!why.empty())
        add("unbounded-result", call.offset,
            fmt::format("`{}` may make a result of any size", call.name), std::string(why));
    } else if (group == FunctionClass::refused) {
      auto const why = why_refused(call.name);
      add("function-not-allowed", call.offset,
          fmt::format("`{}` may not be called{}{}", call.name, why.empty() ? "" : ": ", why),
          why.empty() ? "only listed pure functions of PostgreSQL may be called" : "");
    }
  }

  void judge(Operator const& op) {
    bool const ours = op.schema.empty() || op.schema == "pg_catalog";
    if (ours && operator_allowed(op.name)) return;
    add("operator-not-allowed", op.offset,
        fmt::format("the operator `{}` may not be used", shown(op.schema, op.name)),
        "only PostgreSQL's operators on plain values may be used");
  }

  void judge(TypeName const& type) {
    bool const ours = type.schema.empty() || type.schema == "pg_catalog";
    if (!ours || !type.plain || !type_allowed(type.name))
      return add("type-not-allowed", type.offset,
                 fmt::format("the type `{}` may not be used", shown(type.schema, type.name)),
                 "only plain values: numbers, text, times, uuid, bytea, JSON, ranges, arrays");
    if (type.name != "bpchar" && type.name != "bit") return;
    if (std::ranges::all_of(type.modifiers, modest)) return;
    add("unbounded-result", type.offset, fmt::format("`{}` pads to a great length", type.name),
        "lengths of at most 10000 are accepted");
  }

  static bool modest(Literal const& length) { return length && length->size() <= 4; }

  void judge(Feature const& feature) {
    using enum Feature::Kind;
    auto const at = feature.offset;
    switch (feature.kind) {
      case parameter:
        return add("parameter", at, "there are no parameters", "write the value");
      case row_lock:
        return add("row-lock", at, "rows may not be locked", "leave FOR out");
      case select_into:
        return add("select-into", at, "SELECT INTO makes a table", "leave INTO out");
      case recursive:
        if (!rules_.recursion)
          add("recursive", at, "WITH RECURSIVE may run without end", "leave RECURSIVE out");
        return;
      case field_selection:
        return add("field-selection", at,
                   fmt::format("`.{}` of an expression may be a function call", feature.text),
                   "name the column through the alias of its relation");
      case unknown_qualifier:
        return add("unknown-qualifier", at,
                   fmt::format("no relation here is called `{}`", feature.text),
                   "use the alias that FROM gives");
      case sampling:
        return add("sampling", at, "TABLESAMPLE gives other rows each time", "");
      case xml:
        return add("xml", at, "XML may not be used", "use jsonb");
      case cursor:
        return add("cursor", at, "there is no cursor", "write a condition");
      case modifying_cte:
        if (!rules_.modifying_ctes)
          add("modifying-cte", at, fmt::format("the WITH query `{}` changes rows", feature.text),
              "only the statement itself may change rows");
        return;
      case unknown:
        return add("unknown-syntax", at,
                   fmt::format("this syntax is not known here ({})", feature.text),
                   "write it another way");
    }
  }

  void judge(RepeatedHit const& hit) {
    auto const& source = statement_.relations[hit.relation];
    if (!of_frame(source) || hit.kind == Kind::remove) return;
    add("repeated-hit", hit.offset,
        fmt::format(
            "two rows of `{}` may meet one row of `{}`, and {}", source.name, hit.target,
            hit.kind == Kind::update ? "only one would be applied" : "the statement would fail"),
        fmt::format("group `{}` by the key first, or take one event at a time", source.name));
  }

  Statement const& statement_;
  Rules const& rules_;
  std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> judge(Statement const& statement, Rules const& rules) {
  return Judge(statement, rules).verdict();
}

ColumnsRead columns_read(Statement const& statement, std::string_view name) {
  ColumnsRead read;
  for (auto const& relation : statement.relations) {
    if (!relation.schema.empty() || relation.name != name) continue;
    read.all = read.all || relation.all_columns;
    for (auto const& column : relation.columns)
      (column.certain ? read.certain : read.possible).push_back(column.name);
  }
  for (auto* names : {&read.certain, &read.possible}) {
    std::ranges::sort(*names);
    auto const repeated = std::ranges::unique(*names);
    names->erase(repeated.begin(), repeated.end());
  }
  std::erase_if(read.possible, [&](auto const& column) { return contains(read.certain, column); });
  return read;
}

}  // namespace hansa::sql
