#include "delivery/csv.h"

#include <algorithm>

namespace hansa::delivery {
namespace {

constexpr auto npos = std::string_view::npos;

// Whether a field may end at `at`: a comma, the end of a line, the end of the text.
bool is_field_end(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] == ',' || text[at] == '\n') return true;
  return text[at] == '\r' && (at + 1 == text.size() || text[at + 1] == '\n');
}

}  // namespace

// A field in quotes from the opening one at `at`; false if it is never closed.
bool CsvRecord::read_quoted(std::string_view text, std::size_t& at) {
  auto const start = unquoted_.size();
  std::size_t from = at + 1;
  for (;;) {
    auto const quote = text.find('"', from);
    if (quote == npos) return false;
    auto const part = text.substr(from, quote - from);
    lines_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    bool const doubled = quote + 1 < text.size() && text[quote + 1] == '"';
    if (!doubled && unquoted_.size() == start) {
      fields_.push_back({part, true});
      at = quote + 1;
      return true;
    }
    if (unquoted_.capacity() < text.size()) unquoted_.reserve(text.size());
    unquoted_ += part;
    if (!doubled) {
      fields_.push_back({std::string_view(unquoted_).substr(start), true});
      at = quote + 1;
      return true;
    }
    unquoted_ += '"';
    from = quote + 2;
  }
}

// A field without quotes; false at a quote inside it.
bool CsvRecord::read_plain(std::string_view text, std::size_t& at) {
  auto const start = at;
  while (at < text.size() && text[at] != ',' && text[at] != '\n') {
    if (text[at] == '"') return false;
    ++at;
  }
  auto end = at;
  bool const last = at == text.size() || text[at] == '\n';
  if (last && end > start && text[end - 1] == '\r') --end;
  fields_.push_back({text.substr(start, end - start), false});
  return true;
}

CsvRecord::State CsvRecord::broken(std::string_view problem, std::string_view text,
                                   std::size_t from, CsvEnd end) {
  auto const newline = text.find('\n', from);
  if (newline == npos && end == CsvEnd::more_follows) return State::unfinished;
  problem_ = problem;
  bytes_ = newline == npos ? text.size() : newline + 1;
  return State::broken;
}

CsvRecord::State CsvRecord::read(std::string_view text, CsvEnd end) {
  fields_.clear();
  unquoted_.clear();
  lines_ = 1;
  bytes_ = 0;
  std::size_t at = 0;
  for (;;) {
    if (at < text.size() && text[at] == '"') {
      if (!read_quoted(text, at)) {
        // Only this line is lost: the quote may be a slip, and what follows is not swallowed by it.
        lines_ = 1;
        return broken("a quote is never closed", text, 0, end);
      }
      if (!is_field_end(text, at))
        return broken("text stands behind a closing quote", text, at, end);
      if (at < text.size() && text[at] == '\r') ++at;
    } else if (!read_plain(text, at)) {
      return broken("a quote stands inside a field without quotes", text, at, end);
    }
    if (at < text.size() && text[at] == ',') {
      if (fields_.size() >= fields_max) return broken("more than 2000 fields", text, at, end);
      ++at;
      continue;
    }
    break;
  }
  if (at == text.size() && end == CsvEnd::more_follows) return State::unfinished;
  bytes_ = at == text.size() ? at : at + 1;
  bool const blank = fields_.size() == 1 && fields_[0].text.empty() && !fields_[0].quoted;
  return blank ? State::blank : State::fields;
}

void append_csv_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (char const c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace hansa::delivery
