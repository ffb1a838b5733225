// Tests of reactions: on/<port>.test.yaml, read and judged against the contracts it speaks of, so
// that whoever runs a test need not ask again what it means. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ids.h"
#include "mesh/mesh.h"

namespace hansa::mesh {

// A column's value, an event's field, or what a name of `test_columns` says. The text is what
// PostgreSQL reads as the column's type; nullopt is null.
struct TestValue {
  std::string name;
  std::optional<std::string> text;
};

struct TestRow {
  std::vector<TestValue> values;  // as far as they are written, each name once
  SourceRange where;
};

// Rows of a table, or events of a stream, of the port's domain.
struct TestRows {
  ObjectName object;
  std::vector<TestRow> rows;
  SourceRange where;
};

struct TestEvent {
  std::string op;                  // "create", "update", "delete"; of no change: "event"
  std::string json;                // its fields as one object; empty for a deletion
  std::vector<TestValue> values;   // the same; of a deletion: those of its key
  std::optional<std::string> key;  // absent: made of `values`, or the topic has no key
  std::string id;
  std::int64_t time_ms = 0;  // since 1970
  SourceRange where;
};

struct ReactionTest {
  std::string name;  // unique in its file
  SourceRange where;
  std::vector<TestRows> given;
  std::vector<TestEvent> events;  // 1 to events_max
  // Expected. A table or stream that is not named may hold anything; one that is named holds these
  // and nothing else. Dead letters are always meant: those of `dead` and no others.
  std::vector<TestRows> tables, streams;
  std::vector<TestRow> dead;  // fields of events and names of `dead_columns`
};

// The tests of one input port.
struct PortTests {
  DomainName domain;
  ProductName product;
  std::string port;
  std::string file;
  std::vector<ReactionTest> tests;
};

inline constexpr std::size_t test_events_max = 1000;
inline constexpr std::size_t test_rows_max = 1000;  // of one table or stream

// Names that are no fields: of an event that is given, an event that is expected, a dead letter.
inline constexpr std::array<std::string_view, 4> given_columns = {"_op", "_key", "_time", "_id"};
inline constexpr std::array<std::string_view, 2> stream_columns = {"_op", "_key"};
inline constexpr std::array<std::string_view, 5> dead_columns = {"_op", "_key", "_offset",
                                                                 "_sqlstate", "_error"};

// What `_op` may say of an event of the topic.
[[nodiscard]] std::vector<std::string_view> operations_of(Topic const& topic);

// The tests of every port of `mesh` that has a file of them in `texts`, in the order of its
// subscriptions. Errors: invalid_test, and those of YAML and of shapes; a test with a mistake in it
// is left out.
[[nodiscard]] std::vector<PortTests> read_reaction_tests(Mesh const& mesh, SourceTexts const& texts,
                                                         Diagnostics& diagnostics);

}  // namespace hansa::mesh
