// What a mesh says of events: the topics its products publish and the subscriptions they hold
// (DESIGN sections 6 and 11). Part of the resolved mesh: immutable, names resolved, SQL parsed and
// judged, so that whoever runs it need not ask again.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ids.h"

namespace hansa::mesh {

enum class EventFormat : std::uint8_t { avro, json };

// Kafka's cleanup.policy: `remove` is its "delete".
enum class Cleanup : std::uint8_t { remove, compact, compact_and_remove };

// What a new version of a topic's schema must be able to read, or be read by: Confluent's levels.
enum class Compatibility : std::uint8_t {
  none,
  backward,
  backward_transitive,
  forward,
  forward_transitive,
  full,
  full_transitive,
};

// SQL that turns the rows changed by one statement into events of a topic.
struct Emission {
  ObjectName table;  // whose rows it reads; of the same domain
  bool on_insert = false, on_update = false, on_delete = false;
  // One SELECT over the relations `inserted` (of insert and update) and `deleted` (of update and
  // delete), which have the stored columns of the table, and over tables of the domain: unqualified
  // names are those of its store schema. Without a semicolon, nothing before or behind it. Its
  // output columns are named as the topic's `fields`, in any order, none missing, none besides.
  std::string sql;
  std::string file;  // relative to the folder; empty: made of transformSourceObjects
};

// One topic, which is one object of one contract with a kafka port.
struct Topic {
  // changes: every changed row of a table, its key with a tombstone when it is gone. emission: what
  // its SQL makes. clients: written through the gateway by the owning domain's principals.
  enum class Source : std::uint8_t { changes, emission, clients };

  std::string name;  // in Kafka: "orders-order_placed-v1", or the object's physicalName
  DomainName domain;
  ProductName product;
  ContractId contract;
  Major major{};
  std::string version;  // of the contract, as written
  ObjectName object;
  Source source = Source::clients;
  std::optional<Emission> emission;  // there for Source::emission, and only there
  std::vector<ColumnName> fields;    // what an event carries, in the contract's order
  std::vector<ColumnName> left_out;  // classified: on a topic every reader gets the same bytes
  std::vector<ColumnName> key;       // of `fields`, required; empty only for Source::clients
  std::uint32_t partitions = 1;      // 1 to 1000
  EventFormat format = EventFormat::avro;
  Cleanup cleanup = Cleanup::remove;  // changes: compact unless declared
  Compatibility compatibility = Compatibility::full_transitive;
  // Absent: kept for ever. Never there where cleanup is `compact`, which knows no age.
  std::optional<std::chrono::milliseconds> retention;
  std::uint32_t message_bytes_max = 1'048'576;  // key and value of one event
  std::string record_name;                      // Avro: "OrderPlaced"
  std::string record_namespace;                 // Avro: "shop.orders.v1"
  std::string event_source, event_type;  // CloudEvents: "/orders/orders", "orders.order_placed.v1"
  SourceRange where;                     // of the object
};

// What a domain does with the events of a topic.
struct Reaction {
  // effect: changes tables that others change too; projection: owns its tables and can be rebuilt.
  enum class Kind : std::uint8_t { effect, projection };
  Kind kind = Kind::effect;
  std::uint32_t batch = 0;  // events in one run of the SQL, at most; 0: one at a time (`-- each`)
  // One INSERT, UPDATE, DELETE or MERGE, WITH queries that change rows too included, over the
  // relation `events` and tables of its own domain: unqualified names are those of its store
  // schema. Without a semicolon, nothing before or behind it.
  std::string sql;
  std::string file;
  // Fields of an event it reads or on/<port>.odcs.yaml states, in the topic's order, and behind
  // them those of event_columns it reads: `events` has these, and nothing else is sent to it.
  std::vector<ColumnName> needs;
  std::vector<ObjectName> writes;  // tables of its own domain it changes, ordered
  std::string rejected_sql;        // run in the dead letter's transaction; empty: none
  std::string rejected_file;
  std::string test_file;  // on/<port>.test.yaml; empty: none
};

// What the relation `events` tells of an event besides its fields, and of a rejected one.
inline constexpr std::array<std::string_view, 8> event_columns = {
    "_op", "_key", "_topic", "_partition", "_offset", "_time", "_id", "_trace"};
inline constexpr std::array<std::string_view, 2> rejected_columns = {"_error", "_sqlstate"};

// An input port, joined with the topic it names.
struct Subscription {
  enum class From : std::uint8_t { earliest, latest };
  enum class OnError : std::uint8_t { dead_letter, halt };

  DomainName domain;
  ProductName product;
  std::string port;
  std::string topic;  // Topic::name
  ContractId contract;
  Major major{};
  From from = From::earliest;
  OnError on_error = OnError::dead_letter;
  Reaction reaction;
  std::string group;         // "products-catalog-order_placed"
  std::string dead_letters;  // topic "products-order_placed_dead-v1"
  SourceRange where;         // of the port's name
};

[[nodiscard]] std::string_view to_text(EventFormat format);
[[nodiscard]] std::string_view to_text(Cleanup cleanup);  // as Kafka writes it: "compact,delete"
[[nodiscard]] std::string_view to_text(Topic::Source source);
[[nodiscard]] std::string_view to_text(Compatibility compatibility);  // "FULL_TRANSITIVE"
[[nodiscard]] std::string_view to_text(Reaction::Kind kind);

}  // namespace hansa::mesh
