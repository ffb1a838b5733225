#include "delivery/departed.h"

#include <fmt/format.h>

#include "delivery/catalog_queries.h"
#include "json/value.h"

namespace hansa::delivery {

void note_departed_domains(postgres::Session& session, mesh::Mesh const& mesh, plan::Plan& plan) {
  json::Array declared;
  for (mesh::Domain const& domain : mesh.domains)
    declared.push_back(json::text(domain.name.text()));
  auto const rows = session.execute(
      query::departed, {json::to_text(json::array(std::move(declared))), mesh.name.text()});
  for (std::size_t at = 0; at < rows.size(); ++at) {
    auto const roles = rows.value(at, 2);
    plan.notes.push_back(fmt::format(
        "domain `{0}` is in the database but not in the folder: left alone; to remove it and its "
        "rows: drop schema {1} cascade; {2}{4}delete from hansa.object where domain = '{0}'; drop "
        "owned by {3}; drop role {3};",
        rows.value(at, 0), rows.value(at, 1), rows.value(at, 3), roles,
        rows.value(at, 4) == "t"
            ? fmt::format("delete from hansa.topic where domain = '{}'; ", rows.value(at, 0))
            : ""));
  }
}

}  // namespace hansa::delivery
