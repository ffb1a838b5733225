// Consumers of the SQL port: roles of people and programs to whom people gave rights on views.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {

// Everybody is no consumer: that would let in the roles of other domains.
Privileges given_to_consumers(Draft const& draft, Privileges const& live) {
  Privileges out;
  for (Privilege const& right : live)
    if ((right.name == "select" || right.name == "usage") && right.grantee != "PUBLIC" &&
        !draft.desired.mesh_roles.contains(right.grantee))
      out.insert(right);
  return out;
}

View with_consumers(Draft const& draft, View desired, View const& live) {
  for (Privilege const& right : given_to_consumers(draft, live.privileges))
    if (right.column.empty() || has_part(desired.columns, right.column))
      desired.privileges.insert(right);
  return desired;
}

std::string consumers_lose_it(std::string const& view_schema) {
  return fmt::format("consumers of {} lose it", view_schema.substr(view_schema.rfind('_') + 1));
}

void note_consumers(Draft const& draft, View const& made, Step& step) {
  auto const kept = given_to_consumers(draft, made.privileges);
  if (!kept.empty())
    step.notes.push_back(fmt::format("rights given by hand on {} come back: {}",
                                     to_text(made.address), grants_in_words(kept, "to")));
}

}  // namespace hansa::plan
