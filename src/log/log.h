// The log of a domain: what its writers append, the sequencer orders and everybody reads. Here are
// the headers of its records, and what the room reports of itself; what it shares with those who
// append is in mesh/log_names.h. Values and pure functions; open to all threads.
//
// Tables, all in schema `hansa`: pending_<domain> (appended by triggers), topic, topic_partition
// and segment (one Kafka record batch a row, immutable, ascending offsets), event_schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "base/observe.h"
#include "base/result.h"

namespace hansa::log {

// Headers of a record: CloudEvents 1.0 in Kafka's binary mode, and three of ours. A tombstone has
// no content_type.
namespace header {
inline constexpr std::string_view spec_version = "ce_specversion";  // "1.0"
inline constexpr std::string_view id = "ce_id";                     // "<domain>-<sid>"
inline constexpr std::string_view source = "ce_source";
inline constexpr std::string_view type = "ce_type";
inline constexpr std::string_view subject = "ce_subject";  // the key
inline constexpr std::string_view time = "ce_time";        // RFC 3339, UTC
inline constexpr std::string_view content_type = "content-type";
inline constexpr std::string_view trace = "traceparent";   // W3C; where the writer had one
inline constexpr std::string_view actor = "hansa_actor";   // where the writer named one
inline constexpr std::string_view operation = "hansa_op";  // of change events: see op_word
}  // namespace header

// 'c', 'u', 'd' of hansa.pending to "create", "update", "delete"; empty for an emission's 'e'.
[[nodiscard]] std::string_view op_word(char op);

// A process became the sequencer of its database, or ceased to be.
struct LeaseChanged {
  bool held = false;
};

// A batch of one domain's events was sequenced and can be read.
struct Sequenced {
  std::string_view domain;
  std::uint64_t events = 0;   // rows taken out of the pending table
  std::uint64_t records = 0;  // written: an event has one for each major that is served
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  // of the segments
  Duration waited{};        // for transactions that were appending
  Duration elapsed{};       // from reading the rows to the end of the commit
  Time oldest{};            // when the first of the events was appended, by PostgreSQL's clock
};

// Transactions that append events keep a domain's log waiting. Reported again and again.
struct Stalled {
  std::string_view domain;
  Duration waited{};
  std::string_view holders;  // "backend 4242, a prepared transaction"
};

// A domain's log stands still until somebody mends it, and is tried again and again. Others go on.
struct Stopped {
  std::string_view domain;
  Error const* error = nullptr;
};

// The sequencer lost its connection, or a statement failed that should not; it begins anew.
struct SequencerFailed {
  std::string_view reason;
};

using LogEvent = std::variant<LeaseChanged, Sequenced, Stalled, Stopped, SequencerFailed>;

// Called from the sequencer's thread; never throws or blocks long. Views live for the call only.
class LogObserver {
 public:
  virtual ~LogObserver() = default;
  virtual void observe(LogEvent const& event) noexcept = 0;
};

}  // namespace hansa::log
