// What a record of a topic is made of: key, headers and value, as JSON Schema and as an example.
// Pure. What the log writes and what stands here are held together by a test of the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "mesh/mesh.h"

namespace hansa::render {

enum class RecordKind : std::uint8_t { event, tombstone };

// One header: CloudEvents 1.0 in Kafka's binary mode, W3C trace context, and ours.
struct RecordHeader {
  std::string name;
  std::string description;
  std::string example;
  std::vector<std::string> values;  // it has one of these; empty: it varies
  std::string format;               // of JSON Schema; empty: none
  bool always = true;
};

// In the order of a record. None for topics that clients write: those choose theirs.
[[nodiscard]] std::vector<RecordHeader> record_headers(mesh::Topic const& topic, RecordKind kind);

[[nodiscard]] json::Value headers_schema(mesh::Topic const& topic, RecordKind kind);
// Of the record's key, which is text.
[[nodiscard]] json::Value key_schema(mesh::Object const& object, mesh::Topic const& topic);
// Of the value as JSON: what a JSON topic holds, and what an Avro value decodes to. Its properties
// are those of the rows that REST answers.
[[nodiscard]] json::Value value_schema(mesh::Object const& object, mesh::Topic const& topic);

struct ExampleEvent {
  std::optional<std::string> key;  // nullopt: clients choose one, or none
  json::Object headers;
  json::Value value;  // null for a tombstone
};
// Requires that the topic's fields are columns of `object`, as do the others.
[[nodiscard]] ExampleEvent example_event(mesh::Object const& object, mesh::Topic const& topic,
                                         RecordKind kind);

}  // namespace hansa::render
