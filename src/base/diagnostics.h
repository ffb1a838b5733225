// What is wrong with a user's documents: a list, not one error. A reader adds and goes on; whoever
// runs the reader asks has_errors() at the end. Values only; not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/code.h"

namespace hansa {

enum class Severity : std::uint8_t { error, warning, note };

// A place in a file of the folder. Line and column count from 1, columns in bytes; line 0 means the
// file as a whole. `length` is in bytes and stays on one line; 0 draws a single caret.
struct SourceRange {
  std::string file;  // relative to the folder, '/' separated
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;

  auto operator<=>(SourceRange const&) const = default;
};

// A value that remembers where it was written.
template <class T>
struct Located {
  T value{};
  SourceRange where{};
};

struct Diagnostic {
  Severity severity = Severity::error;
  Code code = Code::internal;
  SourceRange where;
  std::string message;  // one sentence without a full stop
  std::string hint;     // what to do, e.g. "did you mean `version`?"; may be empty
};

class Diagnostics {
 public:
  void error(Code code, SourceRange where, std::string message, std::string hint = {});
  void warning(Code code, SourceRange where, std::string message, std::string hint = {});
  void note(Code code, SourceRange where, std::string message, std::string hint = {});
  void add(Diagnostic diagnostic);

  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] std::size_t error_count() const;
  // Ordered by file, line, column; equal entries once. At most list_max are kept, the rest counted.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

  static constexpr std::size_t list_max = 1000;

 private:
  std::vector<Diagnostic> list_;
  std::size_t dropped_ = 0;
  std::size_t errors_ = 0;
};

// Text of the files diagnostics point into, by relative name.
using SourceTexts = std::map<std::string, std::string, std::less<>>;

enum class Colour : std::uint8_t { off, on };

// For people, in the shape compilers use:
//   domains/a/a.odps.yaml:3:5: error: unknown key `verison` [H1001 unknown-key]
//       verison: 1.0.0
//       ^~~~~~~
//     hint: did you mean `version`?
// Control characters of the source are shown escaped, long lines are cut around the caret.
[[nodiscard]] std::string to_text(std::vector<Diagnostic> const& diagnostics,
                                  SourceTexts const& sources, Colour colour);

// The candidate nearest to `word` by edit distance, if near enough to be a slip (at most a third of
// its length, at least one edit); empty otherwise.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::vector<std::string_view> const& candidates);

}  // namespace hansa
