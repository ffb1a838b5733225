// One input port at work: reads its topic, runs its reaction, and keeps its place, all in one
// transaction of the consumer's database: every event has its effect exactly once, whatever is
// killed (DESIGN section 6).
//
// Blocking; confined to one thread, with a session of its own. A lost session or source is a
// Failure: make another reactor. Two reactors of one port fence each other: the lease is an
// advisory lock of the session that writes, and every offset is changed only from the value and
// epoch this reactor knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "events/batch.h"
#include "events/source.h"
#include "mesh/streams.h"
#include "postgres/session.h"

namespace hansa::events {

struct ReactorOptions {
  std::size_t events_max = 500;             // in one transaction
  std::size_t bytes_max = 4U << 20U;        // of record values, in one transaction
  std::chrono::milliseconds timeout{30'000};  // of one transaction's reaction; then the port halts
  int retries_max = 20;  // of a transaction that met a conflict, with growing pauses; then it halts
};

// Why a port does not go on. Shown to people until somebody resumes it.
struct Halt {
  std::string sqlstate;
  std::string reason;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // of the first event that was not applied
};

struct Round {
  std::size_t applied = 0;
  std::size_t dead = 0;         // events that went to the dead letters
  std::int64_t newest_ms = 0;   // timestamp of the newest event applied; 0: none
  std::optional<Halt> halt = {};
};

class Reactor {
 public:
  // `session` is the consumer's database as the applying role; `pending` the stream its dead
  // letters are appended to. All outlive the reactor.
  Reactor(mesh::Subscription const& subscription, Source& source, postgres::Session& session,
          std::int32_t log_lock, ReactorOptions options = {});

  // Takes the port's lease and its places, or says that another has it (false). Once, first.
  // Throws Failure(mismatch) when the stored offsets belong to another cluster.
  [[nodiscard]] bool take();

  // One batch of every partition that has something. A halt is reported again at every call until
  // the reactor is made anew.
  [[nodiscard]] Round run_once();

 private:
  struct Place {
    std::int64_t next = 0;
    std::int64_t epoch = 0;
  };

  void run_partition(std::int32_t partition, Round& round);
  // Applies `events` in one transaction, or in halves where one of a batch is at fault.
  bool apply(std::int32_t partition, std::span<Incoming const> events, std::int64_t next,
             Round& round);
  std::size_t attempt(std::int32_t partition, std::span<Incoming const> events, std::int64_t next);
  void move_place(std::int32_t partition, std::int64_t next);
  void bury(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
            std::string_view reason);

  mesh::Subscription const& subscription_;
  Source& source_;
  postgres::Session& session_;
  std::int32_t log_lock_;
  ReactorOptions options_;
  std::string call_;
  std::map<std::int32_t, Place> places_;
  std::optional<Halt> halt_;
};

}  // namespace hansa::events
