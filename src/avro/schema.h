// Any Avro schema (specification 1.11), strangers' included, and reading what was written with it.
// Values: a Schema is immutable once parsed and may be shared; functions are pure and open to all
// threads. Schemas and data are hostile input: both are bounded in size, depth and work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace hansa::avro {

enum class Form : std::uint8_t {
  null,
  boolean,
  int32,    // "int"
  int64,    // "long"
  float32,  // "float"
  float64,  // "double"
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  choice,  // a union
  fixed,
};

// A logical type whose schema fits it; one that does not fit counts for nothing, as the
// specification demands.
enum class Logical : std::uint8_t {
  none,
  decimal,  // precision up to 1000
  uuid,     // on a string, or on fixed(16) as of 1.12
  date,
  time_millis,
  time_micros,
  timestamp_millis,
  timestamp_micros,
  local_timestamp_millis,
  local_timestamp_micros,
  duration,
  numeric_text,  // hansa.type numeric
  json_text,     // hansa.type json
};

using NodeId = std::uint32_t;  // an index of Schema::nodes

struct SchemaField {
  std::string name;
  NodeId type = 0;
  std::optional<json::Value> default_value;
  std::vector<std::string> aliases;
};

struct SchemaNode {
  Form form = Form::null;
  Logical logical = Logical::none;
  std::uint32_t precision = 0, scale = 0;  // decimal
  std::uint32_t size = 0;                  // fixed, bytes
  std::string name;                        // record, enumeration, fixed: the full name
  std::vector<std::string> aliases;        // full names
  std::vector<SchemaField> fields;         // record
  std::vector<std::string> symbols;        // enumeration
  std::optional<std::string> default_symbol;
  std::vector<NodeId> parts;  // array, map: one; choice: the branches
};

// A graph: a reference by name is the same NodeId, so a recursive type has a cycle.
struct Schema {
  std::vector<SchemaNode> nodes;
  NodeId root = 0;

  [[nodiscard]] SchemaNode const& at(NodeId id) const { return nodes[id]; }
};

inline constexpr std::size_t schema_bytes_max = 1U << 20U;
inline constexpr std::size_t schema_depth_max = 32;  // of types within types

// ignored: what Confluent's registry does unless told otherwise. A schema's data can be read
// either way; only a reader makes use of defaults.
enum class Defaults : std::uint8_t { checked, ignored };

// Names have to be valid and defined once, symbols, fields and branches unlike each other. A
// default may belong to any branch of a union, as of 1.12. Errors: those of json::parse,
// invalid_value with the place, too_complex, body_too_large.
[[nodiscard]] Result<Schema> parse_schema(std::string_view document,
                                          Defaults defaults = Defaults::checked);

// The Parsing Canonical Form. Equal forms read the same bytes the same way; logical types,
// defaults, aliases and docs are not in it.
[[nodiscard]] std::string canonical_form(Schema const& schema);

// CRC-64-AVRO, the specification's fingerprint, of a canonical form.
[[nodiscard]] std::uint64_t fingerprint(std::string_view canonical_form);

struct DecodeLimits {
  std::size_t depth_max = 64;
  std::size_t values_max = 1'000'000;  // scalars, arrays, maps and records together
  std::size_t bytes_max = 64U << 20U;  // of the text, give or take one name of the schema
};

// Appends what `bytes` hold, all of them, as one JSON value: numbers with all their digits,
// decimals with their scale, floats that are no numbers as strings, moments as types::write_json
// prints them (an instant in RFC 3339 with Z; a local one too, for want of its zone), bytes and
// fixed as base64, a duration in ISO 8601, json as itself, a union as the value of its branch.
// Errors: invalid_body (malformed, beyond the type's range, not UTF-8, a key twice in a map, bytes
// left over), too_complex. On an error `out` is as it was before.
[[nodiscard]] Result<void> decode(Schema const& writer, std::string_view bytes, std::string& out,
                                  DecodeLimits const& limits = {});

}  // namespace hansa::avro
