#include "render/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "render/words.h"

namespace hansa::render {

namespace {

constexpr int page_default = 100;
constexpr int page_max = 1000;
constexpr int offset_max = 1'000'000;
constexpr std::size_t paired_order_columns_max = 12;

json::Value query_parameter(std::string_view name, std::string_view description,
                            json::Value schema) {
  return json::object({{"name", json::text(name)},
                       {"in", json::text("query")},
                       {"description", json::text(description)},
                       {"schema", std::move(schema)}});
}

json::Value pattern_schema(std::string const& pattern) {
  return json::object(
      {{"type", json::text("string")}, {"pattern", json::text("^(" + pattern + ")$")}});
}

json::Value number_schema(int least, int most, std::optional<int> usual) {
  json::Object schema{{"type", json::text("integer")},
                      {"minimum", json::integer(least)},
                      {"maximum", json::integer(most)}};
  if (usual) schema.emplace_back("default", json::integer(*usual));
  return json::object(std::move(schema));
}

// The tests one may make of a column, without its name.
std::string test_pattern(mesh::Column const& column, Place place) {
  auto const words = comparison_words(column.type.kind);
  std::string pattern = "is\\.(null|not_null";
  if (column.type.kind == types::Kind::boolean) pattern += "|true|false|unknown";
  pattern += ")";
  if (!words.empty()) {
    auto const value = value_pattern(column.type, place);
    auto const item = value_pattern(column.type, Place::in_list);
    pattern += fmt::format("|({})\\.{}|in\\.\\(({}(,{}){{0,9}})?\\)", words, value, item, item);
  }
  if (column.type.kind == types::Kind::text) {
    auto const* const value = place == Place::alone ? "[^\\x00\\\\]*" : "[^\\x00-\\x1f\\\\\"(),]*";
    pattern += fmt::format("|(like|ilike)\\.{}", value);
  }
  return fmt::format("(not\\.)?({})", pattern);
}

std::string example_text(mesh::Column const& column) {
  auto const value = column.examples.empty() ? types::example(column.type, column.rules, 0)
                                             : column.examples.front();
  if (auto const* text = value.as_string()) return *text;
  return json::to_text(value);
}

std::string filter_description(mesh::Column const& column) {
  auto const kind = column.type.kind;
  auto const type = types::to_text(column.type);
  if (kind == types::Kind::json) {
    return fmt::format("Filter on `{}` ({}): `is.null` or `is.not_null`.", column.name.text(),
                       type);
  }
  return fmt::format(
      "Filter on `{}` ({}): `operator.value`, for example `eq.{}`; `not.` before it turns it "
      "round. "
      "Operators: eq, neq{}{}, in.(a,b), isdistinct, is.null, is.not_null. May be given several "
      "times.",
      column.name.text(), type, example_text(column),
      kind == types::Kind::bytes ? "" : ", gt, gte, lt, lte",
      kind == types::Kind::text ? ", like, ilike (`*` for any text)" : "");
}

json::Value described(std::string const& pattern, std::string_view description) {
  auto schema = pattern_schema(pattern);
  std::get<json::Object>(schema.data).emplace_back("description", json::text(description));
  return schema;
}

json::Value column_filter(mesh::Column const& column) {
  auto schema = described(test_pattern(column, Place::alone), filter_description(column));
  if (column.deprecated) {
    std::get<json::Object>(schema.data).emplace_back("deprecated", json::boolean(true));
  }
  return schema;
}

// Conditions of `and` and `or`; columns that take the same tests share one alternative.
std::string condition_pattern(mesh::Object const& object) {
  std::vector<std::pair<std::string, std::string>> groups;  // test, names
  for (auto const& column : object.columns) {
    auto test = test_pattern(column, Place::in_list);
    auto const same = std::ranges::find(groups, test, &std::pair<std::string, std::string>::first);
    if (same == groups.end()) {
      groups.emplace_back(std::move(test), column.name.text());
    } else {
      same->second += "|" + column.name.text();
    }
  }
  std::string pattern;
  for (auto const& [test, names] : groups) {
    pattern += fmt::format("{}({})\\.{}", pattern.empty() ? "" : "|", names, test);
  }
  return pattern;
}

json::Value tree_filter(mesh::Object const& object, std::string_view description) {
  auto const condition = condition_pattern(object);
  return described(fmt::format("\\(({})(,({})){{0,2}}\\)", condition, condition), description);
}

std::string order_term(mesh::Column const* column) {
  return fmt::format("{}(\\.(asc|desc))?(\\.(nullsfirst|nullslast))?", column->name.text());
}

// No column may stand twice, so pairs are written out; more than two are described only.
json::Value order_parameter(mesh::Object const& object) {
  std::vector<mesh::Column const*> columns;
  std::string names;
  for (auto const& column : object.columns) {
    if (!column.orderable) continue;
    columns.push_back(&column);
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", column.name.text());
  }
  std::string pattern;
  for (auto const* first : columns) {
    std::string others;
    for (auto const* other : columns) {
      if (other == first || columns.size() > paired_order_columns_max) continue;
      others += (others.empty() ? "" : "|") + order_term(other);
    }
    pattern += (pattern.empty() ? "" : "|") + order_term(first);
    if (!others.empty()) pattern += fmt::format("(,({}))?", others);
  }
  return query_parameter(
      "order",
      fmt::format("Columns to order by, each `column[.asc|.desc][.nullsfirst|.nullslast]`, with "
                  "commas between. Those with an index: {}. The primary key is always added.",
                  names),
      pattern_schema(pattern));
}

json::Value key_schema(mesh::Object const& object) {
  auto const first =
      object.primary_key.empty() ? nullptr : object.find(object.primary_key[0].text());
  if (object.primary_key.size() == 1 && first != nullptr) {
    return types::json_schema(first->type, first->rules, types::Nullable::no);
  }
  std::string pattern;
  for (auto const& name : object.primary_key) {
    if (!pattern.empty()) pattern += ",";
    pattern += value_pattern(object.find(name.text())->type, Place::in_list);
  }
  return pattern_schema(pattern);
}

}  // namespace

json::Value select_parameter(mesh::Object const& object) {
  json::Array names;
  for (auto const& column : object.columns) names.push_back(json::text(column.name.text()));
  auto const items =
      json::object({{"type", json::text("string")}, {"enum", json::array(std::move(names))}});
  auto parameter = query_parameter("select", "The columns to show; all where it is absent.",
                                   json::object({{"type", json::text("array")},
                                                 {"items", items},
                                                 {"minItems", json::integer(1)},
                                                 {"uniqueItems", json::boolean(true)}}));
  auto& members = std::get<json::Object>(parameter.data);
  members.emplace_back("style", json::text("form"));
  members.emplace_back("explode", json::boolean(false));
  return parameter;
}

json::Value key_parameter(mesh::Object const& object) {
  std::string names;
  for (auto const& name : object.primary_key) {
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name.text());
  }
  auto const description =
      object.primary_key.size() == 1
          ? fmt::format("The row's key: {}.", names)
          : fmt::format(
                "The row's key: {}, with commas between; a comma inside a value is "
                "written `%252C`.",
                names);
  return json::object({{"name", json::text("key")},
                       {"in", json::text("path")},
                       {"required", json::boolean(true)},
                       {"description", json::text(description)},
                       {"schema", key_schema(object)}});
}

json::Array list_parameters(mesh::Object const& object) {
  json::Array parameters;
  parameters.push_back(select_parameter(object));
  parameters.push_back(order_parameter(object));
  parameters.push_back(query_parameter("limit",
                                       "Most rows of a page. `application/x-ndjson` has no page: "
                                       "every row, or as many as this says.",
                                       number_schema(0, page_max, page_default)));
  parameters.push_back(query_parameter("offset",
                                       "Rows to leave out first. To walk a whole table follow "
                                       "`Link: rel=\"next\"`, which stays fast "
                                       "and exact while rows change.",
                                       number_schema(0, offset_max, std::nullopt)));
  parameters.push_back(json::object(
      {{"name", json::text("filters")},
       {"in", json::text("query")},
       {"description",
        json::text(fmt::format("Which rows. Each member is a parameter of its own in the query: "
                               "`{{\"{0}\": \"{1}\"}}` is `{0}={1}`.",
                               object.columns.front().name.text(),
                               "eq." + example_text(object.columns.front())))},
       {"style", json::text("form")},
       {"explode", json::boolean(true)},
       {"schema", reference("schemas", schema_name(object.name.text()) + "Filter")},
       {"example", json::object({})}}));
  return parameters;
}

json::Value filter_schema(mesh::Object const& object) {
  json::Object properties;
  for (auto const& column : object.columns) {
    properties.emplace_back(column.name.text(), column_filter(column));
  }
  properties.emplace_back(
      "or", tree_filter(object,
                        "At least one condition must hold, for example `(a.eq.0,b.lt.5)`; "
                        "`and(...)`, `or(...)` and `not.` may stand inside, and `not.or` is a "
                        "parameter too."));
  properties.emplace_back("and",
                          tree_filter(object, "Every condition must hold; written like `or`."));
  return json::object({{"type", json::text("object")},
                       {"description", json::text("Conditions on the rows of a list.")},
                       {"properties", json::object(std::move(properties))},
                       {"additionalProperties", json::boolean(false)}});
}

}  // namespace hansa::render
