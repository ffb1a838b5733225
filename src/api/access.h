// Who may write, and what a browser is told of it (Fetch standard, CORS). Pure.
//
// Until access control lands, writing is for the developer's own machine. A page of a stranger's
// site runs in a browser on that very machine, so the peer's address alone proves nothing: its
// Origin, and the Host it was tricked into (DNS rebinding), are looked at too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/router.h"
#include "base/result.h"
#include "net/http.h"

namespace hansa::api {

// Error: writes_not_allowed, saying which of the conditions failed.
[[nodiscard]] Result<void> may_write(net::Request const& request, Context const& context);

// The answer to OPTIONS: Allow, and to a preflight what the page's origin may do.
[[nodiscard]] net::Response options_answer(net::Request const& request, Resource resource,
                                           Context const& context);

// Adds what lets a page of another origin read this answer.
void allow_reading(net::Request const& request, Context const& context, net::Response& response);

// "localhost", "127.0.0.1", "[::1]", with or without a port.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace hansa::api
