#include "render/event_schemas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "render/column_schema.h"
#include "render/table_schemas.h"
#include "render/words.h"

namespace hansa::render {

namespace {

using Source = mesh::Topic::Source;

// The example of the specification of trace context.
constexpr std::string_view example_trace =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

RecordHeader fixed(std::string name, std::string description, std::string value) {
  return {.name = std::move(name),
          .description = std::move(description),
          .example = value,
          .values = {value}};
}

RecordHeader operation_header(RecordKind kind) {
  auto const gone = kind == RecordKind::tombstone;
  return {.name = "hansa_op",
          .description = "What was done to the row.",
          .example = gone ? "delete" : "create",
          .values = gone ? std::vector<std::string>{"delete"}
                         : std::vector<std::string>{"create", "update"}};
}

// As json_build_array prints texts.
std::string array_text(std::vector<std::string> const& parts) {
  std::string out = "[";
  for (auto const& part : parts) {
    if (out.size() > 1) out += ", ";
    json::write_string(part, out);
  }
  return out + "]";
}

mesh::Column const& column_of(mesh::Object const& object, ColumnName const& name) {
  auto const* column = object.find(name.text());
  assert(column != nullptr);
  return *column;
}

json::Value example_value(mesh::Object const& object, mesh::Topic const& topic) {
  auto const row = example_row(object, 0);
  json::Object value;
  for (auto const& field : topic.fields) value.emplace_back(field.text(), *row.find(field.text()));
  return json::object(std::move(value));
}

std::optional<std::string> example_key(mesh::Object const& object, mesh::Topic const& topic) {
  std::vector<std::string> parts;
  auto const row = example_row(object, 0);
  for (auto const& name : topic.key) {
    auto const& column = column_of(object, name);
    auto const text = types::from_json(*row.find(name.text()), column.type, {});
    parts.push_back(text ? text->value_or("") : "");
  }
  if (parts.empty()) return std::nullopt;
  return parts.size() == 1 ? parts.front() : array_text(parts);
}

std::string quoted(std::vector<ColumnName> const& names) {
  std::string out;
  for (auto const& name : names) out += (out.empty() ? "`" : ", `") + name.text() + "`";
  return out;
}

json::Value header_schema(RecordHeader const& header) {
  json::Object members{{"type", json::text("string")}};
  add(members, "format", header.format);
  if (header.values.size() == 1) {
    add(members, "const", header.values.front());
  } else if (!header.values.empty()) {
    json::Array values;
    for (auto const& value : header.values) values.push_back(json::text(value));
    members.emplace_back("enum", json::array(std::move(values)));
  }
  add(members, "description", header.description);
  if (header.values.empty()) {
    members.emplace_back("examples", json::array({json::text(header.example)}));
  }
  return json::object(std::move(members));
}

}  // namespace

std::vector<RecordHeader> record_headers(mesh::Topic const& topic, RecordKind kind) {
  if (topic.source == Source::clients) return {};
  std::vector<RecordHeader> out;
  out.push_back(fixed("ce_specversion", "The version of CloudEvents.", "1.0"));
  out.push_back({.name = "ce_id",
                 .description = "The event's id, drawn when it was appended; the same in the "
                                "topics of all majors.",
                 .example = topic.domain.text() + "-42"});
  out.push_back(fixed("ce_source", "The data product it comes from.", topic.event_source));
  out.push_back(fixed("ce_type", "What kind of event it is.", topic.event_type));
  out.push_back({.name = "ce_subject", .description = "The record's key.", .example = "17"});
  out.push_back({.name = "ce_time",
                 .description = "When the statement ran that made it, in UTC.",
                 .example = "2026-01-01T00:00:00Z",
                 .format = "date-time"});
  if (kind == RecordKind::event) {
    auto const avro = topic.format == mesh::EventFormat::avro;
    out.push_back(fixed("content-type", "What the value is.",
                        avro ? "application/avro" : "application/json"));
  }
  out.push_back({.name = "traceparent",
                 .description = "W3C trace context of the request that made it, if it had one.",
                 .example = std::string(example_trace),
                 .always = false});
  out.push_back({.name = "hansa_actor",
                 .description = "Who made it, where that is known.",
                 .example = "alice",
                 .always = false});
  if (topic.source == Source::changes) out.push_back(operation_header(kind));
  return out;
}

json::Value headers_schema(mesh::Topic const& topic, RecordKind kind) {
  json::Object properties;
  json::Array required;
  for (auto const& header : record_headers(topic, kind)) {
    properties.emplace_back(header.name, header_schema(header));
    if (header.always) required.push_back(json::text(header.name));
  }
  return json::object({{"type", json::text("object")},
                       {"required", json::array(std::move(required))},
                       {"properties", json::object(std::move(properties))}});
}

json::Value key_schema(mesh::Object const& object, mesh::Topic const& topic) {
  if (topic.key.empty()) {
    return json::object({{"type", json::array({json::text("string"), json::text("null")})},
                         {"description", json::text("Whatever the writing client chooses.")}});
  }
  auto const one = topic.key.size() == 1;
  json::Object members{{"type", json::text("string")}};
  add(members, "description",
      one ? fmt::format("The text of {}.", quoted(topic.key))
          : fmt::format("A JSON array of the texts of {}.", quoted(topic.key)));
  if (auto const example = example_key(object, topic)) {
    members.emplace_back("examples", json::array({json::text(*example)}));
  }
  return json::object(std::move(members));
}

json::Value value_schema(mesh::Object const& object, mesh::Topic const& topic) {
  json::Object properties;
  json::Array required;
  // Hansa writes every field, null where there is nothing; a client may leave those out.
  auto const loose = topic.source == Source::clients && topic.format == mesh::EventFormat::json;
  for (auto const& name : topic.fields) {
    auto const& column = column_of(object, name);
    properties.emplace_back(name.text(), column_schema(column, Use::read));
    if (column.required || !loose) required.push_back(json::text(name.text()));
  }
  json::Object schema{{"type", json::text("object")}};
  add(schema, "title", object.business_name);
  add(schema, "description", object.description);
  if (!required.empty()) schema.emplace_back("required", json::array(std::move(required)));
  schema.emplace_back("properties", json::object(std::move(properties)));
  schema.emplace_back("examples", json::array({example_value(object, topic)}));
  return json::object(std::move(schema));
}

ExampleEvent example_event(mesh::Object const& object, mesh::Topic const& topic, RecordKind kind) {
  ExampleEvent out{.key = example_key(object, topic), .headers = {}, .value = {}};
  for (auto const& header : record_headers(topic, kind)) {
    auto const subject = header.name == "ce_subject" && out.key;
    out.headers.emplace_back(header.name, json::text(subject ? *out.key : header.example));
  }
  if (kind == RecordKind::event) out.value = example_value(object, topic);
  return out;
}

}  // namespace hansa::render
