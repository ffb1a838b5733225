#include "delivery/planning.h"

#include "delivery/departed.h"
#include "delivery/observe.h"
#include "delivery/probe.h"
#include "plan/compare.h"
#include "plan/desired.h"

namespace hansa::delivery {

plan::Plan plan_on(postgres::Session& session, mesh::Mesh const& mesh,
                   std::vector<DomainName> const& domains) {
  auto const wanted = plan::desired(mesh, domains);
  plan::Plan plan;
  session.execute("begin isolation level repeatable read read only");
  try {
    auto const observed = observe(session, wanted.database, domains);
    plan = plan::compare(wanted.database, observed, domains);
    if (!observed.has_own_schema && !plan.steps.empty())
      plan.steps.front().notes.push_back("Hansa's own schema `hansa` is made first");
    if (observed.has_own_schema) note_departed_domains(session, mesh, plan);
    refuse_where_rows_violate(session, plan);
    session.execute("commit");
  } catch (...) {
    if (session.in_transaction()) session.execute("rollback");
    throw;
  }
  plan.refusals.insert(plan.refusals.begin(), wanted.refusals.begin(), wanted.refusals.end());
  return plan;
}

plan::Plan make_plan(mesh::Mesh const& mesh, Place const& place) {
  auto session = postgres::Session::open(place.target);
  prepare(session);
  return plan_on(session, mesh, place.domains);
}

}  // namespace hansa::delivery
