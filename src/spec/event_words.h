// The closed lists of words that mesh.yaml and the `hansa.*` properties use of events, as they are
// written. The order of formats, cleanups and levels is that of the mesh's enumerations. Constants.
#pragma once

#include <array>
#include <string_view>

namespace hansa::spec {

inline constexpr std::array<std::string_view, 2> event_format_words = {"avro", "json"};
// Kafka's cleanup.policy.
inline constexpr std::array<std::string_view, 3> cleanup_words = {"delete", "compact",
                                                                  "compact,delete"};
// Confluent's schema compatibility levels, weakest first.
inline constexpr std::array<std::string_view, 7> compatibility_words = {
    "NONE", "BACKWARD",       "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE",
    "FULL", "FULL_TRANSITIVE"};
inline constexpr std::array<std::string_view, 1> in_events_words = {"plain"};
inline constexpr std::array<std::string_view, 2> from_words = {"earliest", "latest"};
inline constexpr std::array<std::string_view, 2> on_error_words = {"deadLetter", "halt"};

}  // namespace hansa::spec
