#include "product/answer.h"

#include <fmt/format.h>

#include "crypto/digest.h"

namespace hansa::product {
namespace {

enum class Match : std::uint8_t { weak, strong };

std::string_view trimmed(std::string_view text) {
  auto const begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Reads the list tag by tag: a comma may stand inside a tag's quotes.
bool matches(std::string_view header, std::string_view tag, Match match) {
  header = trimmed(header);
  if (header == "*") return true;
  while (!header.empty()) {
    bool const weak = header.starts_with("W/");
    if (weak) header.remove_prefix(2);
    auto const close = header.starts_with('"') ? header.find('"', 1) : std::string_view::npos;
    if (close == std::string_view::npos) return false;
    bool const usable = match == Match::weak || !weak;
    if (usable && header.substr(0, close + 1) == tag) return true;
    header.remove_prefix(close + 1);
    header = trimmed(header);
    if (!header.starts_with(',')) return false;
    header = trimmed(header.substr(1));
  }
  return false;
}

void append_member(Field const& field, postgres::Rows const& rows, std::size_t row,
                   std::size_t column, std::string& out) {
  out += field.json_name;
  std::string_view const value = rows.value(row, column);
  // Only an empty value can be NULL, which spares a look for most.
  if (value.empty() && rows.is_null(row, column)) {
    out += "null";
  } else {
    types::write_json(value, field.column->type, out);
  }
}

std::size_t estimate(Table const& table, FieldList const& fields, postgres::Rows const& rows) {
  std::size_t bytes = 2;
  for (std::size_t i = 0; i < fields.size(); ++i)
    bytes += table[fields[i]].json_name.size() + rows.value(0, i).size() + 6;
  return bytes;
}

}  // namespace

void append_row(Table const& table, FieldList const& fields, postgres::Rows const& rows,
                std::size_t row, std::string& out) {
  char before = '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out.push_back(before);
    append_member(table[fields[i]], rows, row, i, out);
    before = ',';
  }
  out.push_back('}');
}

void append_chosen(Table const& table, FieldList const& fields, postgres::Rows const& rows,
                   std::size_t row, std::string& out) {
  char before = '{';
  for (std::size_t const field : fields) {
    out.push_back(before);
    append_member(table[field], rows, row, field, out);
    before = ',';
  }
  out.push_back('}');
}

std::string json_page(Table const& table, FieldList const& fields, postgres::Rows const& rows,
                      std::size_t count) {
  if (count == 0) return "[]";
  std::string out;
  out.reserve(2 + count * (estimate(table, fields, rows) * 9 / 8));
  char before = '[';
  for (std::size_t row = 0; row < count; ++row) {
    out.push_back(before);
    append_row(table, fields, rows, row, out);
    before = ',';
  }
  out.push_back(']');
  return out;
}

std::string entity_tag(std::string_view body) {
  std::string tag{"\""};
  tag += crypto::hex(crypto::sha256(body), 16);
  tag.push_back('"');
  return tag;
}

bool matches_weakly(std::string_view header, std::string_view tag) {
  return matches(header, tag, Match::weak);
}

bool matches_strongly(std::string_view header, std::string_view tag) {
  return matches(header, tag, Match::strong);
}

std::string content_range(std::uint64_t first, std::uint64_t shown,
                          std::optional<std::uint64_t> total) {
  std::string const whole = total ? std::to_string(*total) : "*";
  if (shown == 0) return "*/" + whole;
  return fmt::format("{}-{}/{}", first, first + shown - 1, whole);
}

Answer tagged_answer(std::string body, std::string_view if_none_match) {
  Answer answer;
  std::string tag = entity_tag(body);
  if (!if_none_match.empty() && matches_weakly(if_none_match, tag)) {
    answer.status = 304;
  } else {
    answer.content_type = "application/json";
    answer.body = std::move(body);
  }
  answer.headers.emplace_back("ETag", std::move(tag));
  return answer;
}

}  // namespace hansa::product
