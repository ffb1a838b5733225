// Media types and preferences of a request (RFC 9110 sections 8.3 and 12.5.1, RFC 7240). Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::api {

// The one of `offered` that `accept` likes best, the first of equals; nullopt if it likes none. An
// empty header likes everything.
[[nodiscard]] std::optional<std::string_view> preferred_type(
    std::string_view accept, std::span<std::string_view const> offered);

// Whether a Content-Type is one of `accepted` (separated by commas) and, where it states a charset,
// UTF-8.
[[nodiscard]] bool is_accepted_type(std::string_view content_type, std::string_view accepted);

// Whether gzip may be sent (RFC 9110 section 12.5.3).
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

// "count=exact, return=minimal" to its parts; at most 16 are kept.
[[nodiscard]] std::vector<std::string> preferences(std::string_view prefer);

}  // namespace hansa::api
