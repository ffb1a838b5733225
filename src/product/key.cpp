#include "product/key.h"

#include <fmt/format.h>

#include <algorithm>

#include "product/link.h"
#include "product/utf8.h"

namespace hansa::product {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::vector<std::string> parts_of(Table const& table, std::string_view segment) {
  if (table.key.size() == 1) return {std::string{segment}};
  std::vector<std::string> parts;
  while (true) {
    auto const comma = segment.find(',');
    std::string part{segment.substr(0, comma)};
    replace_all(part, "%2C", ",");
    replace_all(part, "%2c", ",");
    replace_all(part, "%25", "%");
    parts.push_back(std::move(part));
    if (comma == std::string_view::npos) return parts;
    segment.remove_prefix(comma + 1);
  }
}

std::string key_shape(Table const& table) {
  std::string text;
  for (std::size_t const field : table.key)
    text += fmt::format("{}`{}` ({})", text.empty() ? "" : ", ", table[field].column->name.text(),
                        types::to_text(table[field].column->type));
  return text;
}

// PostgreSQL's text is what from_text() reads, but for bytes and times it reads our JSON form too.
std::string part_text(mesh::Column const& column, std::string_view value) {
  using enum types::Kind;
  auto const kind = column.type.kind;
  if (kind != bytes && kind != timestamp && kind != timestamptz) return std::string{value};
  std::string quoted;
  types::write_json(value, column.type, quoted);
  return quoted.size() >= 2 && quoted.front() == '"' ? quoted.substr(1, quoted.size() - 2) : quoted;
}

}  // namespace

Result<postgres::Params> read_key(Table const& table, std::string_view segment) {
  if (!is_clean_utf8(segment))
    return failure(Code::invalid_parameter, "the key is not UTF-8 without NUL");
  auto const parts = parts_of(table, segment);
  if (parts.size() != table.key.size())
    return failure(Code::invalid_parameter,
                   fmt::format("the key has {} parts, not {}", table.key.size(), parts.size()),
                   "separated by commas: " + key_shape(table));
  postgres::Params key;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    mesh::Column const& column = *table[table.key[i]].column;
    auto value = types::from_text(parts[i], column.type, nullptr);
    if (!value)
      return failure(Code::invalid_parameter,
                     fmt::format("key `{}`: {}", column.name.text(), value.error().detail),
                     "the key is " + key_shape(table));
    key.emplace_back(*std::move(value));
  }
  return key;
}

std::string key_segment(Table const& table, postgres::Rows const& rows, std::size_t row) {
  std::string segment;
  bool first = true;
  for (std::size_t const field : table.key) {
    std::string part = part_text(*table[field].column, rows.value(row, field));
    if (table.key.size() > 1) {
      replace_all(part, "%", "%25");
      replace_all(part, ",", "%2C");
      if (!first) segment.push_back(',');
    }
    first = false;
    segment += part;
  }
  return percent_encoded(segment, UriPart::segment);
}

}  // namespace hansa::product
