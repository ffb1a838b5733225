#include "events/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

#include "events/dead_letters.h"
#include "events/topics.h"
#include "events/verdict.h"
#include "log/decimal_text.h"

namespace hansa::events {
namespace {

using log::to_number;
using postgres::Session;
using postgres::SqlError;

constexpr std::uint64_t exchange_at = 1000;  // offsets that may be left when the port is held up
constexpr int rounds_max = 20, tries_max = 5;
constexpr std::chrono::milliseconds retry_pause{100};
constexpr std::string_view still_referred = "23503";

constexpr std::string_view take_lock = "select pg_try_advisory_lock($1::int, hashtext($2))";
constexpr std::string_view give_lock = "select pg_advisory_unlock($1::int, hashtext($2))";
constexpr std::string_view read_places =
    "select partition, next_offset, cluster from hansa.consumer_offset "
    "where consumer_group = $1 and topic = $2 order by partition";
constexpr std::string_view begin_place =
    "insert into hansa.consumer_offset (consumer_group, topic, partition, cluster, next_offset) "
    "values ($1, $2, $3, $4, $5) on conflict do nothing";

// Held by the session, so that a killed rebuild holds it no longer.
class RebuildLock {
 public:
  RebuildLock(mesh::Subscription const& port, Session& session) : port_(port), session_(session) {
    auto const taken = session.execute(take_lock, {std::to_string(rebuild_class), port.group});
    if (taken.value(0, 0) != "t")
      throw Failure(Code::port_in_use,
                    fmt::format("{} is being rebuilt by somebody else", port_address(port)),
                    "wait until that has ended");
  }
  ~RebuildLock() {
    try {
      session_.execute(give_lock, {std::to_string(rebuild_class), port_.group});
    } catch (std::exception const&) {
      // The session is gone, and the lock with it.
    }
  }
  RebuildLock(RebuildLock const&) = delete;
  RebuildLock& operator=(RebuildLock const&) = delete;

 private:
  mesh::Subscription const& port_;
  Session& session_;
};

void require_projection(mesh::Mesh const& mesh, mesh::Subscription const& port) {
  if (port.reaction.kind != mesh::Reaction::Kind::projection)
    throw Failure(
        Code::not_a_projection,
        fmt::format("{} is an effect: what others did to its tables would be lost",
                    port_address(port)),
        fmt::format("if nobody else writes them, say `projection` in the first line of {}",
                    port.reaction.file.empty() ? "its SQL" : port.reaction.file));
  for (mesh::Subscription const& other : mesh.subscriptions) {
    if (&other == &port || other.domain != port.domain) continue;
    for (ObjectName const& table : other.reaction.writes)
      if (std::ranges::find(port.reaction.writes, table) != port.reaction.writes.end())
        throw Failure(Code::two_owners,
                      fmt::format("{} writes table {} too: what it wrote would be lost",
                                  port_address(other), table.text()),
                      "give each port its own table");
  }
}

class Rebuild {
 public:
  Rebuild(mesh::Mesh const& mesh, mesh::Subscription const& port, Source& source, Session& session,
          RebuildOptions const& options)
      : mesh_(mesh), port_(port), source_(source), session_(session), options_(options) {}

  Rebuilt run() {
    lock_.emplace(port_, session_);
    find_start();
    tables_.emplace(mesh_, port_, session_);
    feeder_.emplace(port_, source_, session_, tables_->call(), starts_, feeder_options());
    catch_up();
    options_.before_exchange();
    for (int tries = 1; !finish(tries); ++tries) std::this_thread::sleep_for(tries * retry_pause);
    report_.events = feeder_->events();
    return std::move(report_);
  }

 private:
  // Of each partition; nullopt: the port has not begun there.
  using Places = std::vector<std::optional<std::int64_t>>;
  enum class Hold : std::uint8_t { no, yes };

  void find_start() {
    source_.refresh({&port_.topic, 1});
    auto const count = source_.partitions(port_.topic);
    if (count == 0)
      throw Failure(Code::unknown_topic, fmt::format("there is no topic {}", port_.topic));
    for (std::int32_t partition = 0; partition < count; ++partition)
      starts_.push_back(source_.bounds(port_.topic, partition).start);
    auto const* const topic = mesh_.find_topic(port_.topic);
    bool const keeps_newest = topic != nullptr && topic->cleanup == mesh::Cleanup::compact;
    for (std::int64_t const start : starts_)
      if (!keeps_newest) report_.missing += static_cast<std::uint64_t>(start);
    if (report_.missing > 0 && !options_.partial)
      throw Failure(Code::offset_out_of_range,
                    fmt::format("the first {} events of {} are gone: its retention took them",
                                report_.missing, port_.topic),
                    "`--partial` builds the projection of those that are left");
    auto const places = this->places(Hold::no);
    if (std::ranges::none_of(places, [](auto const& place) { return place.has_value(); }))
      throw Failure(
          Code::not_running,
          fmt::format("{} has not begun: there is nothing to rebuild", port_address(port_)),
          "`hansa up` or `hansa serve` runs input ports");
  }

  Places places(Hold hold) {
    Places out(starts_.size());
    auto const identity = source_.identity(port_.topic);
    auto const rows =
        session_.execute(fmt::format("{}{}", read_places, hold == Hold::yes ? " for update" : ""),
                         {port_.group, port_.topic});
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto const partition = to_number<std::size_t>(rows.value(row, 0));
      if (rows.value(row, 2) != identity)
        throw Failure(Code::other_log,
                      fmt::format("the place of {} belongs to another log or to a topic that was "
                                  "made anew",
                                  port_address(port_)));
      if (partition >= out.size())
        throw Failure(Code::offset_out_of_range,
                      fmt::format("{} got more partitions meanwhile", port_.topic),
                      "run the rebuild again");
      out[partition] = to_number<std::int64_t>(rows.value(row, 1));
    }
    return out;
  }

  FeederOptions feeder_options() {
    auto options = options_.feeder;
    options.before = [this] {
      if (options_.interrupted != nullptr && options_.interrupted->load())
        throw Failure(Code::interrupted, "interrupted: the live tables are as they were");
      tell_progress();
      writes_before_ = tables_->live_writes();
    };
    // Whatever a name in the reaction was taken for, nothing of it may reach the live tables here.
    options.after = [this] {
      if (tables_->live_writes() == writes_before_) return;
      throw Failure(
          Code::invalid_reaction,
          fmt::format("the reaction of {} writes the live tables when it runs over copies",
                      port_address(port_)),
          "name its tables without their schema");
    };
    return options;
  }

  void tell_progress() {
    if (!feeder_) return;
    std::uint64_t done = 0;
    for (std::size_t i = 0; i < starts_.size(); ++i)
      done += static_cast<std::uint64_t>(feeder_->positions()[i] - starts_[i]);
    options_.progress(done, std::max(done, total_));
  }

  // Where the live port is, or where this is already. Sets how much there is to do.
  std::vector<std::int64_t> targets(Places const& places) {
    auto out = feeder_->positions();
    total_ = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = std::max(out[i], places[i].value_or(out[i]));
      total_ += static_cast<std::uint64_t>(out[i] - starts_[i]);
    }
    return out;
  }

  // The live port goes on meanwhile: each round leaves less to do.
  void catch_up() {
    for (int round = 0; round < rounds_max; ++round) {
      auto const ends = targets(places(Hold::no));
      std::uint64_t left = 0;
      for (std::size_t i = 0; i < ends.size(); ++i)
        left += static_cast<std::uint64_t>(ends[i] - feeder_->positions()[i]);
      if (round > 0 && left <= exchange_at) break;
      feeder_->feed_until(ends);
    }
    tables_->analyze();
  }

  // Holds the live port where it is, gets there, and exchanges. False: it has to be tried again.
  bool finish(int tries) {
    auto const fed = *feeder_;
    auto const report = report_;
    try {
      session_.transaction([this] {
        session_.script("set local lock_timeout = '60s'");
        begin_places();
        feed_to_places();
        replay();
        session_.script("set local statement_timeout = '1h'");
        session_.execute(
            "select set_config('hansa.actor', $1, true), "
            "set_config('hansa.trace', '', true)",
            {port_.group});
        report_.tables = tables_->exchange();
      });
      return true;
    } catch (SqlError const& error) {
      if (error.sqlstate() == still_referred) refuse(error);
      if (verdict_of(error.sqlstate()) != Verdict::retry || tries >= tries_max) throw;
      feeder_.emplace(fed);
      report_ = report;
      return false;
    }
  }

  // A partition where the port has not begun is held by beginning there, as the port would.
  void begin_places() {
    source_.refresh({&port_.topic, 1});
    auto const identity = source_.identity(port_.topic);
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      auto const bounds = source_.bounds(port_.topic, static_cast<std::int32_t>(i));
      bool const latest = port_.from == mesh::Subscription::From::latest;
      session_.execute(begin_place, {port_.group, port_.topic, std::to_string(i), identity,
                                     std::to_string(latest ? bounds.next : bounds.start)});
    }
  }

  void feed_to_places() {
    auto const held = places(Hold::yes);
    for (std::size_t i = 0; i < held.size(); ++i)
      if (held[i].value_or(0) < feeder_->positions()[i])
        throw Failure(Code::offset_out_of_range,
                      fmt::format("the place of {} in partition {} was set back to {} meanwhile",
                                  port_address(port_), i, held[i].value_or(0)),
                      "run the rebuild again");
    feeder_->feed_until(targets(held));
    tell_progress();
  }

  // A dead letter that was replayed had its effect later, when it could: so it has here.
  void replay() {
    auto const& dead = feeder_->dead();
    if (dead.empty()) return;
    std::set<DeadLetters::EventPlace> wanted;
    for (DeadEvent const& event : dead) wanted.emplace(event.partition, event.offset);
    auto const fates = DeadLetters(port_, session_).fates(wanted);
    std::vector<DeadEvent> const all = dead;
    for (DeadEvent const& event : all) {
      auto const fate = fates.find({event.partition, event.offset});
      bool const replayed = fate != fates.end() && fate->second == "replayed";
      if (replayed && feeder_->feed_again(event.partition, event.offset)) {
        ++report_.replayed;
        continue;
      }
      report_.dead.push_back({.event = event, .known = fate != fates.end()});
    }
  }

  [[noreturn]] void refuse(SqlError const& error) const {
    auto const& details = error.details();
    throw Failure(Code::reference_violation,
                  fmt::format("{}{}", details.message,
                              details.detail.empty() ? "" : " (" + details.detail + ")"),
                  "nothing was changed: rows of other tables refer to rows that the topic does not "
                  "give any more; change or delete them first");
  }

  mesh::Mesh const& mesh_;
  mesh::Subscription const& port_;
  Source& source_;
  Session& session_;
  RebuildOptions const& options_;
  std::vector<std::int64_t> starts_;
  std::optional<RebuildLock> lock_;  // given back when the tables are gone
  std::optional<SideTables> tables_;
  std::optional<Feeder> feeder_;
  std::uint64_t total_ = 0, writes_before_ = 0;
  Rebuilt report_;
};

}  // namespace

Rebuilt rebuild(mesh::Mesh const& mesh, mesh::Subscription const& port, Source& source,
                Session& session, RebuildOptions const& options) {
  require_projection(mesh, port);
  return Rebuild(mesh, port, source, session, options).run();
}

}  // namespace hansa::events
