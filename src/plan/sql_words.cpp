#include "plan/sql_words.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "plan/ddl.h"

namespace hansa::plan {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool goes_on_name(char c) { return begins_name(c) || is_digit(c) || c == '$'; }

// A name as PostgreSQL reads it, and how many bytes it takes.
struct NameRead {
  std::string text;
  std::size_t bytes = 0;
};

std::optional<NameRead> read_name(std::string_view text) {
  NameRead name;
  if (text.starts_with('"')) {
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (text[at] == '"' && !text.substr(at + 1).starts_with('"')) {
        name.bytes = at + 1;
        return name;
      }
      name.text += text[at];
      if (text[at] == '"') ++at;
    }
    return std::nullopt;
  }
  if (text.empty() || !begins_name(text.front())) return std::nullopt;
  while (name.bytes < text.size() && goes_on_name(text[name.bytes])) {
    char const c = text[name.bytes++];
    name.text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return name;
}

enum class Backslash : std::uint8_t { plain, escapes };

// The length of the string literal that `text` begins with.
std::size_t string_bytes(std::string_view text, Backslash backslash) {
  std::size_t at = 1;
  for (; at < text.size(); ++at) {
    bool const escapes = backslash == Backslash::escapes && text[at] == '\\';
    bool const doubled = text.substr(at).starts_with("''");
    if (escapes || doubled)
      ++at;
    else if (text[at] == '\'')
      break;
  }
  return std::min(at + 1, text.size());
}

// Of "$tag$ ... $tag$"; 1 where the sign begins no such string.
std::size_t dollar_bytes(std::string_view text) {
  std::size_t tag = 1;
  while (tag < text.size() && goes_on_name(text[tag]) && text[tag] != '$') ++tag;
  if (tag >= text.size() || text[tag] != '$' || is_digit(text[1])) return 1;
  auto const end = text.find(text.substr(0, tag + 1), tag + 1);
  return end == std::string_view::npos ? text.size() : end + tag + 1;
}

class Mover {
 public:
  Mover(std::string_view sql, std::string_view from, std::vector<std::string> const& tables,
        std::string_view to)
      : rest_(sql), from_(from), tables_(tables), to_(to) {}

  std::string moved() {
    while (!rest_.empty()) {
      if (auto const blanks = skip_blanks(rest_); blanks > 0) {
        copy(blanks);
      } else if (auto const name = read_name(rest_)) {
        take(*name);
      } else {
        take_other();
      }
    }
    return std::move(out_);
  }

 private:
  void copy(std::size_t bytes) {
    out_ += rest_.substr(0, bytes);
    rest_.remove_prefix(std::min(bytes, rest_.size()));
  }

  void take(NameRead const& name) {
    bool const first = !std::exchange(after_dot_, false);
    auto const behind = rest_.substr(name.bytes);
    if (name.text == "e" && name.bytes == 1 && behind.starts_with('\''))
      return copy(1 + string_bytes(behind, Backslash::escapes));
    if (!first || name.text != from_) return copy(name.bytes);
    auto at = skip_blanks(behind);
    if (!behind.substr(at).starts_with('.')) return copy(name.bytes);
    at += 1 + skip_blanks(behind.substr(at + 1));
    auto const table = read_name(behind.substr(at));
    if (!table || std::ranges::find(tables_, table->text) == tables_.end()) return copy(name.bytes);
    out_ += quoted(Address{.schema = std::string(to_), .name = table->text});
    rest_.remove_prefix(name.bytes + at + table->bytes);
  }

  void take_other() {
    char const c = rest_.front();
    after_dot_ = c == '.';
    if (c == '\'') return copy(string_bytes(rest_, Backslash::plain));
    if (c == '$') return copy(dollar_bytes(rest_));
    std::size_t digits = 0;  // of a number, whose exponent is no name
    while (is_digit(c) && digits < rest_.size() && goes_on_name(rest_[digits])) ++digits;
    copy(std::max<std::size_t>(1, digits));
  }

  std::string_view rest_, from_;
  std::vector<std::string> const& tables_;
  std::string_view to_;
  std::string out_;
  bool after_dot_ = false;
};

}  // namespace

std::size_t skip_blanks(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto const rest = text.substr(at);
    if (is_blank(rest.front())) {
      ++at;
    } else if (rest.starts_with("--")) {
      at = std::min(text.find('\n', at), text.size());
    } else if (rest.starts_with("/*")) {
      std::size_t depth = 0;
      do {
        auto const here = text.substr(at);
        bool const opens = here.starts_with("/*");
        bool const closes = here.starts_with("*/");
        depth += opens ? 1 : 0;
        depth -= closes ? 1 : 0;
        at += opens || closes ? 2 : 1;
      } while (depth > 0 && at < text.size());
    } else {
      break;
    }
  }
  return at;
}

std::string with_tables_moved(std::string_view sql, std::string_view from,
                              std::vector<std::string> const& tables, std::string_view to) {
  return Mover(sql, from, tables, to).moved();
}

}  // namespace hansa::plan
