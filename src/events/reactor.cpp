#include "events/reactor.h"

#include <fmt/format.h>

#include <thread>

#include "events/verdict.h"

namespace hansa::events {
namespace {

using postgres::SqlError;

constexpr int lease_class = 0x68737063;  // "hspc": leases of input ports
constexpr std::chrono::milliseconds retry_pause_min{5}, retry_pause_max{1000};

constexpr std::string_view take_sql =
    "insert into hansa.consumer_offset as o "
    "(consumer_group, topic, partition, cluster, next_offset) values ($1, $2, $3, $4, $5) "
    "on conflict (consumer_group, topic, partition) do update set epoch = o.epoch + 1 "
    "returning next_offset, epoch, cluster";
constexpr std::string_view move_sql =
    "update hansa.consumer_offset set next_offset = $4, updated_at = now() "
    "where consumer_group = $1 and topic = $2 and partition = $3 and next_offset = $5 "
    "and epoch = $6";

std::int64_t number_at(postgres::Rows const& rows, std::size_t row, std::size_t column) {
  return std::stoll(std::string(rows.value(row, column)));
}

}  // namespace

Reactor::Reactor(mesh::Subscription const& subscription, Source& source,
                 postgres::Session& session, std::int32_t log_lock, ReactorOptions options)
    : subscription_(subscription),
      source_(source),
      session_(session),
      log_lock_(log_lock),
      options_(options),
      call_(fmt::format("select hansa_place, hansa_state, hansa_reason from hansa.{}($1::json)",
                        postgres::quote_name("react_" + subscription.domain.text() + "_" +
                                             subscription.port))) {}

bool Reactor::take() {
  auto const taken = session_.execute("select pg_try_advisory_lock($1, hashtext($2))",
                                      {std::to_string(lease_class), subscription_.group});
  if (taken.value(0, 0) != "t") return false;
  auto const cluster = source_.cluster();
  auto const count = source_.partitions(subscription_.topic);
  for (std::int32_t partition = 0; partition < count; ++partition) {
    auto const bounds = source_.bounds(subscription_.topic, partition);
    auto const first = subscription_.from == mesh::Subscription::From::latest ? bounds.next
                                                                              : bounds.start;
    auto const rows = session_.execute(
        take_sql, {subscription_.group, subscription_.topic, std::to_string(partition), cluster,
                   std::to_string(first)});
    if (rows.value(0, 2) != cluster)
      throw Failure(Code::mismatch,
                    fmt::format("the offsets of {} belong to another cluster, {}",
                                subscription_.group, rows.value(0, 2)),
                    "reset them when that is meant");
    places_[partition] = {number_at(rows, 0, 0), number_at(rows, 0, 1)};
  }
  return true;
}

Round Reactor::run_once() {
  Round round;
  for (auto const& [partition, place] : places_) {
    if (halt_) break;
    run_partition(partition, round);
  }
  round.halt = halt_;
  return round;
}

void Reactor::run_partition(std::int32_t partition, Round& round) {
  auto records = source_.read(subscription_.topic, partition, places_[partition].next,
                              options_.events_max, options_.bytes_max);
  if (records.empty()) return;
  std::vector<Incoming> events;
  for (Record& record : records) {
    auto decoded = source_.decode(subscription_.topic, record);
    if (!decoded.error.empty()) {
      // What stands before it goes first: order is kept also around what cannot be read.
      auto const at = record.offset;
      if (!apply(partition, events, at, round)) return;
      Incoming const unreadable{std::move(record), {}};
      session_.transaction([&] {
        move_place(partition, at + 1);
        bury(partition, unreadable, "22P02", decoded.error);
      });
      places_[partition].next = at + 1;
      ++round.dead;
      events.clear();
      continue;
    }
    round.newest_ms = std::max(round.newest_ms, record.timestamp_ms);
    events.push_back({std::move(record), std::move(decoded.json)});
  }
  if (!events.empty()) apply(partition, events, events.back().record.offset + 1, round);
}

bool Reactor::apply(std::int32_t partition, std::span<Incoming const> events, std::int64_t next,
                    Round& round) {
  if (events.empty()) return true;
  auto pause = retry_pause_min;
  for (int tries = 1;; ++tries) {
    try {
      auto const dead = attempt(partition, events, next);
      places_[partition].next = next;
      round.applied += events.size() - dead;
      round.dead += dead;
      return true;
    } catch (SqlError const& error) {
      auto const verdict = verdict_of(error.sqlstate());
      if (verdict == Verdict::retry && tries < options_.retries_max) {
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, retry_pause_max);
        continue;
      }
      if (verdict == Verdict::event && events.size() > 1) {
        auto const half = events.size() / 2;
        auto const second = events.subspan(half);
        return apply(partition, events.first(half), second.front().record.offset, round) &&
               apply(partition, second, next, round);
      }
      bool const buried = verdict == Verdict::event &&
                          subscription_.on_error == mesh::Subscription::OnError::dead_letter;
      if (!buried) {
        halt_ = {.sqlstate = std::string(error.sqlstate()),
                 .reason = error.details().message,
                 .partition = partition,
                 .offset = events.front().record.offset};
        return false;
      }
      session_.transaction([&] {
        move_place(partition, next);
        bury(partition, events.front(), error.sqlstate(), error.details().message);
      });
      places_[partition].next = next;
      ++round.dead;
      return true;
    }
  }
}

// One transaction: the place, the reaction, the dead letters. Returns how many of those there were.
std::size_t Reactor::attempt(std::int32_t partition, std::span<Incoming const> events,
                             std::int64_t next) {
  std::size_t dead = 0;
  auto const batch = batch_json(events, subscription_.topic, partition);
  session_.transaction([&] {
    session_.execute(fmt::format("set local statement_timeout = {}", options_.timeout.count()));
    move_place(partition, next);
    auto const failed = session_.execute(call_, {batch});
    dead = failed.size();
    if (dead > 0 && subscription_.on_error == mesh::Subscription::OnError::halt)
      throw SqlError({.sqlstate = std::string(failed.value(0, 1)),
                      .message = std::string(failed.value(0, 2))});
    for (std::size_t row = 0; row < dead; ++row)
      bury(partition, events[static_cast<std::size_t>(number_at(failed, row, 0))],
           failed.value(row, 1), failed.value(row, 2));
  });
  return dead;
}

// Nobody moved it meanwhile, or we are the one who lost the lease and must not write.
void Reactor::move_place(std::int32_t partition, std::int64_t next) {
  auto const& place = places_[partition];
  auto const moved = session_.execute(
      move_sql, {subscription_.group, subscription_.topic, std::to_string(partition),
                 std::to_string(next), std::to_string(place.next), std::to_string(place.epoch)});
  if (moved.affected() != 1)
    throw Failure(Code::database_error,
                  fmt::format("another process works on {}", subscription_.group));
}

// The dead letter is an event of the consumer's own log, in the transaction of the place.
void Reactor::bury(std::int32_t partition, Incoming const& event, std::string_view sqlstate,
                   std::string_view reason) {
  auto const pending = postgres::quote_name("pending_" + subscription_.domain.text());
  session_.execute("select pg_advisory_xact_lock_shared($1, $2)",
                   {std::to_string(0x68736c67), std::to_string(log_lock_)});
  session_.execute(
      fmt::format("insert into hansa.{} (sid, stream, op, key, row, at) select "
                  "nextval(pg_get_serial_sequence('hansa.{}', 'sid')), $1, 'e', $2, $3, "
                  "statement_timestamp()",
                  pending, pending),
      {subscription_.port + "_dead", event.record.key,
       dead_letter_json(event, subscription_.topic, partition, sqlstate, reason)});
}

}  // namespace hansa::events
