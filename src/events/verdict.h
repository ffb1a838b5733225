// Whose fault an error of a reaction is, by SQLSTATE (PostgreSQL, appendix A). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace hansa::events {

enum class Verdict : std::uint8_t {
  event,  // data, a constraint, a RAISE of the reaction's own: the event goes to the dead letters
  retry,  // a conflict with others: the same again, a little later
  halt,   // a missing column, a right, a resource, a timeout, anything else: the port stops with an
          // alarm; history must not be dead-lettered for a mistake that is not the events'
};

// What PostgreSQL says of a statement that ran into its timeout, or was cancelled.
inline constexpr std::string_view timed_out = "57014";

// Classes 22 and 23, P0001: event. Class 40, 55P03: retry. Everything else, 08, 42, 53, 57
// included: halt; a lost connection is no SQLSTATE of the reaction and is the caller's to mend.
[[nodiscard]] constexpr Verdict verdict_of(std::string_view sqlstate) {
  if (sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001")
    return Verdict::event;
  if (sqlstate.starts_with("40") || sqlstate == "55P03") return Verdict::retry;
  return Verdict::halt;
}

// Whether some of the events that failed together may pass without the others: one of them is at
// fault, or (class 21) two of them meet a row that one statement can take only once.
[[nodiscard]] constexpr bool fewer_may_pass(std::string_view sqlstate) {
  return verdict_of(sqlstate) == Verdict::event || sqlstate.starts_with("21");
}

}  // namespace hansa::events
