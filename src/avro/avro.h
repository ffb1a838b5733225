// Avro (specification 1.11): the schema of a contract's object, rows of PostgreSQL as Avro binary,
// and Confluent's framing. Schemas of strangers and reading them: avro/schema.h; which schema can
// read which: avro/compatibility.h.
//
// Pure. Functions are open to all threads; a RowEncoder is confined to one. A value is encoded
// exactly or refused (invalid_body, naming the field); on an error `out` is as it was before.
//
// How types map, here and nowhere else. `hansa.type` is an attribute of ours on a string; readers
// that do not know it see a string.
//   boolean                 boolean
//   int16, int32            int
//   int64                   long
//   numeric(p,s)            bytes, decimal(p,s)
//   numeric                 string, hansa.type numeric (Avro has no decimal without a scale)
//   float32, float64        float, double
//   text                    string
//   uuid                    string, uuid
//   bytes                   bytes
//   date                    int, date
//   time                    long, time-micros
//   timestamp               long, local-timestamp-micros
//   timestamptz             long, timestamp-micros
//   json                    string, hansa.type json (the JSON text)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "types/type.h"

namespace hansa::avro {

class JsonScanner;

struct Field {
  std::string name;  // [a-z][a-z0-9_]*, as every name of a contract
  types::Type type;
  bool nullable = false;  // a union with null; null is its default unless another is given
  std::optional<json::Value> default_value = {};  // as JSON of the contract, valid for `type`
  std::string doc = {};
  bool operator==(Field const&) const = default;
};

struct RecordSchema {
  std::string name;             // PascalCase
  std::string name_space = {};  // "shop.orders.v1"; empty: none
  std::string doc = {};
  std::vector<Field> fields;
  bool operator==(RecordSchema const&) const = default;
};

// The Avro schema. A nullable field is ["null", T] with default null, so that it may come and go
// between versions; with another default it is [T, "null"], because a default belongs to the first
// branch. Requires names that are names in Avro and defaults that are values of their types.
[[nodiscard]] json::Value to_json(RecordSchema const& schema);

// Appends one record. `values` has one entry a field, in order: PostgreSQL's text output (session:
// UTC, DateStyle ISO, bytea hex), nullopt for NULL; a moment without an offset is one of UTC.
// Refused: NULL where the field is not nullable,
// NaN and infinities but in floats (and NaN in an unbounded numeric), digits beyond precision or
// scale, moments outside the years 0001 to 9999, second 60, hour 24, text that is not UTF-8 or has
// U+0000, documents that are no JSON or nested deeper than 32.
[[nodiscard]] Result<void> encode(RecordSchema const& schema,
                                  std::span<std::optional<std::string_view> const> values,
                                  std::string& out);

// The same from an object as row_to_json prints it: members in any order, each field exactly once.
// Missing, unknown and repeated members are errors. A JSON null in a json field that is not
// nullable is the document `null`.
[[nodiscard]] Result<void> encode_row(RecordSchema const& schema, json::Value const& row,
                                      std::string& out);

// What becomes of a row that was written under another version of the schema.
enum class Members : std::uint8_t {
  strict,   // each field exactly once, nothing besides
  lenient,  // what is no field is passed over; a field that is missing takes its default, or null
            // where that may be; without either it is an error
};

// encode_row from the text itself, without a tree between; keeps its memory from row to row.
class RowEncoder {
 public:
  explicit RowEncoder(RecordSchema schema, Members members = Members::strict);

  // Errors: malformed_json with the byte offset, too_complex beyond 32 levels, and those of
  // encode_row.
  [[nodiscard]] Result<void> encode(std::string_view row, std::string& out);
  [[nodiscard]] RecordSchema const& schema() const { return schema_; }

 private:
  struct Cell {
    std::string_view text;  // as it stands, without the quotes of a string
    enum class Form : std::uint8_t { absent, null, bare, quoted, escaped, document } form;
  };
  [[nodiscard]] std::size_t find(std::string_view name, std::size_t expected) const;
  [[nodiscard]] Result<void> refuse_stranger(std::string_view name) const;
  [[nodiscard]] Result<void> take_cell(JsonScanner& scanner, std::string_view row, std::size_t at);
  [[nodiscard]] Result<void> collect(std::string_view row);
  [[nodiscard]] Result<void> encode_cells(std::string& out);

  RecordSchema schema_;
  Members members_;
  std::vector<std::optional<std::string>> defaults_;  // lenient: encoded; one a field
  std::vector<Cell> cells_;
  std::string unescaped_;
};

// Confluent's wire format: a zero byte, the schema's id as four bytes big-endian, the data.
struct Framed {
  std::uint32_t schema_id = 0;
  std::string_view data;
};
inline constexpr std::size_t frame_bytes = 5;

// Appends what stands before the data.
void frame(std::uint32_t schema_id, std::string& out);

// Errors: invalid_body if `bytes` are fewer than five or do not begin with the zero byte.
[[nodiscard]] Result<Framed> unframe(std::string_view bytes);

}  // namespace hansa::avro
