// The one type system: what a contract's property may be, and how it is written in PostgreSQL, JSON
// and JSON Schema. Every artefact maps through here and nowhere else (DESIGN section 3). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace hansa::types {

enum class Kind : std::uint8_t {
  boolean,
  int16,
  int32,
  int64,
  numeric,  // exact decimal; precision and scale, or unbounded when precision is 0
  float32,
  float64,
  text,
  uuid,
  bytes,  // logicalType string, format byte: base64 in JSON, bytea in PostgreSQL
  date,
  time,       // without zone
  timestamp,  // without zone in PostgreSQL, read in `zone`; JSON always carries an offset
  timestamptz,
  json,  // logicalType object, array, map: jsonb
};

enum class JsonShape : std::uint8_t { any, object, array };

struct Type {
  Kind kind = Kind::text;
  std::uint16_t precision = 0;       // numeric only, 1..1000; 0: unbounded
  std::uint16_t scale = 0;           // numeric only, 0..precision
  JsonShape shape = JsonShape::any;  // json only
  std::string zone = "Etc/UTC";      // timestamp only; IANA name
  bool operator==(Type const&) const = default;
};

// What a value must satisfy beyond its type. Bounds are written as PostgreSQL literals of the type.
struct Rules {
  std::optional<std::uint32_t> min_length, max_length;  // characters (code points)
  std::optional<std::string> pattern;                   // ECMA-262 as in the contract
  std::optional<std::string> format;                    // email, uri, hostname, ipv4, ...
  std::optional<std::string> minimum, maximum, exclusive_minimum, exclusive_maximum;
  std::optional<std::string> multiple_of;
  std::optional<std::uint32_t> min_items, max_items, min_properties, max_properties;
  bool unique_items = false;
  std::vector<std::string> required_properties;  // json objects
  std::vector<std::string> valid_values;         // invalidValues with validValues, or enum
  bool operator==(Rules const&) const = default;
};

// A property as a contract states it; input of resolve().
struct Declared {
  std::string logical_type;           // empty if absent
  std::string physical_type;          // empty if absent
  std::optional<std::string> format;  // logicalTypeOptions.format
  std::optional<bool> timezone;
  std::optional<std::string> default_timezone;
};

struct Resolved {
  Type type;
  bool identity = false;  // physicalType serial / bigserial / smallserial
  bool zone_assumed =
      false;      // a timestamp that says nothing of its zone: timestamptz, with a warning
  Rules implied;  // what the declaration implies beyond the type: the range of u32, the
                  // length of varchar(255); the mesh joins it by tightened()
};

// ODCS logicalType + options + physicalType to a Type. Error: unsupported_type, with the list of
// what is. A physicalType that contradicts the logicalType is an error (mismatch).
[[nodiscard]] Result<Resolved> resolve(Declared const& declared);

// `declared` with the stricter of the two wherever `implied` (Resolved::implied) says something
// too.
[[nodiscard]] Rules tightened(Rules declared, Rules const& implied);

// "numeric(10,2)", "timestamp with time zone": as format_type() of PostgreSQL prints it.
[[nodiscard]] std::string postgres_type(Type const& type);
// The other way: from format_type()'s text; nullopt for types Hansa does not serve.
[[nodiscard]] std::optional<Type> from_postgres_type(std::string_view format_type);

// Whether every value of `from` is a value of `to` under PostgreSQL's cast, e.g. int32 to int64.
[[nodiscard]] bool widens(Type const& from, Type const& to);

// One CHECK constraint a rule compiles to. `name` is a short stable word: "length", "range",
// "pattern", "values", "format", "items"; `expression` is SQL over the quoted column.
struct Check {
  std::string name;
  std::string expression;
};
// The rules PostgreSQL enforces, in a stable order. `column` is the unquoted name.
[[nodiscard]] std::vector<Check> checks(std::string_view column, Type const& type,
                                        Rules const& rules);
// Rules that are valid but that PostgreSQL is not made to enforce (e.g. a pattern with
// look-behind); each with the reason. They are still enforced by from_json and from_text unless
// said otherwise.
[[nodiscard]] std::vector<std::string> not_enforced_by_database(Type const& type,
                                                                Rules const& rules);

// A JSON value to PostgreSQL's text input. Exact or refused: 1.005 for numeric(10,2) is an error,
// as are 1e400, "5" for an integer, a timestamp without offset, NUL in text. null gives nullopt;
// whether it is allowed is the caller's question. Error: invalid_body; detail says what was
// expected.
[[nodiscard]] Result<std::optional<std::string>> from_json(json::Value const& value,
                                                           Type const& type, Rules const& rules);

// The same for text as it stands in a filter, a key or a CSV field: `5`, `1299.99`, `2026-01-01`,
// RFC 3339 or PostgreSQL's timestamp form, `true|false|t|f`. Rules are checked when given.
[[nodiscard]] Result<std::string> from_text(std::string_view text, Type const& type,
                                            Rules const* rules);

// Appends PostgreSQL's text output (session: UTC, DateStyle ISO, bytea hex) as JSON. Exact digits;
// timestamps as RFC 3339 with an offset; NaN and infinities as strings. Fast path of every answer.
void write_json(std::string_view postgres_text, Type const& type, std::string& out);

enum class Nullable : std::uint8_t { no, yes };
// JSON Schema 2020-12 (the dialect of OpenAPI 3.1) of one value. Everything from_json refuses, the
// schema refuses too, as far as JSON Schema can say it.
[[nodiscard]] json::Value json_schema(Type const& type, Rules const& rules, Nullable nullable);

// A deterministic value that satisfies type and rules, as JSON; index varies it. For examples and
// fakes.
[[nodiscard]] json::Value example(Type const& type, Rules const& rules, std::uint64_t index);

// "numeric(10,2)", for tests and explain.
[[nodiscard]] std::string to_text(Type const& type);

}  // namespace hansa::types
