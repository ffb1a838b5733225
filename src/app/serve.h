// Serving, put together: databases, server, log, metrics, signals.
#pragma once

#include "cli/command.h"

namespace hansa::app {

// See cli::Program::serve.
[[nodiscard]] int serve(cli::ServeRequest const& request);

}  // namespace hansa::app
