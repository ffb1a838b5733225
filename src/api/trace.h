// W3C trace context: the id under which one request is known in logs, answers and other systems.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hansa::api {

struct Trace {
  std::array<char, 32> trace_id{};
  std::array<char, 16> span_id{};  // of this request here
  std::array<char, 2> flags{'0', '1'};

  [[nodiscard]] std::string_view id() const { return {trace_id.data(), trace_id.size()}; }
};

// Takes part in the caller's trace where `traceparent` is valid (version 00, not all zeros), and
// starts one otherwise. Ids are unique, not secret: from a generator of the thread, seeded by the
// system.
[[nodiscard]] Trace trace_of(std::string_view traceparent);

// "00-<trace>-<span>-01".
[[nodiscard]] std::string to_text(Trace const& trace);

}  // namespace hansa::api
