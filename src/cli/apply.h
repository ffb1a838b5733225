// Performing a plan with its stages shown; what `apply` and `up` share.
#pragma once

#include "cli/command.h"
#include "cli/terminal.h"
#include "delivery/delivery.h"

namespace hansa::cli {

// Applies to one database. Returns the number of steps; throws Failure, `interrupted` included.
std::size_t perform(mesh::Mesh const& mesh, delivery::Place const& place, bool allow_destructive,
                    Program const& program, Stages& stages);

}  // namespace hansa::cli
