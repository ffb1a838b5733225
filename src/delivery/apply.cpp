#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <thread>

#include "delivery/advisory.h"
#include "delivery/delivery.h"
#include "delivery/observe.h"
#include "delivery/perform.h"
#include "delivery/planning.h"
#include "delivery/records.h"

namespace hansa::delivery {
namespace {

using postgres::Session;

// A killed apply's backend may live a moment longer than its client.
constexpr std::chrono::milliseconds holder_patience{2000}, holder_pause{50};

std::string holder_of_lock(Session& session) {
  auto const rows = session.execute(
      fmt::format("select l.pid, a.application_name, a.usename from pg_catalog.pg_locks l "
                  "join pg_catalog.pg_stat_activity a on a.pid = l.pid "
                  "where l.locktype = 'advisory' and l.granted and l.classid = {} and l.objid = {}",
                  advisory_class, advisory_apply));
  if (rows.size() == 0) return "another session";
  return fmt::format("pid {} ({}, {})", rows.value(0, 0), rows.value(0, 2), rows.value(0, 1));
}

// Held until the session ends, so PostgreSQL itself releases it whatever becomes of us.
void take_apply_lock(Session& session) {
  auto const until = std::chrono::steady_clock::now() + holder_patience;
  auto const sql =
      fmt::format("select pg_try_advisory_lock({}, {})", advisory_class, advisory_apply);
  while (session.execute(sql).value(0, 0) != "t") {
    if (std::chrono::steady_clock::now() >= until)
      throw Failure(Code::apply_in_progress,
                    "another apply is at work on this database: " + holder_of_lock(session),
                    "wait for it to end");
    std::this_thread::sleep_for(holder_pause);
  }
}

void refuse(plan::Plan const& plan) {
  if (plan.refusals.empty()) return;
  Error error = plan.refusals.front();
  for (std::size_t at = 1; at < plan.refusals.size(); ++at)
    error.fields.push_back(
        {std::string(info(plan.refusals[at].code).name), plan.refusals[at].detail});
  throw Failure(std::move(error));
}

void refuse_destruction(plan::Plan const& plan, ApplyOptions const& options) {
  if (options.allow_destructive || !plan.destroys_data()) return;
  std::vector<std::string> lost;
  for (plan::Step const& step : plan.steps)
    if (step.destroys_data) lost.push_back(fmt::format("{} ({})", step.summary, step.reason));
  throw Failure(Code::destructive_step, fmt::format("{}", fmt::join(lost, "; ")),
                "nothing was done; --allow-destructive permits it");
}

}  // namespace

plan::Plan apply(mesh::Mesh const& mesh, Place const& place, ApplyOptions const& options) {
  auto session = Session::open(place.target);
  prepare(session);
  take_apply_lock(session);
  auto plan = plan_on(session, mesh, place.domains);
  refuse(plan);
  refuse_destruction(plan, options);
  migrate(session);

  std::string const applier(session.execute("select current_user").value(0, 0));
  Performer performer(session, place.target, applier, options);
  auto const count = plan.steps.size();
  for (std::size_t index = 0; index < count; ++index) {
    if (options.interrupted != nullptr && *options.interrupted)
      throw Failure(Code::interrupted, fmt::format("stopped after {} of {} steps", index, count),
                    "apply again to go on");
    plan::Step const& step = plan.steps[index];
    if (options.progress) options.progress(index, count, step, false);
    performer.perform(step);
    if (options.progress) options.progress(index, count, step, true);
  }
  forget_what_is_gone(session, place.domains);
  count_apply(session);
  return plan;
}

void tell_servers(Place const& place) {
  auto session = Session::open(place.target);
  if (own_schema_version(session) == schema_version) count_apply(session);
}

bool is_applied(plan::Plan const& plan) {
  using enum plan::StepKind;
  static constexpr std::array replacing = {rename_table,      rename_column,    replace_view,
                                           alter_column_type, replace_function, replace_trigger};
  return plan.refusals.empty() && std::ranges::none_of(plan.steps, [](plan::Step const& step) {
           return step.sign == plan::Sign::add ||
                  std::ranges::find(replacing, step.kind) != replacing.end();
         });
}

}  // namespace hansa::delivery
