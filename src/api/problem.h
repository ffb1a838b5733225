// Errors as answers: application/problem+json (RFC 9457). Pure.
#pragma once

#include <string_view>

#include "api/call.h"
#include "base/result.h"

namespace hansa::api {

// `instance` is the request's path. 503, 429 and not_arrived_yet also say when to come again.
[[nodiscard]] Reply problem(Error const& error, std::string_view instance);

// The same for bytes that were no request: the catalogue's code that is nearest to `status`, sent
// as `status`.
[[nodiscard]] net::Response refusal(int status, std::string_view reason);

}  // namespace hansa::api
