#include "render/table_schemas.h"

#include <algorithm>

#include "render/column_schema.h"
#include "render/parameters.h"
#include "render/words.h"

namespace hansa::render {

namespace {

void add_names(json::Object& members, std::string_view name, json::Array names) {
  if (!names.empty()) members.emplace_back(name, json::array(std::move(names)));
}

json::Value read_schema(mesh::Object const& object) {
  json::Object properties;
  json::Array required;
  for (auto const& column : object.columns) {
    properties.emplace_back(column.name.text(), column_schema(column, Use::read));
    required.push_back(json::text(column.name.text()));
  }
  json::Object schema{{"type", json::text("object")}};
  add(schema, "title", object.business_name);
  add(schema, "description", object.description);
  add_names(schema, "required", std::move(required));
  schema.emplace_back("properties", json::object(std::move(properties)));
  schema.emplace_back("examples", json::array({example_row(object, 0)}));
  return json::object(std::move(schema));
}

// The columns that `select` named: any of them, none for certain.
json::Value selection_schema(mesh::Object const& object, std::string const& name) {
  json::Object properties;
  for (auto const& column : object.columns) {
    properties.emplace_back(column.name.text(),
                            reference("schemas", name + "/properties/" + column.name.text()));
  }
  return json::object({{"type", json::text("object")},
                       {"description", json::text("The columns that `select` names.")},
                       {"properties", json::object(std::move(properties))},
                       {"additionalProperties", json::boolean(false)}});
}

json::Value example_create(mesh::Object const& object) {
  auto row = example_row(object, 0);
  auto& members = std::get<json::Object>(row.data);
  std::erase_if(members, [&](auto const& member) {
    auto const* column = object.find(member.first);
    return column->identity || (column->default_value &&
                                column->default_value->kind == mesh::Default::Kind::expression);
  });
  return row;
}

json::Value create_schema(mesh::Object const& object) {
  json::Object properties;
  json::Array required;
  for (auto const& column : object.columns) {
    properties.emplace_back(column.name.text(), column_schema(column, Use::write));
    if (!optional_on_create(object, column)) required.push_back(json::text(column.name.text()));
  }
  json::Object schema{{"type", json::text("object")}};
  add_names(schema, "required", std::move(required));
  schema.emplace_back("properties", json::object(std::move(properties)));
  schema.emplace_back("additionalProperties", json::boolean(false));
  schema.emplace_back("examples", json::array({example_create(object)}));
  return json::object(std::move(schema));
}

bool is_key(mesh::Object const& object, mesh::Column const& column) {
  return std::ranges::find(object.primary_key, column.name) != object.primary_key.end();
}

// The key is left out: a patch may repeat it but not change it.
json::Value patch_schema(mesh::Object const& object) {
  json::Object properties;
  json::Object example;
  auto const row = example_row(object, 1);
  for (auto const& column : object.columns) {
    if (is_key(object, column)) continue;
    properties.emplace_back(column.name.text(), column_schema(column, Use::read));
    auto const generated = column.identity || column.default_value;
    if (example.empty() && !generated) {
      example.emplace_back(column.name.text(), *row.find(column.name.text()));
    }
  }
  return json::object({{"type", json::text("object")},
                       {"properties", json::object(std::move(properties))},
                       {"additionalProperties", json::boolean(false)},
                       {"examples", json::array({json::object(std::move(example))})}});
}

json::Value typed(std::string_view type, std::string_view description) {
  return json::object({{"type", json::text(type)}, {"description", json::text(description)}});
}

}  // namespace

bool optional_on_create(mesh::Object const& object, mesh::Column const& column) {
  static_cast<void>(object);
  return column.identity || column.default_value || !column.required;
}

json::Value example_row(mesh::Object const& object, std::uint64_t index) {
  json::Object row;
  for (auto const& column : object.columns) {
    row.emplace_back(column.name.text(), index < column.examples.size()
                                             ? column.examples[index]
                                             : types::example(column.type, column.rules, index));
  }
  return json::object(std::move(row));
}

void add_table_schemas(mesh::Served const& served, Writable writable, json::Object& schemas) {
  auto const& object = *served.object;
  auto const name = schema_name(object.name.text());
  schemas.emplace_back(name, read_schema(object));
  schemas.emplace_back(name + "Selection", selection_schema(object, name));
  schemas.emplace_back(name + "Filter", filter_schema(object));
  if (writable == Writable::no) return;
  schemas.emplace_back(name + "Create", create_schema(object));
  schemas.emplace_back(name + "Patch", patch_schema(object));
}

json::Value problem_schema() {
  auto const field = json::object(
      {{"type", json::text("object")},
       {"properties",
        json::object({{"path", typed("string", "JSON Pointer into the body, or a column.")},
                      {"message", typed("string", "What is wrong with it.")}})}});
  auto errors = typed("array", "Every field at fault.");
  std::get<json::Object>(errors.data).emplace_back("items", field);
  return json::object(
      {{"type", json::text("object")},
       {"description", json::text("An error (RFC 9457).")},
       {"required", json::array({json::text("type"), json::text("title"), json::text("status"),
                                 json::text("code")})},
       {"properties",
        json::object({{"type", typed("string", "`urn:hansa:error:` and the error's name.")},
                      {"title", typed("string", "What kind of error it is.")},
                      {"status", typed("integer", "The HTTP status.")},
                      {"detail", typed("string", "What happened this time.")},
                      {"code", typed("string", "Its number in the catalogue, for example H5006.")},
                      {"hint", typed("string", "What to do.")},
                      {"instance", typed("string", "The path asked for.")},
                      {"errors", std::move(errors)}})}});
}

}  // namespace hansa::render
