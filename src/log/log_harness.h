// For tests: a database with Hansa's tables for events and two domains whose tables are captured by
// hand-written triggers. Domain `shop` has table item (id, owner, n) with a change topic of three
// partitions in Avro and a second major of one in JSON; domain `other` has table thing, one topic.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "log/sequencer.h"
#include "postgres/scratch.h"

namespace hansa::log {

struct ReadRecord {
  std::int64_t offset = 0, timestamp_ms = 0;
  std::string key;
  std::optional<std::string> value;
  std::map<std::string, std::string> headers;
};

// Ends the session of the sequencer that leads in this database.
inline constexpr std::string_view kill_leader =
    "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and mode = "
    "'ExclusiveLock' and database = (select oid from pg_database where datname = "
    "current_database())";

// What the sequencer said.
struct Heard : LogObserver {
  void observe(LogEvent const& event) noexcept override;
  std::uint64_t events = 0, records = 0, batches = 0, leases = 0, failures = 0;
  std::vector<std::string> stalls, stops;
};

class LogHarness {
 public:
  LogHarness();

  [[nodiscard]] postgres::Session open() const { return postgres::Session::open(scratch.target()); }
  [[nodiscard]] std::string one(std::string_view sql);
  [[nodiscard]] SequencerOptions options();
  // run_once() until nothing is left or `rounds` are over; the events.
  std::uint64_t run(Sequencer& sequencer, int rounds = 20);
  // All records of a partition, with every check of form: offsets ascending, in no segment but one,
  // ends as hansa.topic_partition says.
  [[nodiscard]] std::vector<ReadRecord> read(std::string const& topic, std::int32_t partition);
  [[nodiscard]] std::vector<ReadRecord> read(std::string const& topic);  // of all partitions
  // What an Avro value of shop-item-v1 says, as JSON.
  [[nodiscard]] std::string decode(std::string const& topic, std::string const& value);

  postgres::ScratchDatabase scratch;
  postgres::Session session;
  MeshName mesh{"mesh"};
  Heard heard;
};

}  // namespace hansa::log
