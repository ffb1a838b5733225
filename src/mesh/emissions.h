// Emissions: the SQL of emit/<object>.v<major>.sql, or the SELECT that transformSourceObjects stand
// for. Read, parsed and judged, its columns compared with those of the topic. Pure.
#pragma once

#include <optional>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sql_names.h"
#include "spec/contract.h"

namespace hansa::mesh {

// Where an emission looks for what it names.
struct EmissionContext {
  Mesh const& mesh;  // its domains and contracts
  DomainTables const& tables;
  Diagnostics& diagnostics;
};

// `topic` needs name, domain, fields and left_out. nullopt after adding what is wrong:
// invalid_emission, missing_reference, and those of read_statement().
[[nodiscard]] std::optional<Emission> read_emission(SqlFile const& file, Topic const& topic,
                                                    EmissionContext const& context);

// Whether a property of the object says which column it is copied from.
[[nodiscard]] bool has_sources(spec::SchemaObject const& object);

// One event for each inserted row, column for column: every field of the topic names one column of
// the same table. Types and required columns must agree.
[[nodiscard]] std::optional<Emission> make_emission(spec::SchemaObject const& source,
                                                    Object const& object, Topic const& topic,
                                                    EmissionContext const& context);

}  // namespace hansa::mesh
