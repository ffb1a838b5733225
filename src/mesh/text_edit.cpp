#include "mesh/text_edit.h"

#include <fmt/format.h>

#include <algorithm>

namespace hansa::mesh {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t npos = std::string_view::npos;

}  // namespace

TextEdits::TextEdits(std::string_view text)
    : text_(text), newline_(text.find("\r\n") != npos ? "\r\n" : "\n") {
  lines_.push_back(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  for (std::size_t at = text.find('\n'); at != npos; at = text.find('\n', at + 1)) {
    lines_.push_back(at + 1);
  }
}

std::size_t TextEdits::offset(spec::Place const& place) const {
  if (place.line == 0 || place.column == 0 || place.line > lines_.size()) return npos;
  std::size_t const at = lines_[place.line - 1] + place.column - 1;
  std::size_t const end = place.line < lines_.size() ? lines_[place.line] : text_.size();
  return at <= end ? at : npos;
}

std::size_t TextEdits::scalar_end(spec::Node const& scalar) const {
  std::size_t const at = offset(scalar.place);
  if (!scalar.is_scalar() || at == npos || scalar.place.length == 0) return npos;
  std::size_t const end = at + scalar.place.length;
  if (end > text_.size()) return npos;
  std::string_view const raw = text_.substr(at, end - at);
  bool const quoted = raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'');
  bool const whole = quoted ? raw.back() == raw.front() : raw == scalar.text;
  return whole && raw.find('\n') == npos ? end : npos;
}

std::size_t TextEdits::next_line(std::size_t at) const {
  std::size_t const end = std::min(text_.find('\n', at), text_.size());
  std::string_view rest = text_.substr(at, end - at);
  std::size_t const first = rest.find_first_not_of(" \t\r");
  if (first != npos && (rest[first] != '#' || first == 0)) return npos;
  return std::min(end + 1, text_.size());
}

bool TextEdits::replace(spec::Node const& scalar, std::string_view value) {
  std::size_t const end = scalar_end(scalar);
  if (end == npos) return false;
  std::size_t const at = offset(scalar.place);
  edits_.push_back({at, end - at, std::string(value)});
  return true;
}

bool TextEdits::insert(spec::Node const& map, std::string_view after, std::string_view key,
                       std::string_view value) {
  auto const anchor = std::ranges::find(map.members, after, &spec::Member::key);
  bool const anchored = anchor != map.members.end();
  if (map.flow) {
    std::size_t const at = anchored ? scalar_end(anchor->value) : offset(map.place);
    if (at == npos || (!anchored && (at >= text_.size() || text_[at] != '{'))) return false;
    edits_.push_back(
        anchored ? Edit{at, 0, fmt::format(", {}: {}", key, value)}
                 : Edit{at + 1, 0,
                        fmt::format("{}: {}{}", key, value, map.members.empty() ? "" : ", ")});
    return true;
  }
  if (map.members.empty()) return false;
  spec::Place const& first = map.members.front().place;
  std::string const indent(first.column - 1, ' ');
  if (!anchored) {
    // The new entry takes the first one's place, which may stand after the dash of a list.
    std::size_t const at = offset(first);
    if (at == npos) return false;
    edits_.push_back({at, 0, fmt::format("{}: {}{}{}", key, value, newline_, indent)});
    return true;
  }
  std::size_t const end = scalar_end(anchor->value);
  std::size_t const at = end == npos ? npos : next_line(end);
  if (at == npos) return false;
  bool const last_line_open = at == text_.size() && !text_.ends_with('\n');
  edits_.push_back({at, 0,
                    last_line_open ? fmt::format("{}{}{}: {}", newline_, indent, key, value)
                                   : fmt::format("{}{}: {}{}", indent, key, value, newline_)});
  return true;
}

std::string TextEdits::apply() const {
  std::vector<Edit> edits = edits_;
  std::ranges::stable_sort(edits, {}, &Edit::at);
  std::string out;
  std::size_t done = 0;
  for (Edit const& edit : edits) {
    if (edit.at < done) continue;
    out += text_.substr(done, edit.at - done);
    out += edit.text;
    done = edit.at + edit.removed;
  }
  return out.append(text_.substr(done));
}

}  // namespace hansa::mesh
