#include "delivery/perform.h"

#include <fmt/format.h>

#include <random>
#include <thread>

#include "delivery/blockers.h"
#include "delivery/probe.h"
#include "delivery/records.h"

namespace hansa::delivery {
namespace {

using postgres::SqlError;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds pause_min{20}, pause_max{400};

bool is_lock_trouble(SqlError const& error) {
  // Lock timeout, deadlock, serialization: each was rolled back and may be tried again.
  return error.sqlstate() == "55P03" || error.sqlstate().starts_with("40");
}

bool is_rule_violated(SqlError const& error) { return error.sqlstate().starts_with("23"); }

// A growing pause with jitter, so that two waiters do not meet for ever.
void rest(int tries) {
  static thread_local std::mt19937 random{std::random_device{}()};
  auto const top = std::min(pause_max, pause_min * (1 << std::min(tries, 5)));
  std::uniform_int_distribution<long> pick(pause_min.count(), top.count());
  std::this_thread::sleep_for(milliseconds(pick(random)));
}

}  // namespace

Performer::Performer(postgres::Session& session, postgres::Target const& target,
                     std::string applier, ApplyOptions const& options)
    : session_(session), target_(target), applier_(std::move(applier)), options_(options) {}

void Performer::attempt(plan::Step const& step) {
  session_.transaction([&] {
    session_.execute(fmt::format("set local lock_timeout = {}", options_.lock_timeout.count()));
    if (!step.run_as.empty())
      session_.execute("set local role " + postgres::quote_name(step.run_as));
    for (std::string const& sql : step.sql) session_.execute(sql);
    session_.execute("set local role " + postgres::quote_name(applier_));
    change_records(session_, step.domain, step.records);
  });
}

// Such statements wait for old transactions without being in anybody's way: they get all the
// patience.
void Performer::attempt_outside_transaction(plan::Step const& step) {
  auto const back = [this] {
    session_.execute("set role " + postgres::quote_name(applier_));
    session_.execute("set lock_timeout = 0");
  };
  session_.execute(fmt::format("set lock_timeout = {}", options_.lock_patience.count()));
  if (!step.run_as.empty()) session_.execute("set role " + postgres::quote_name(step.run_as));
  try {
    for (std::string const& sql : step.sql) session_.execute(sql);
  } catch (SqlError const&) {
    back();
    throw;
  }
  back();
  session_.transaction([&] { change_records(session_, step.domain, step.records); });
}

void Performer::perform(plan::Step const& step) {
  auto const until = steady_clock::now() + options_.lock_patience;
  std::unique_ptr<BlockerWatch> watch;
  for (int tries = 0;; ++tries) {
    try {
      return step.transactional ? attempt(step) : attempt_outside_transaction(step);
    } catch (SqlError const& error) {
      if (!is_lock_trouble(error)) give_up(step, error);
      if (!step.transactional) undo(step);
      if (steady_clock::now() >= until) {
        auto const holder = watch ? watch->seen() : std::string();
        throw Failure(
            Code::lock_not_granted,
            fmt::format("{}: no lock within {} ms{}", step.summary, options_.lock_patience.count(),
                        holder.empty() ? "" : ", it is held by " + holder),
            "end that transaction, or apply again at a quieter time; what was done stays");
      }
    }
    if (!watch) watch = std::make_unique<BlockerWatch>(target_, session_.backend_pid());
    rest(tries);
  }
}

// Waits for locks only so long: whoever was in the way of the step is in the way of this as well.
// What stays behind then is seen, and mended, by the next plan.
void Performer::undo(plan::Step const& step) {
  if (step.undo.empty()) return;
  bool undone = true;
  session_.execute(fmt::format("set lock_timeout = {}", options_.lock_timeout.count()));
  if (!step.run_as.empty()) session_.execute("set role " + postgres::quote_name(step.run_as));
  try {
    for (std::string const& sql : step.undo) session_.execute(sql);
  } catch (SqlError const&) {
    undone = false;
  }
  session_.execute("set role " + postgres::quote_name(applier_));
  session_.execute("set lock_timeout = 0");
  if (undone)
    session_.transaction([&] { change_records(session_, step.domain, step.undo_records); });
}

void Performer::give_up(plan::Step const& step, SqlError const& error) {
  undo(step);
  if (is_rule_violated(error) && !step.probe.sql.empty()) {
    std::optional<Error> found;
    session_.transaction([&] { found = rows_in_the_way(session_, step.probe); });
    if (found) throw Failure(std::move(*found));
    throw Failure(Code::existing_rows_violate, step.probe.rule, step.probe.hint);
  }
  auto const& details = error.details();
  auto detail = fmt::format("{}: {}", step.summary, details.message);
  if (!details.detail.empty()) detail += fmt::format(" ({})", details.detail);
  throw Failure(Code::step_failed, std::move(detail),
                details.hint.empty() ? "what was done before stays; mend this and apply again"
                                     : details.hint);
}

}  // namespace hansa::delivery
