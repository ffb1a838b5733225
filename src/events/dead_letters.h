// The dead letters of an input port: looked at, replayed, dropped. Whichever is done to one is done
// once, whoever does it at the same time.
//
// Blocking; confined to one thread. Throws what postgres::Session throws; expected noes are
// Results.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/log_source.h"
#include "mesh/streams.h"
#include "postgres/session.h"

namespace hansa::events {

struct DeadLetter {
  std::int64_t offset = 0;   // in the topic of dead letters
  std::int64_t died_ms = 0;  // since 1970
  std::string sqlstate, reason;
  // Of the event.
  std::string topic, key, operation, id, trace;
  std::int32_t partition = 0;
  std::int64_t event_offset = 0;
  std::int64_t event_ms = 0;  // since 1970
  std::string event;          // its value as JSON; empty: a tombstone, or not to be read
  // What became of it: "replayed", "dropped"; empty: nothing yet. And when.
  std::string outcome;
  std::int64_t done_ms = 0;

  // Of an event that could not be decoded there is nothing to replay.
  [[nodiscard]] bool replayable() const { return !event.empty() || operation == "delete"; }
};

// The dead letter that the value of a record says; what it lacks is left empty. Pure.
[[nodiscard]] DeadLetter read_dead_letter(Record const& record, std::string_view json);

class DeadLetters {
 public:
  // `session`: the port's own database as the applying role, outside of transactions but for
  // fates(). Both outlive this.
  DeadLetters(mesh::Subscription const& port, postgres::Session& session);

  // The offset the next dead letter will get; 0 too where there is no such topic.
  [[nodiscard]] std::int64_t end();
  // The first ones from `offset` on that were neither replayed nor dropped, in order; at least one
  // if there is any, at most some hundred: go on behind the last.
  [[nodiscard]] std::vector<DeadLetter> open_from(std::int64_t offset);
  // Error: unknown_dead_letter.
  [[nodiscard]] Result<DeadLetter> find(std::int64_t offset);

  // Runs the port's reaction with the event, in one transaction with the note that it was replayed.
  // Nothing has changed after an error: unknown_dead_letter if it was replayed or dropped before,
  // unreadable_event if there is nothing to replay, else the code of what the reaction failed with.
  [[nodiscard]] Result<void> replay(DeadLetter const& letter);
  // Whether it was dropped by this call; false: it was replayed or dropped before.
  [[nodiscard]] bool drop(std::int64_t offset);

  // What became of the events at these places of the port's topic: an outcome as in DeadLetter, and
  // nothing for those that are no dead letters. Reads all of them.
  using EventPlace = std::pair<std::int32_t, std::int64_t>;  // partition, offset
  [[nodiscard]] std::map<EventPlace, std::string> fates(std::set<EventPlace> const& places);

 private:
  struct Outcome {
    std::string word;
    std::int64_t at_ms = 0;
  };
  [[nodiscard]] std::vector<DeadLetter> read(std::int64_t offset);
  [[nodiscard]] std::map<std::int64_t, Outcome> outcomes(std::int64_t first, std::int64_t last);
  [[nodiscard]] bool note(std::int64_t offset, std::string_view outcome);
  void replay_once(DeadLetter const& letter);

  mesh::Subscription const& port_;
  postgres::Session& session_;
  LogSource source_;
};

}  // namespace hansa::events
