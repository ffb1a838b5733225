// Between HTTP and the product room: a call's request to the service's, the service's answer to a
// reply.
#pragma once

#include <string>

#include "api/call.h"
#include "base/result.h"

namespace hansa::api {

// Errors: invalid_parameter for a query that does not decode, not_acceptable.
[[nodiscard]] Result<product::ReadRequest> read_request(Call& call);
// Moves the body out of the call. Its trace is the traceparent that the answer carries, its actor
// the word "rest": who asks is not known here. Errors: the same, and bad_request for a bad
// Idempotency-Key.
[[nodiscard]] Result<product::WriteRequest> write_request(Call& call);
// The key in the path, percent-decoded once. Error: invalid_parameter.
[[nodiscard]] Result<std::string> row_key(Call const& call);

[[nodiscard]] Reply reply_of(Result<product::Answer> answer, Call const& call);

// A body of ours with its type; 304 where If-None-Match has its tag already.
[[nodiscard]] Reply text_reply(std::string_view content_type, std::string body);
[[nodiscard]] Reply tagged_reply(Call const& call, std::string_view content_type,
                                 std::string_view body, std::string const& tag);

}  // namespace hansa::api
