// The first line of an emission or a reaction, which says when and how its SQL runs:
//   -- after insert, update on order
//   -- batch 500 projection
// Pure. Mistakes are added to the diagnostics with their place in the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "mesh/sql_file.h"
#include "mesh/streams.h"

namespace hansa::mesh {

struct EmissionLine {
  bool on_insert = false, on_update = false, on_delete = false;
  Located<std::string> table;  // as written: "order" or "orders.order"
};

// Error: invalid_emission.
[[nodiscard]] std::optional<EmissionLine> read_emission_line(SqlFile const& file,
                                                             Diagnostics& diagnostics);

inline constexpr std::uint32_t batch_max = 10'000;

struct ReactionLine {
  Reaction::Kind kind = Reaction::Kind::effect;
  std::uint32_t batch = 0;  // 1 to batch_max; 0: each
  SourceRange where;        // of the line's first word
};

// A file whose first line is no comment is an effect that takes each event alone. Error:
// invalid_reaction.
[[nodiscard]] std::optional<ReactionLine> read_reaction_line(SqlFile const& file,
                                                             Diagnostics& diagnostics);

}  // namespace hansa::mesh
