// One input port at work: reads its topic, runs its reaction, and keeps its place, all in one
// transaction of the consumer's database: every event has its effect exactly once, whatever is
// killed (DESIGN section 6).
//
// Blocking; confined to one thread. A lost session or source is a Failure: make another reactor.
// Two reactors of one port fence each other: the lease is an advisory lock of the session that
// writes, and every place is changed only from the value and epoch this reactor knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "events/batch.h"
#include "events/source.h"
#include "mesh/streams.h"
#include "postgres/session.h"

namespace hansa::events {

// Advisory locks of two integers: this class, and hashtext() of the port's group.
inline constexpr std::int32_t lease_class = 0x68737063;  // "hspc"

struct ReactorOptions {
  // In one transaction, each in a subtransaction of its own: many more than 64 of those make other
  // sessions look them up on disk. Of a batch reaction: what it declares.
  std::size_t events_max = 250;
  std::size_t bytes_max = 4U << 20U;          // of keys and values, in one transaction
  std::chrono::milliseconds timeout{10'000};  // of one transaction's reaction: then fewer events
  std::chrono::milliseconds timeout_one{30'000};  // of one event's: then the port halts
  std::stop_token stop = {};  // once asked to stop, an error of a statement is thrown as it is
  int retries_max = 20;  // of a transaction that met a conflict, with growing pauses; then it halts
};

// Why a port does not go on. Written to hansa.port_halt, where it stands until the port goes on.
struct Halt {
  std::string sqlstate;  // empty: it was not PostgreSQL that refused
  std::string reason;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // of the first event that was not applied
};

struct Round {
  std::size_t applied = 0;
  std::size_t dead = 0;        // events that went to the dead letters
  std::size_t skipped = 0;     // offsets that retention took before they were read
  std::int64_t newest_ms = 0;  // timestamp of the newest event applied; 0: none
  std::optional<Halt> halt = {};
};

class Reactor {
 public:
  // `session`: the consumer's database as the applying role. All outlive the reactor. `log_lock`:
  // mesh::log_lock_number of the consumer's domain, for its dead letters.
  Reactor(mesh::Subscription const& subscription, Source& source, postgres::Session& session,
          std::int32_t log_lock, ReactorOptions options = {});

  // Takes the port's lease, or says that another has it (false). Once, first.
  [[nodiscard]] bool take();
  // Gives the lease back; the reactor is of no further use.
  void give_up();

  // One transaction's worth of every partition that has something, as of the source's last
  // refresh(). A halt is reported again at every call until resume().
  [[nodiscard]] Round run_once();
  // Tries again what halted.
  void resume() { halt_.reset(); }
  [[nodiscard]] bool halted() const { return halt_.has_value(); }

  // How many offsets the port is behind, as of the source's last refresh().
  [[nodiscard]] std::int64_t lag() const;
  [[nodiscard]] mesh::Subscription const& subscription() const { return subscription_; }

 private:
  struct Place {
    std::int64_t next = 0;
    std::int64_t epoch = 0;
  };

  void find_places();
  void run_partition(std::int32_t partition, Round& round);
  [[nodiscard]] std::size_t events_now() const;
  [[nodiscard]] bool step(std::int32_t partition, std::span<Incoming const> events,
                          std::int64_t next, Round& round);
  [[nodiscard]] bool recover(postgres::SqlError const& error, std::int32_t partition,
                             std::span<Incoming const> events, std::int64_t next, Round& round);
  [[nodiscard]] std::size_t attempt(std::int32_t partition, std::span<Incoming const> events,
                                    std::int64_t next);
  void bury_alone(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
                  std::string_view reason, Round& round);
  [[nodiscard]] Failure place_behind_end(std::int32_t partition, std::int64_t end) const;
  [[nodiscard]] std::string timeout_sql(std::size_t events) const;
  [[nodiscard]] postgres::Statement move_statement(std::int32_t partition, std::int64_t next) const;
  void require_moved(postgres::Rows const& moved) const;
  void bury(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
            std::string_view reason);
  void halt(Halt halt);
  void note_progress();

  mesh::Subscription const& subscription_;
  Source& source_;
  postgres::Session& session_;
  std::int32_t log_lock_;
  ReactorOptions options_;
  std::string call_, dead_stream_, bury_sql_;
  std::map<std::int32_t, Place> places_;
  std::size_t share_ = 1;  // a transaction takes 1/share_ of the events it may: some are slow
  int calm_ = 0;           // transactions since share_ changed
  std::optional<Halt> halt_;
  bool halt_written_ = true;  // may stand in the database, from whoever had the port before
};

}  // namespace hansa::events
