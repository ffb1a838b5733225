// The Avro schema of a contract's object.
#include <cassert>

#include "avro/avro.h"
#include "avro/binary.h"
#include "avro/encode_value.h"
#include "avro/forms.h"
#include "avro/union_order.h"
#include "types/characters.h"

namespace hansa::avro {
namespace {

using json::Value;
using types::Kind;

Value attributed(std::string_view type, std::string_view key, std::string_view word) {
  return json::object({{"type", json::text(type)}, {std::string(key), json::text(word)}});
}

Value logical(std::string_view type, std::string_view word) {
  return attributed(type, "logicalType", word);
}

Value numeric_schema(types::Type const& type) {
  if (type.precision == 0) return attributed("string", "hansa.type", "numeric");
  auto schema = logical("bytes", "decimal");
  auto& members = std::get<json::Object>(schema.data);
  members.emplace_back("precision", json::integer(type.precision));
  members.emplace_back("scale", json::integer(type.scale));
  return schema;
}

Value type_schema(types::Type const& type) {
  switch (type.kind) {
    case Kind::boolean:
      return json::text("boolean");
    case Kind::int16:
    case Kind::int32:
      return json::text("int");
    case Kind::int64:
      return json::text("long");
    case Kind::numeric:
      return numeric_schema(type);
    case Kind::float32:
      return json::text("float");
    case Kind::float64:
      return json::text("double");
    case Kind::text:
      return json::text("string");
    case Kind::uuid:
      return logical("string", "uuid");
    case Kind::bytes:
      return json::text("bytes");
    case Kind::date:
      return logical("int", "date");
    case Kind::time:
      return logical("long", "time-micros");
    case Kind::timestamp:
      return logical("long", "local-timestamp-micros");
    case Kind::timestamptz:
      return logical("long", "timestamp-micros");
    case Kind::json:
      return attributed("string", "hansa.type", "json");
  }
  return {};
}

// Bytes in a default are a string of the code points up to U+00FF.
Value bytes_default(std::string_view bytes) {
  std::string text;
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) text += static_cast<char>(0xC0U | byte >> 6U);
    text += static_cast<char>(byte < 0x80 ? byte : 0x80U | (byte & 0x3FU));
  }
  return json::text(text);
}

// A default of the contract as Avro writes it: through the binary form, so that both agree.
Value default_of(Field const& field) {
  auto const& type = field.type;
  auto const text = types::from_json(*field.default_value, type, {});
  assert(text && *text);
  std::string binary;
  [[maybe_unused]] auto const reason = encode_value(type, **text, binary);
  assert(reason == nullptr);
  std::string_view rest = binary;
  switch (type.kind) {
    case Kind::boolean:
      return json::boolean(rest == std::string_view("\1", 1));
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
    case Kind::timestamptz:
      return json::integer(take_varint(rest).value_or(0));
    case Kind::float32:
    case Kind::float64:
      return json::number(**text);
    case Kind::numeric:
    case Kind::bytes:
    case Kind::text:
    case Kind::uuid:
    case Kind::json:
      break;
  }
  static_cast<void>(take_varint(rest));
  bool const is_bytes =
      type.kind == Kind::bytes || (type.kind == Kind::numeric && type.precision > 0);
  return is_bytes ? bytes_default(rest) : json::text(rest);
}

Value field_schema(Field const& field) {
  assert(is_name(field.name));
  json::Object members = {{"name", json::text(field.name)}};
  if (!field.doc.empty()) members.emplace_back("doc", json::text(field.doc));
  auto type = type_schema(field.type);
  if (field.nullable) {
    json::Array branches(2);
    branches[static_cast<std::size_t>(branch(field, Branch::null))] = json::text("null");
    branches[static_cast<std::size_t>(branch(field, Branch::value))] = std::move(type);
    type = json::array(std::move(branches));
  }
  members.emplace_back("type", std::move(type));
  if (has_own_default(field))
    members.emplace_back("default", default_of(field));
  else if (field.nullable)
    members.emplace_back("default", Value{});
  return json::object(std::move(members));
}

}  // namespace

Value to_json(RecordSchema const& schema) {
  assert(is_name(schema.name));
  json::Object members = {{"type", json::text("record")}, {"name", json::text(schema.name)}};
  if (!schema.name_space.empty()) members.emplace_back("namespace", json::text(schema.name_space));
  if (!schema.doc.empty()) members.emplace_back("doc", json::text(schema.doc));
  json::Array fields;
  for (auto const& field : schema.fields) fields.push_back(field_schema(field));
  members.emplace_back("fields", json::array(std::move(fields)));
  return json::object(std::move(members));
}

}  // namespace hansa::avro
