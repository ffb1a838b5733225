// Talking to a person: colour only on terminals, progress on anything that takes longer than a
// glance, a question before what cannot be undone.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "base/result.h"
#include "json/value.h"

namespace hansa::cli {

// On for a terminal unless NO_COLOR is set (no-color.org) or TERM is `dumb`.
[[nodiscard]] Colour colour_of(std::FILE* stream);
[[nodiscard]] bool is_terminal(std::FILE* stream);

// "hansa: error H4001 ...", with the hint on its own line.
[[nodiscard]] std::string to_people(Error const& error, Colour colour);
// {"error": {"code", "name", "detail", "hint", "fields"}}.
[[nodiscard]] json::Value error_document(Error const& error);

// Stages of a longer command, one line each on standard error: a moving mark while it runs
// (terminals only), then a tick, the phrase and the seconds it took.
class Stages {
 public:
  explicit Stages(bool quiet);
  ~Stages();
  Stages(Stages const&) = delete;
  Stages& operator=(Stages const&) = delete;

  // Ends the running stage, if any, and starts another.
  void begin(std::string_view phrase);
  // Replaces the running stage's phrase; shown at most ten times a second.
  void update(std::string_view phrase);
  // Ends the running stage well.
  void end(std::string_view phrase = {});
  // Ends the running stage without a word.
  void drop();

 private:
  void draw();
  void finish(std::string_view mark);

  bool quiet_, terminal_;
  Colour colour_;
  std::string phrase_;
  bool running_ = false;
  std::size_t frame_ = 0;
  std::chrono::steady_clock::time_point started_{}, drawn_{};
};

// Asks on the terminal; only "y" or "yes" is a yes. No terminal to ask on: not_confirmed, with a
// hint that names `--yes`.
[[nodiscard]] Result<bool> confirm(std::string_view question);

// "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace hansa::cli
