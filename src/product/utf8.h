// Whether text may go to PostgreSQL as it is. Pure.
#pragma once

#include <string_view>

namespace hansa::product {

// Well-formed UTF-8 (RFC 3629: no overlong form, no surrogate) without NUL.
[[nodiscard]] bool is_clean_utf8(std::string_view text);

}  // namespace hansa::product
