#include "mesh/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mesh/json_value.h"
#include "mesh/names.h"
#include "mesh/rules.h"
#include "types/pattern.h"

namespace hansa::mesh {

namespace {

SourceRange at(ColumnContext const& context, spec::Node const& node) {
  return {context.file, node.place.line, node.place.column, node.place.length};
}

std::optional<std::string> option_text(spec::Property const& property, std::string_view key) {
  spec::Node const* const node = property.options.find(key);
  if (node == nullptr || !node->is_scalar()) return std::nullopt;
  return node->text;
}

types::Declared declared_type(spec::Property const& property) {
  types::Declared declared{.logical_type = property.logical_type.value,
                           .physical_type = property.physical_type.value,
                           .default_timezone = option_text(property, "defaultTimezone")};
  std::string const& type = property.logical_type.value;
  // The format of a date or time is a pattern for people, not a choice of type.
  if (type != "date" && type != "timestamp" && type != "time") {
    declared.format = option_text(property, "format");
  }
  if (spec::Node const* const timezone = property.options.find("timezone")) {
    declared.timezone = spec::as_boolean(*timezone);
  }
  return declared;
}

SourceRange type_place(spec::Property const& property) {
  if (spec::written(property.physical_type)) return property.physical_type.where;
  return spec::written(property.logical_type) ? property.logical_type.where : property.name.where;
}

// False if the type is wrong: then rules, defaults and examples cannot be judged.
bool resolve_type(spec::Property const& property, Column& column, ColumnContext const& context) {
  if (!property.shared_definitions.empty()) {
    context.diagnostics.error(Code::not_supported_yet, property.shared_definitions.front().where,
                              "shared definitions are not expanded yet",
                              "write the type and options here");
    return false;
  }
  if (property.type_refused) return false;
  auto resolved = types::resolve(declared_type(property));
  if (!resolved) {
    context.diagnostics.error(resolved.error().code, type_place(property),
                              std::move(resolved.error().detail), std::move(resolved.error().hint));
    return false;
  }
  column.type = resolved->type;
  column.rules = std::move(resolved->implied);
  column.identity = resolved->identity;
  if (resolved->zone_assumed) {
    context.diagnostics.warning(
        Code::ambiguous_time, type_place(property),
        fmt::format("`{}` does not say whether it has a time zone", column.name.text()),
        "write logicalTypeOptions: {timezone: true}, as is assumed");
  }
  return true;
}

struct AllowedExpression {
  std::string_view sql;
  std::array<types::Kind, 3> kinds;
};
constexpr std::array<AllowedExpression, 3> allowed_expressions = {{
    {"now()", {types::Kind::timestamptz, types::Kind::timestamp, types::Kind::date}},
    {"current_date", {types::Kind::date, types::Kind::timestamptz, types::Kind::timestamp}},
    {"gen_random_uuid()", {types::Kind::uuid, types::Kind::text, types::Kind::uuid}},
}};

void resolve_expression(spec::ExtensionValue const& extension, Column& column,
                        ColumnContext const& context) {
  SourceRange const where = at(context, extension.value);
  auto const row =
      std::ranges::find(allowed_expressions, extension.value.text, &AllowedExpression::sql);
  if (row == allowed_expressions.end()) {
    context.diagnostics.error(
        Code::invalid_value, where,
        fmt::format("`{:.80}` is not an allowed default", extension.value.text),
        "allowed are now(), current_date and gen_random_uuid()");
  } else if (std::ranges::find(row->kinds, column.type.kind) == row->kinds.end()) {
    context.diagnostics.error(Code::mismatch, where,
                              fmt::format("{} gives no {}", row->sql, types::to_text(column.type)));
  } else {
    column.default_value = Default{Default::Kind::expression, std::string(row->sql)};
  }
}

void resolve_default(spec::Property const& property, Column& column, ColumnContext const& context) {
  spec::ExtensionValue const* const literal = property.extension("hansa.default");
  spec::ExtensionValue const* const expression = property.extension("hansa.defaultSql");
  spec::ExtensionValue const* const any = literal != nullptr ? literal : expression;
  if (any == nullptr) return;
  if ((literal != nullptr && expression != nullptr) || column.identity) {
    context.diagnostics.error(Code::mismatch, any->key.where,
                              column.identity ? "an identity column has no other default"
                                              : "two defaults for one column");
    return;
  }
  if (expression != nullptr) return resolve_expression(*expression, column, context);
  auto value = types::from_json(to_json(literal->value), column.type, column.rules);
  if (!value || !*value) {
    context.diagnostics.error(Code::invalid_value, at(context, literal->value),
                              value ? "null is no default; leave the key out"
                                    : "the default does not fit: " + value.error().detail);
    return;
  }
  column.default_value = Default{Default::Kind::literal, std::move(**value)};
}

void resolve_examples(spec::Property const& property, Column& column,
                      ColumnContext const& context) {
  for (spec::Node const& node : property.examples) {
    json::Value example = to_json(node);
    auto const fits = types::from_json(example, column.type, column.rules);
    if (!fits || !*fits) {
      context.diagnostics.error(
          Code::invalid_value, at(context, node),
          "the example does not fit: " + (fits ? std::string("null") : fits.error().detail));
      continue;
    }
    column.examples.push_back(std::move(example));
  }
}

void resolve_classification(spec::Property const& property, Column& column,
                            ColumnContext const& context) {
  if (!spec::written(property.classification)) return;
  column.classification = property.classification.value;
  if (context.classifications.contains(column.classification)) return;
  std::vector<std::string_view> words;
  for (auto const& [word, mask] : context.classifications) words.push_back(word);
  std::string_view const near = nearest(column.classification, words);
  context.diagnostics.error(
      Code::unknown_classification, property.classification.where,
      fmt::format("`{:.80}` is no classification of this mesh", column.classification),
      !near.empty()   ? fmt::format("did you mean `{}`?", near)
      : words.empty() ? "list the words under `classifications` in mesh.yaml"
                      : fmt::format("mesh.yaml lists {}", fmt::join(words, ", ")));
}

void resolve_names(spec::Property const& property, Column& column, ColumnContext const& context) {
  check_name(NameKind::column, column.name.text(), property.name.where, context.diagnostics);
  column.physical_name = column.name.text();
  if (spec::written(property.physical_name)) {
    column.physical_name = property.physical_name.value;
    check_name(NameKind::physical_table, column.physical_name, property.physical_name.where,
               context.diagnostics);
  }
  if (auto const* const renamed = property.extension("hansa.renamedFrom")) {
    column.renamed_from = renamed->value.text;
    check_name(NameKind::physical_table, column.renamed_from, at(context, renamed->value),
               context.diagnostics);
  }
  if (auto const* const index = property.extension("hansa.index")) {
    column.index_declared = spec::as_boolean(index->value).value_or(false);
  }
}

// What is no regular expression to anybody is a mistake, not something to leave to others.
void require_pattern(Column const& column, Diagnostics& diagnostics) {
  auto const read = types::Pattern::compile(*column.rules.pattern);
  if (read || read.error().code != Code::invalid_text) return;
  diagnostics.error(
      Code::invalid_value, column.where,
      fmt::format("`{:.120}` is no pattern: it has {}", *column.rules.pattern, read.error().detail),
      "a regular expression as ECMA-262 has them");
}

}  // namespace

ResolvedColumn resolve_column(spec::Property const& property, ColumnContext const& context) {
  Column column;
  column.name = ColumnName(property.name.value);
  column.where = property.name.where;
  resolve_names(property, column, context);
  column.description = property.description.value;
  column.business_name = property.business_name.value;
  column.deprecated = property.deprecated;
  column.unique = property.unique;
  resolve_classification(property, column, context);
  bool const typed = resolve_type(property, column, context);
  if (typed) {
    column.rules = types::tightened(
        resolve_rules(property, column.type, context.file, context.diagnostics), column.rules);
    resolve_default(property, column, context);
    resolve_examples(property, column, context);
  }
  column.required = property.required || column.identity;
  if (typed && column.rules.pattern) require_pattern(column, context.diagnostics);
  if (context.kind == ObjectKind::table) {
    for (std::string& reason : types::not_enforced_by_database(column.type, column.rules)) {
      context.diagnostics.warning(Code::not_enforced, column.where,
                                  "PostgreSQL does not check this: " + std::move(reason));
    }
  }
  return {std::move(column), typed};
}

}  // namespace hansa::mesh
