// Dead letters: for people, and as JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "events/dead_letters.h"
#include "json/value.h"

namespace hansa::cli {

// Of one port, neither replayed nor dropped, in order of their offsets.
struct OpenLetters {
  mesh::Subscription const* port = nullptr;
  std::vector<events::DeadLetter> letters;
  bool more = false;  // there are others behind the last
};

// For each port that has any: a row a letter, then how often each reason is there.
[[nodiscard]] std::string letters_text(std::vector<OpenLetters> const& ports, Colour colour);
// {"dead_letters": [...], "more": false}, each as letter_json gives it.
[[nodiscard]] json::Value letters_json(std::vector<OpenLetters> const& ports);

// One with its event, indented.
[[nodiscard]] std::string letter_text(mesh::Subscription const& port,
                                      events::DeadLetter const& letter);
// {"port", "offset", "time", "sqlstate", "reason", "replayable", "outcome", "done", "event":
// {"topic", "partition", "offset", "time", "key", "op", "id", "trace", "value"}}.
[[nodiscard]] json::Value letter_json(mesh::Subscription const& port,
                                      events::DeadLetter const& letter);

}  // namespace hansa::cli
