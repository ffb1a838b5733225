// The live database as a catalogue value. Blocking; reads only.
#pragma once

#include <vector>

#include "plan/catalog.h"
#include "postgres/session.h"

namespace hansa::delivery {

// What a planning session needs before anything else: expressions print the same whatever the
// role's settings, and a backend whose client was killed notices within a second.
void prepare(postgres::Session& session);

// The version of Hansa's own schema; 0: absent. Error: schema_too_new.
[[nodiscard]] int own_schema_version(postgres::Session& session);

// Reads the schemas and roles of `desired`, and what is recorded of `domains`, in a dozen
// statements whatever the number of tables. Requires a repeatable read transaction, so that they
// agree.
[[nodiscard]] plan::Database observe(postgres::Session& session, plan::Database const& desired,
                                     std::vector<DomainName> const& domains);

}  // namespace hansa::delivery
