// Links of a list: percent-encoding (RFC 3986) and the Link header (RFC 8288). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "product/service.h"

namespace hansa::product {

enum class UriPart : std::uint8_t { segment, query };

// Everything but unreserved characters and the few delimiters that mean nothing in that part.
[[nodiscard]] std::string percent_encoded(std::string_view text, UriPart part);

// The value of Link: rel="first", and rel="next" when there is a `next_cursor`. The other
// parameters stay as they were asked.
[[nodiscard]] std::string link_header(ReadRequest const& request, std::string_view next_cursor);

}  // namespace hansa::product
