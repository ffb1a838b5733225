// The built-in allow-list: functions, operators and types of pg_catalog that are pure, bounded and
// without side effects. Pure, constant data.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/sql.h"

namespace hansa::sql {

enum class FunctionClass : std::uint8_t {
  refused,
  pure,
  aggregate,  // also where it stands over a window
  clock,      // other answers at another time
  random,
  bounded,  // allowed only with literal arguments that keep its result small
};

// Of an unqualified or pg_catalog name in lower case.
[[nodiscard]] FunctionClass function_class(std::string_view name);
// Empty, or what would make a call of a `bounded` function acceptable.
[[nodiscard]] std::string_view unbounded(Function const& call);
// For `random()`-like refusals of well-known names: why, in half a sentence; empty if unknown.
[[nodiscard]] std::string_view why_refused(std::string_view name);

[[nodiscard]] bool operator_allowed(std::string_view name);
[[nodiscard]] bool type_allowed(std::string_view name);

// Most characters, elements or rows that one call or cast may make out of nothing.
inline constexpr long long result_size_max = 10'000;

}  // namespace hansa::sql
