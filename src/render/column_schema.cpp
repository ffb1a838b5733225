#include "render/column_schema.h"

#include <string>

#include "render/words.h"

namespace hansa::render {

namespace {

types::Nullable nullable(mesh::Column const& column) {
  return column.required || column.identity ? types::Nullable::no : types::Nullable::yes;
}

}  // namespace

std::optional<json::Value> literal_default(mesh::Column const& column) {
  if (!column.default_value || column.default_value->kind != mesh::Default::Kind::literal) {
    return std::nullopt;
  }
  auto stored = types::from_text(column.default_value->text, column.type, nullptr);
  if (!stored) return std::nullopt;
  // write_json reads what PostgreSQL prints, which is not always what it was given.
  if (column.type.kind == types::Kind::boolean) stored = *stored == "true" ? "t" : "f";
  std::string written;
  types::write_json(*stored, column.type, written);
  auto parsed = json::parse(written);
  if (!parsed || !types::from_json(*parsed, column.type, {})) return std::nullopt;
  return *std::move(parsed);
}

json::Value column_schema(mesh::Column const& column, Use use) {
  auto schema = types::json_schema(column.type, column.rules, nullable(column));
  auto& members = std::get<json::Object>(schema.data);
  add(members, "title", column.business_name);
  add(members, "description", column.description);
  if (!column.examples.empty()) members.emplace_back("examples", json::array(column.examples));
  if (column.deprecated) members.emplace_back("deprecated", json::boolean(true));
  if (!column.classification.empty()) {
    members.emplace_back("x-hansa-classification", json::text(column.classification));
  }
  if (column.reference) {
    auto const& to = *column.reference;
    members.emplace_back(
        "x-hansa-references",
        json::text(to.domain.text() + "/" + to.object.text() + "." + to.column.text()));
  }
  if (use == Use::write) {
    if (auto value = literal_default(column)) members.emplace_back("default", *std::move(value));
  } else if (column.identity) {
    members.emplace_back("x-hansa-identity", json::boolean(true));
  }
  return schema;
}

}  // namespace hansa::render
