// What Hansa made, as it remembers it in table hansa.object: without this, drift cannot be told
// from a stranger's object, nor PostgreSQL's spelling of an expression from somebody's change to
// it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hansa::plan {

enum class PartKind : std::uint8_t {
  schema,
  table,
  column,
  default_value,
  check,
  foreign_key,
  index,
  view,
  function,
  trigger,  // object: its table
  topic,
};
[[nodiscard]] std::string_view to_text(PartKind kind);  // "default", as hansa.object.kind holds it
// The other way. Unknown words (a newer binary's) give false.
[[nodiscard]] bool part_kind(std::string_view word, PartKind& kind);

struct RecordKey {
  PartKind kind{};
  std::string schema, object,
      part;  // part: column, constraint, index or trigger; empty for the object itself
  auto operator<=>(RecordKey const&) const = default;
};

struct Recorded {
  std::string domain;
  std::string declared;  // the SQL Hansa wrote
  std::string observed;  // how PostgreSQL printed it right after
  int server_major = 0;  // of the PostgreSQL that printed it: another major may spell otherwise
};
using Records = std::map<RecordKey, Recorded>;

// A change to the records, performed in the transaction of the step that carries it.
struct RecordChange {
  enum class Act : std::uint8_t {
    write,   // insert or replace; `observed` is read from the catalogue at that moment
    forget,  // the key; with kind table or view, everything recorded of that object
    move,    // everything recorded of table `moved_from` now belongs to key.object
  };
  Act act = Act::write;
  RecordKey key;
  std::string declared;
  std::string moved_from;
};

}  // namespace hansa::plan
