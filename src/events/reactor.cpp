#include "events/reactor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "events/topics.h"
#include "events/verdict.h"
#include "log/decimal_text.h"
#include "log/log.h"
#include "mesh/log_names.h"
#include "plan/reaction_sql.h"

namespace hansa::events {
namespace {

using log::to_number;
using postgres::SqlError;

constexpr std::chrono::milliseconds retry_pause_min{5}, retry_pause_max{1000};
constexpr int calm_rounds = 100;

// A message may quote a value of any length; at most this much of it is kept.
constexpr std::size_t reason_bytes_max = 2000;

std::string short_reason(std::string_view text) {
  if (text.size() <= reason_bytes_max) return std::string(text);
  auto end = reason_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

constexpr std::string_view take_sql =
    "select pg_try_advisory_lock($1::int, pg_catalog.hashtext($2))";
constexpr std::string_view give_sql = "select pg_advisory_unlock($1::int, pg_catalog.hashtext($2))";

// The first to come writes where the port begins; who comes later only raises the epoch.
constexpr std::string_view find_sql =
    "insert into hansa.consumer_offset as o "
    "(consumer_group, topic, partition, cluster, next_offset) values ($1, $2, $3, $4, $5) "
    "on conflict (consumer_group, topic, partition) do update set epoch = o.epoch + 1 "
    "returning next_offset, epoch, cluster";
constexpr std::string_view move_sql =
    "update hansa.consumer_offset set next_offset = $4, updated_at = now() "
    "where consumer_group = $1 and topic = $2 and partition = $3 and next_offset = $5 "
    "and epoch = $6";
constexpr std::string_view halt_sql =
    "insert into hansa.port_halt as h "
    "(consumer_group, topic, partition, next_offset, sqlstate, reason) "
    "values ($1, $2, $3, $4, $5, $6) on conflict (consumer_group) do update set "
    "topic = $2, partition = $3, next_offset = $4, sqlstate = $5, reason = $6, tried_at = now(), "
    "since = case when h.next_offset = $4 then h.since else now() end";
constexpr std::string_view resumed_sql = "delete from hansa.port_halt where consumer_group = $1";

}  // namespace

Reactor::Reactor(mesh::Subscription const& subscription, Source& source, postgres::Session& session,
                 std::int32_t log_lock, ReactorOptions options)
    : subscription_(subscription),
      source_(source),
      session_(session),
      log_lock_(log_lock),
      options_(options),
      call_(plan::reaction_call(subscription)),
      dead_stream_(dead_letter_stream(subscription)) {
  auto const pending = mesh::pending_table(subscription.domain);
  bury_sql_ = fmt::format(
      "insert into hansa.{} (sid, stream, op, key, row, trace, actor, at) select "
      "nextval('hansa.{}'), $1, 'e', $2, $3, nullif($4, ''), $5, statement_timestamp()",
      postgres::quote_name(pending), mesh::pending_sequence(subscription.domain));
  if (subscription.reaction.batch > 0) options_.events_max = subscription.reaction.batch;
}

bool Reactor::take() {
  auto const taken = session_.execute(take_sql, {std::to_string(lease_class), subscription_.group});
  return taken.value(0, 0) == "t";
}

void Reactor::give_up() {
  session_.execute(give_sql, {std::to_string(lease_class), subscription_.group});
}

// Of partitions that are new to us.
void Reactor::find_places() {
  auto const count = source_.partitions(subscription_.topic);
  if (count == static_cast<std::int32_t>(places_.size())) return;
  auto const identity = source_.identity(subscription_.topic);
  for (auto partition = static_cast<std::int32_t>(places_.size()); partition < count; ++partition) {
    auto const bounds = source_.bounds(subscription_.topic, partition);
    auto const first =
        subscription_.from == mesh::Subscription::From::latest ? bounds.next : bounds.start;
    auto const rows =
        session_.execute(find_sql, {subscription_.group, subscription_.topic,
                                    std::to_string(partition), identity, std::to_string(first)});
    if (rows.value(0, 2) != identity)
      throw Failure(
          Code::other_log,
          fmt::format("the place of {} belongs to another log or to a topic that was made "
                      "anew: it is of {}, the topic is {}",
                      subscription_.group, rows.value(0, 2), identity),
          "where that is meant, delete the port's rows of hansa.consumer_offset");
    places_[partition] = {.next = to_number<std::int64_t>(rows.value(0, 0)),
                          .epoch = to_number<std::int64_t>(rows.value(0, 1))};
  }
}

std::int64_t Reactor::lag() const {
  std::int64_t behind = 0;
  for (auto const& [partition, place] : places_)
    behind +=
        std::max<std::int64_t>(0, source_.bounds(subscription_.topic, partition).next - place.next);
  return behind;
}

Round Reactor::run_once() {
  Round round;
  std::int32_t reached = 0;
  try {
    if (!halt_) find_places();
    for (auto const& [partition, place] : places_) {
      if (halt_) break;
      reached = partition;
      auto const next = source_.bounds(subscription_.topic, partition).next;
      if (next < place.next) throw place_behind_end(partition, next);
      if (next > place.next) run_partition(partition, round);
    }
  } catch (Failure const& failure) {
    // What no new session would mend.
    using enum Code;
    auto const code = failure.error().code;
    if (code != other_log && code != unknown_topic && code != offset_out_of_range &&
        code != corrupt_segment)
      throw;
    auto const place = places_.find(reached);
    halt({.sqlstate = {},
          .reason = failure.error().detail,
          .partition = reached,
          .offset = place == places_.end() ? 0 : place->second.next});
    places_.clear();  // read anew when it is tried again: somebody may have mended them
  }
  round.halt = halt_;
  return round;
}

// An older backup of the topic's database was restored, or somebody moved the place.
Failure Reactor::place_behind_end(std::int32_t partition, std::int64_t end) const {
  return Failure(Code::offset_out_of_range,
                 fmt::format("{} partition {} ends at {}, and the place of {} is {}: what was "
                             "written there since is not what it was",
                             subscription_.topic, partition, end, subscription_.group,
                             places_.at(partition).next),
                 "set next_offset in hansa.consumer_offset to where the port shall go on");
}

std::size_t Reactor::events_now() const {
  return std::max<std::size_t>(1, options_.events_max / share_);
}

void Reactor::run_partition(std::int32_t partition, Round& round) {
  auto const place = places_[partition].next;
  auto const records =
      source_.read(subscription_.topic, partition, place, events_now(), options_.bytes_max);
  if (records.empty()) return;
  auto const start = source_.bounds(subscription_.topic, partition).start;
  if (start > place) round.skipped += static_cast<std::size_t>(start - place);
  std::vector<Incoming> events;
  events.reserve(records.size());
  for (Record const& record : records) {
    events.push_back({.record = record, .json = {}});
    if (!record.value) continue;
    auto const decoded = source_.decode(record, events.back().json);
    if (decoded) continue;
    // What stands before it goes first: order is kept also around what cannot be read.
    auto const unreadable = std::move(events.back());
    events.pop_back();
    if (!step(partition, events, record.offset, round)) return;
    return bury_alone(partition, unreadable, "22P02", decoded.error().detail, round);
  }
  auto const last = records.back();
  if (step(partition, events, last.offset + 1, round))
    round.newest_ms = std::max(round.newest_ms, last.timestamp_ms);
}

// Applies `events`, and goes to `next`. False when the port halted, or what is left has to be read
// again.
bool Reactor::step(std::int32_t partition, std::span<Incoming const> events, std::int64_t next,
                   Round& round) {
  if (events.empty()) return true;
  auto pause = retry_pause_min;
  for (int tries = 1;; ++tries) {
    try {
      auto const dead = attempt(partition, events, next);
      places_[partition].next = next;
      round.applied += events.size() - dead;
      round.dead += dead;
      note_progress();
      return true;
    } catch (SqlError const& error) {
      if (verdict_of(error.sqlstate()) != Verdict::retry || tries >= options_.retries_max)
        return recover(error, partition, events, next, round);
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, retry_pause_max);
    }
  }
}

bool Reactor::recover(SqlError const& error, std::int32_t partition,
                      std::span<Incoming const> events, std::int64_t next, Round& round) {
  if (postgres::code_of(error.sqlstate()) == Code::database_unreachable ||
      options_.stop.stop_requested())
    throw error;
  auto const verdict = verdict_of(error.sqlstate());
  if (error.sqlstate() == timed_out && events.size() > 1) {
    // Slow, or one of them never ends: fewer at a time will tell.
    share_ = std::min(share_ * 8, options_.events_max);
    calm_ = 0;
    return false;
  }
  if (events.size() > 1 && fewer_may_pass(error.sqlstate())) {
    auto const second = events.subspan(events.size() / 2);
    return step(partition, events.first(events.size() / 2), second.front().record.offset, round) &&
           step(partition, second, next, round);
  }
  bool const buried = verdict == Verdict::event &&
                      subscription_.on_error == mesh::Subscription::OnError::dead_letter;
  if (buried) {
    bury_alone(partition, events.front(), error.sqlstate(), error.details().message, round);
    return true;
  }
  halt({.sqlstate = std::string(error.sqlstate()),
        .reason = error.details().message,
        .partition = partition,
        .offset = events.front().record.offset});
  return false;
}

// One transaction: the place, the reaction, the dead letters. Returns how many of those there were.
std::size_t Reactor::attempt(std::int32_t partition, std::span<Incoming const> events,
                             std::int64_t next) {
  std::size_t dead = 0;
  auto const batch =
      batch_json(events, subscription_.topic, partition, subscription_.reaction.needs);
  auto const timeout = timeout_sql(events.size());
  std::array<postgres::Statement, 3> const statements{
      {{.sql = timeout}, move_statement(partition, next), {.sql = call_, .params = {batch}}}};
  session_.transaction([&] {
    auto const done = session_.execute_all(statements);
    require_moved(done[1]);
    auto const& failed = done[2];
    dead = failed.size();
    if (dead > 0 && subscription_.on_error == mesh::Subscription::OnError::halt)
      throw SqlError({.sqlstate = std::string(failed.value(0, 1)),
                      .message = std::string(failed.value(0, 2))});
    for (std::size_t row = 0; row < dead; ++row)
      bury(partition, events[to_number<std::size_t>(failed.value(row, 0))], failed.value(row, 1),
           failed.value(row, 2));
  });
  return dead;
}

std::string Reactor::timeout_sql(std::size_t events) const {
  auto const limit = events > 1 ? options_.timeout : options_.timeout_one;
  return fmt::format("set local statement_timeout = {}", limit.count());
}

postgres::Statement Reactor::move_statement(std::int32_t partition, std::int64_t next) const {
  auto const& place = places_.at(partition);
  return {
      .sql = move_sql,
      .params = {subscription_.group, subscription_.topic, std::to_string(partition),
                 std::to_string(next), std::to_string(place.next), std::to_string(place.epoch)}};
}

// Nobody moved it meanwhile, or we are the one who lost the lease and must not write.
void Reactor::require_moved(postgres::Rows const& moved) const {
  if (moved.affected() != 1)
    throw Failure(Code::port_in_use,
                  fmt::format("another process works on {}", subscription_.group));
}

// An event that never reached its reaction, or whose rejected SQL is at fault too: its place and
// its dead letter in one transaction.
void Reactor::bury_alone(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
                         std::string_view reason, Round& round) {
  auto const offset = event.record.offset;
  if (subscription_.on_error == mesh::Subscription::OnError::halt)
    return halt({.sqlstate = std::string(sqlstate),
                 .reason = std::string(reason),
                 .partition = partition,
                 .offset = offset});
  session_.transaction([&] {
    auto const move = move_statement(partition, offset + 1);
    require_moved(session_.execute(move.sql, move.params));
    bury(partition, event, sqlstate, short_reason(reason));
  });
  places_[partition].next = offset + 1;
  ++round.dead;
  note_progress();
}

// The dead letter is an event of the consumer's own log, in the transaction of the place. The lock
// comes before the sid.
void Reactor::bury(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
                   std::string_view reason) {
  session_.execute("select pg_advisory_xact_lock_shared($1::int, $2::int)",
                   {std::to_string(mesh::log_lock_class), std::to_string(log_lock_)});
  session_.execute(bury_sql_,
                   {dead_stream_, std::string(event.record.key),
                    dead_letter_json(event, subscription_.topic, partition, sqlstate, reason),
                    std::string(event.record.trace), subscription_.group});
}

void Reactor::halt(Halt halt) {
  halt.reason = short_reason(halt.reason);
  halt_ = std::move(halt);
  halt_written_ = true;
  session_.execute(halt_sql,
                   {subscription_.group, subscription_.topic, std::to_string(halt_->partition),
                    std::to_string(halt_->offset), halt_->sqlstate, halt_->reason});
}

void Reactor::note_progress() {
  // Slowly back to more at a time, or a slow reaction would spend its time on timeouts.
  if (share_ > 1 && ++calm_ >= calm_rounds) {
    share_ /= 2;
    calm_ = 0;
  }
  if (!std::exchange(halt_written_, false)) return;
  session_.execute(resumed_sql, {subscription_.group});
}

}  // namespace hansa::events
