#include "plan/compare.h"

#include <algorithm>

#include "plan/draft.h"

namespace hansa::plan {

Plan compare(Database const& desired, Database const& observed,
             std::vector<DomainName> const& domains) {
  Plan plan;
  Database live = observed;
  for (DomainName const& domain : domains) {
    Draft draft{.desired = desired, .live = live, .plan = plan, .domain = domain};
    compare_roles(draft);
    compare_schemas(draft);
    rename_tables_and_columns(draft);
    compare_tables(draft);
    compare_topics(draft);
    compare_functions(draft);
    compare_triggers(draft);
    compare_views(draft);
    compare_rights(draft);
    compare_comments(draft);
    note_strangers(draft);
    std::ranges::stable_sort(draft.steps, {}, [](auto const& entry) { return entry.first; });
    for (auto& [phase, step] : draft.steps) plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace hansa::plan
