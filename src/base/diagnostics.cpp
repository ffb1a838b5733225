#include "base/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace hansa {
namespace {

constexpr std::size_t shown_width = 160;

struct Paint {
  std::string_view error = "", warning = "", note = "", bold = "", caret = "", off = "";
};

Paint paint_for(Colour colour) {
  if (colour == Colour::off) return {};
  return {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1m", "\x1b[1;32m", "\x1b[0m"};
}

std::string_view line_of(std::string_view text, std::uint32_t line) {
  for (std::uint32_t at = 1; at < line; ++at) {
    auto const end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  auto shown = text.substr(0, text.find('\n'));
  if (shown.ends_with('\r')) shown.remove_suffix(1);
  return shown;
}

// One column per byte of `line`, so that the caret stays under its byte.
std::string printable(std::string_view line) {
  std::string out;
  for (char c : line) {
    auto const byte = static_cast<unsigned char>(c);
    out += (byte < 0x20 || byte == 0x7f) ? ' ' : c;
  }
  return out;
}

// How many terminal columns the bytes take: UTF-8 continuation bytes take none.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

void append_excerpt(std::string& out, std::string_view line, SourceRange const& where,
                    Paint const& paint) {
  if (where.column == 0 || where.column > line.size() + 1) return;
  std::size_t from = 0;
  std::size_t const caret = where.column - 1;
  if (caret > shown_width / 2) from = caret - shown_width / 2;
  while (from > 0 && from < line.size() && is_continuation(line[from])) --from;
  std::size_t to = std::min(line.size(), from + shown_width);
  while (to < line.size() && is_continuation(line[to])) ++to;
  auto const shown = line.substr(from, to - from);
  auto const marked =
      line.substr(caret, std::min<std::size_t>(where.length, to - std::min(to, caret)));
  out += fmt::format("    {}{}{}\n", from > 0 ? "…" : "", printable(shown),
                     to < line.size() ? "…" : "");
  auto const indent = width(line.substr(from, caret - from)) + (from > 0 ? 1 : 0);
  auto const tail = width(marked) > 1 ? width(marked) - 1 : 0;
  out += fmt::format("    {}{}^{}{}\n", std::string(indent, ' '), paint.caret,
                     std::string(tail, '~'), paint.off);
}

// Edits between two words; two neighbours swapped count as one (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      bool const swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

auto order_of(Diagnostic const& d) {
  return std::tie(d.where.file, d.where.line, d.where.column, d.severity, d.code, d.message);
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  if (list_.size() >= list_max) {
    ++dropped_;
    return;
  }
  list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Code code, SourceRange where, std::string message, std::string hint) {
  add({Severity::error, code, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::warning(Code code, SourceRange where, std::string message, std::string hint) {
  add({Severity::warning, code, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::note(Code code, SourceRange where, std::string message, std::string hint) {
  add({Severity::note, code, std::move(where), std::move(message), std::move(hint)});
}

bool Diagnostics::has_errors() const { return errors_ > 0; }

std::size_t Diagnostics::error_count() const { return errors_; }

std::vector<Diagnostic> Diagnostics::sorted() const {
  auto list = list_;
  std::ranges::sort(list, [](auto const& a, auto const& b) { return order_of(a) < order_of(b); });
  auto const twins = std::ranges::unique(
      list, [](auto const& a, auto const& b) { return order_of(a) == order_of(b); });
  list.erase(twins.begin(), twins.end());
  return list;
}

std::string to_text(std::vector<Diagnostic> const& diagnostics, SourceTexts const& sources,
                    Colour colour) {
  Paint const paint = paint_for(colour);
  std::string out;
  for (Diagnostic const& d : diagnostics) {
    bool const is_error = d.severity == Severity::error;
    bool const is_warning = d.severity == Severity::warning;
    out += fmt::format("{}{}", paint.bold, d.where.file);
    if (d.where.line > 0) out += fmt::format(":{}:{}", d.where.line, d.where.column);
    out +=
        fmt::format(": {}{}: {}{}{} [{} {}]{}\n",
                    is_error ? paint.error : (is_warning ? paint.warning : paint.note),
                    is_error ? "error" : (is_warning ? "warning" : "note"), paint.off, paint.bold,
                    printable(d.message), label(d.code), info(d.code).name, paint.off);
    auto const source = sources.find(d.where.file);
    if (source != sources.end() && d.where.line > 0)
      append_excerpt(out, line_of(source->second, d.where.line), d.where, paint);
    if (!d.hint.empty()) out += fmt::format("  hint: {}\n", printable(d.hint));
  }
  return out;
}

std::string_view nearest(std::string_view word, std::vector<std::string_view> const& candidates) {
  if (word.size() > 64) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > 64) continue;
    auto const edits = distance(word, candidate);
    if (edits < best_distance) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

}  // namespace hansa
