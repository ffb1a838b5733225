#include "delivery/probe.h"

#include <fmt/format.h>

#include <set>

namespace hansa::delivery {
namespace {

constexpr std::size_t example_bytes_max = 200;

std::string example_of(std::string_view key) {
  if (key.size() <= example_bytes_max) return std::string(key);
  auto cut = example_bytes_max;
  while (cut > 0 && (static_cast<unsigned char>(key[cut]) & 0xC0) == 0x80) --cut;
  return std::string(key.substr(0, cut)) + "…";
}

Error violation(plan::Probe const& probe, postgres::Rows const& rows) {
  bool const many = rows.size() > static_cast<std::size_t>(plan::probe_rows_max);
  auto const count =
      many ? fmt::format("more than {} {}s are", plan::probe_rows_max, probe.noun)
           : fmt::format("{} {}{}", rows.size(), probe.noun, rows.size() == 1 ? " is" : "s are");
  return {Code::existing_rows_violate,
          fmt::format("{}: {} in the way, for example {}", probe.rule, count,
                      example_of(rows.value(0, 0))),
          probe.hint};
}

}  // namespace

std::optional<Error> rows_in_the_way(postgres::Session& session, plan::Probe const& probe) {
  session.execute("savepoint probe");
  std::optional<Error> found;
  try {
    if (!probe.run_as.empty())
      session.execute("set local role " + postgres::quote_name(probe.run_as));
    session.execute(fmt::format("set local statement_timeout = {}", probe_ms_max));
    auto const rows = session.execute(probe.sql);
    if (rows.size() > 0) found = violation(probe, rows);
  } catch (postgres::SqlError const&) {
    found.reset();
  }
  // Takes role and timeout back as well.
  session.execute("rollback to savepoint probe");
  session.execute("release savepoint probe");
  return found;
}

void refuse_where_rows_violate(postgres::Session& session, plan::Plan& plan) {
  std::set<std::string> asked;
  for (plan::Step const& step : plan.steps) {
    if (step.probe.sql.empty() || !asked.insert(step.probe.sql).second) continue;
    if (auto error = rows_in_the_way(session, step.probe))
      plan.refusals.push_back(std::move(*error));
  }
}

}  // namespace hansa::delivery
