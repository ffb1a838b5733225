// The closed catalogue of error codes. Every code has a number that is never reused, a name that is
// stable for users, an HTTP status and an exit status; all four are data in codes.def.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hansa {

enum class Code : std::uint16_t {
#define HANSA_CODE(number, name, http, exit, title) name = number,
#include "base/codes.def"
#undef HANSA_CODE
};

struct CodeInfo {
  Code code;
  std::string_view name;  // as users see it: "unknown-key"
  int http_status;
  int exit_status;
  std::string_view title;  // a short phrase without a full stop
};

// The row of the catalogue for `code`. Constant time is not promised; not for hot paths.
[[nodiscard]] CodeInfo const& info(Code code);

// Every row, ordered by number.
[[nodiscard]] std::span<CodeInfo const> all_codes();

// "H1001": how a code is printed.
[[nodiscard]] std::string_view label(Code code);

}  // namespace hansa
