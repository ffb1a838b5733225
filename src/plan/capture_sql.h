// The SQL of capture: functions that turn the rows changed by one statement into pending rows of
// the domain's log, in the transaction of that statement (DESIGN section 6).
//
// Pure. Every name is quoted; an emission's SQL is taken as judged (mesh/streams.h) and stands
// inside the literal that is the function's body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/catalog.h"
#include "types/type.h"

namespace hansa::plan {

enum class Change : std::uint8_t { insert, update, remove };
[[nodiscard]] std::string_view to_text(Change change);  // "insert", "update", "delete"

// One member of an event.
struct Member {
  std::string name;    // in the contract
  std::string column;  // of the table; unused by emissions
  types::Type type;
  bool cast = false;           // the table stores it in another type
  bool must_be_there = false;  // required in an event, and the table would take null
};

// What a table's changes append under one name, whatever majors of it are published.
struct Stream {
  std::string name;                  // the object's
  std::string topic;                 // the one whose limit is the smallest
  std::uint32_t bytes_max = 0;       // of key and row
  std::vector<Member> members;       // of every major, by name
  std::vector<std::string> key;      // names of members
  std::optional<std::string> query;  // the emission's SELECT; absent: the changed rows themselves
  bool on_insert = true, on_update = true, on_delete = true;
};

// The log of one domain, as the functions see it.
struct DomainLog {
  DomainName domain;
  std::string schema;  // where unqualified names of emissions are looked up
  std::string writer;  // the emission role, which owns the functions
  std::int32_t lock = 0;
};

[[nodiscard]] Address pending_table(DomainName const& domain);

// One function of a table; of `streams`, those that `change` feeds. Fires as a statement trigger
// with the transition tables `inserted` (insert, update) and `deleted` (update, delete).
[[nodiscard]] Function capture_function(DomainLog const& log, Address const& table, Change change,
                                        std::vector<Stream> const& streams);
// Refuses TRUNCATE, which has no rows to tell of.
[[nodiscard]] Function refuse_truncate_function(DomainLog const& log);
// Raises an error; called for an event that no topic can hold.
[[nodiscard]] Function refuse_event_function(DomainLog const& log);
// (row, key, topic, most bytes): the row, or an error for an event that is larger.
[[nodiscard]] Function fit_event_function(DomainLog const& log);

}  // namespace hansa::plan
