#include "events/feeder.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "events/topics.h"
#include "events/verdict.h"
#include "log/decimal_text.h"

namespace hansa::events {
namespace {

using postgres::SqlError;

constexpr std::string_view unreadable = "22P02";
constexpr int tries_max = 10;
constexpr std::chrono::milliseconds retry_pause{20};

std::size_t size_of(OwnedRecord const& record) {
  return record.key.size() + (record.value ? record.value->size() : 0);
}

}  // namespace

Feeder::Feeder(mesh::Subscription const& port, Source& source, postgres::Session& session,
               std::string call, std::vector<std::int64_t> positions, FeederOptions options)
    : port_(port),
      source_(source),
      session_(session),
      call_(std::move(call)),
      positions_(std::move(positions)),
      options_(std::move(options)) {
  if (port.reaction.batch > 0) options_.events_max = port.reaction.batch;
}

void Feeder::feed_until(std::vector<std::int64_t> const& ends) {
  std::vector<Bounds> stretches;
  for (std::size_t partition = 0; partition < positions_.size(); ++partition)
    stretches.push_back({.start = positions_[partition], .next = ends[partition]});
  Merged merged(source_, port_.topic, std::move(stretches));
  std::vector<Fed> part;
  std::size_t bytes = 0;
  auto const flush = [&] {
    feed(part);
    part.clear();
    bytes = 0;
  };
  while (auto record = merged.next()) {
    bytes += size_of(*record);
    part.push_back({.record = *std::move(record), .json = {}});
    Fed& last = part.back();
    if (last.record.value) {
      if (auto const decoded = source_.decode(last.record.view(), last.json); !decoded) {
        auto const unread = std::move(last);
        part.pop_back();
        flush();
        bury({.partition = unread.record.partition,
              .offset = unread.record.offset,
              .sqlstate = std::string(unreadable),
              .reason = decoded.error().detail});
        pass({&unread, 1});
        continue;
      }
    }
    if (part.size() >= options_.events_max || bytes >= options_.bytes_max) flush();
  }
  flush();
  for (std::size_t partition = 0; partition < positions_.size(); ++partition)
    positions_[partition] = std::max(positions_[partition], ends[partition]);
}

bool Feeder::feed_again(std::int32_t partition, std::int64_t offset) {
  auto const records = source_.read(port_.topic, partition, offset, 1, 0);
  if (records.empty() || records.front().offset != offset) return false;
  Fed event{.record = owned(partition, records.front()), .json = {}};
  if (event.record.value && !source_.decode(event.record.view(), event.json)) return false;
  auto const dead_before = dead_.size();
  try {
    attempt({&event, 1});
  } catch (SqlError const& error) {
    if (verdict_of(error.sqlstate()) != Verdict::event) throw;
    return false;
  }
  bool const taken = dead_.size() == dead_before;
  dead_.resize(dead_before);
  return taken;
}

void Feeder::feed(std::span<Fed const> events) {
  if (events.empty()) return;
  for (int tries = 1;; ++tries) {
    try {
      attempt(events);
      return pass(events);
    } catch (SqlError const& error) {
      if (verdict_of(error.sqlstate()) != Verdict::retry || tries >= tries_max)
        return recover(error, events);
      std::this_thread::sleep_for(tries * retry_pause);
    }
  }
}

void Feeder::recover(SqlError const& error, std::span<Fed const> events) {
  auto const code = postgres::code_of(error.sqlstate());
  if (code == Code::database_unreachable) throw error;
  bool const by_event = verdict_of(error.sqlstate()) == Verdict::event;
  auto const& first = events.front().record;
  if (events.size() > 1 && (fewer_may_pass(error.sqlstate()) || error.sqlstate() == timed_out)) {
    feed(events.first(events.size() / 2));
    return feed(events.subspan(events.size() / 2));
  }
  if (!by_event)
    throw Failure(code, fmt::format("the reaction of {} failed at {} partition {}, offset {}: {}",
                                    port_address(port_), port_.topic, first.partition, first.offset,
                                    error.details().message));
  bury({.partition = first.partition,
        .offset = first.offset,
        .sqlstate = std::string(error.sqlstate()),
        .reason = error.details().message});
  pass(events);
}

void Feeder::attempt(std::span<Fed const> events) {
  std::vector<DeadEvent> failed;
  if (!session_.in_transaction()) {
    session_.transaction([&] { run(events, failed); });
  } else {
    session_.execute("savepoint fed");
    try {
      run(events, failed);
    } catch (SqlError const& error) {
      if (postgres::code_of(error.sqlstate()) != Code::database_unreachable)
        session_.execute("rollback to savepoint fed");
      throw;
    }
    session_.execute("release savepoint fed");
  }
  for (DeadEvent& event : failed) bury(std::move(event));
}

void Feeder::run(std::span<Fed const> events, std::vector<DeadEvent>& failed) {
  session_.execute(fmt::format("set local statement_timeout = {}", options_.timeout.count()));
  options_.before();
  auto const rows = session_.execute(call_, {batch_of(events)});
  options_.after();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto const& record = events[log::to_number<std::size_t>(rows.value(row, 0))].record;
    failed.push_back({.partition = record.partition,
                      .offset = record.offset,
                      .sqlstate = std::string(rows.value(row, 1)),
                      .reason = std::string(rows.value(row, 2))});
  }
}

void Feeder::pass(std::span<Fed const> events) {
  events_ += events.size();
  for (Fed const& event : events)
    positions_[static_cast<std::size_t>(event.record.partition)] = event.record.offset + 1;
}

void Feeder::bury(DeadEvent event) {
  if (port_.on_error == mesh::Subscription::OnError::halt)
    throw Failure(Code::port_halted,
                  fmt::format("the reaction of {} refuses {} partition {}, offset {}: {} ({})",
                              port_address(port_), port_.topic, event.partition, event.offset,
                              event.reason, event.sqlstate),
                  "the port declares `hansa.onError: halt`, so nothing goes on without this event");
  if (dead_.size() >= options_.dead_max)
    throw Failure(Code::port_halted,
                  fmt::format("the reaction of {} refuses more than {} events; the last one: {}",
                              port_address(port_), options_.dead_max, event.reason));
  dead_.push_back(std::move(event));
}

// One array, though events of several partitions are in it: each says its own.
std::string Feeder::batch_of(std::span<Fed const> events) const {
  std::string out;
  std::vector<Incoming> stretch;
  for (std::size_t at = 0; at < events.size(); ++at) {
    auto const partition = events[at].record.partition;
    stretch.push_back({.record = events[at].record.view(), .json = events[at].json});
    if (at + 1 < events.size() && events[at + 1].record.partition == partition) continue;
    auto const array = batch_json(stretch, port_.topic, partition, port_.reaction.needs);
    out += out.empty() ? '[' : ',';
    out += std::string_view(array).substr(1, array.size() - 2);
    stretch.clear();
  }
  return out + ']';
}

}  // namespace hansa::events
