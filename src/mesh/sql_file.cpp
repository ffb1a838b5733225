#include "mesh/sql_file.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hansa::mesh {

namespace {

// Bytes of a character beyond ASCII belong to words.
bool of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
bool of_name(char c) { return of_word(c) || c == '.' || c == '"'; }

Code code_of(std::string_view word) {
  constexpr std::array<std::string_view, 2> limits = {"too-large", "too-deep"};
  constexpr std::array<std::string_view, 5> syntax = {"syntax-error", "empty-text",
                                                      "two-statements", "nul-byte", "not-utf8"};
  if (std::ranges::find(limits, word) != limits.end()) return Code::sql_limit;
  if (std::ranges::find(syntax, word) != syntax.end()) return Code::sql_syntax;
  return Code::sql_refused;
}

SourceRange range_at(SqlFile const& file, std::size_t offset, std::size_t length) {
  auto const [line, column] = sql::position_of(file.text, offset);
  return {file.name, line, column, static_cast<std::uint32_t>(length)};
}

}  // namespace

std::optional<SqlFile> find_sql(spec::Folder const& folder, std::string const& name) {
  auto const text = folder.texts.find(name);
  if (text == folder.texts.end()) return std::nullopt;
  return SqlFile{name, text->second};
}

SourceRange place_of(SqlFile const& file, std::size_t offset) {
  if (offset >= file.text.size()) {  // where something is missing: behind the last word
    offset = file.text.find_last_not_of(" \t\r\n") + 1;
    return range_at(file, offset, 0);
  }
  std::size_t end = offset;
  while (end < file.text.size() && of_name(file.text[end])) ++end;
  return range_at(file, offset, end - offset);
}

SourceRange place_of_word(SqlFile const& file, std::size_t offset, std::string_view word) {
  for (std::size_t at = file.text.find(word, offset); at != std::string_view::npos;
       at = file.text.find(word, at + 1)) {
    bool const begins = at == 0 || !of_word(file.text[at - 1]);
    std::size_t const end = at + word.size();
    bool const ends = end == file.text.size() || !of_word(file.text[end]);
    if (begins && ends) return range_at(file, at, word.size());
  }
  return place_of(file, offset);
}

std::optional<sql::Statement> read_statement(SqlFile const& file, sql::Rules const& rules,
                                             Diagnostics& diagnostics) {
  auto parsed = sql::parse(file.text);
  if (!parsed) {
    sql::Violation& why = parsed.error();
    diagnostics.error(code_of(why.word), place_of(file, why.offset), std::move(why.message),
                      std::move(why.hint));
    return std::nullopt;
  }
  bool refused = false;
  for (sql::Violation& why : sql::judge(*parsed, rules)) {
    bool const hazard = why.word == "repeated-hit";
    refused = refused || !hazard;
    diagnostics.add({hazard ? Severity::warning : Severity::error,
                     hazard ? Code::batch_hazard : Code::sql_refused, place_of(file, why.offset),
                     std::move(why.message), std::move(why.hint)});
  }
  if (refused) return std::nullopt;
  return *std::move(parsed);
}

std::string statement_text(SqlFile const& file, sql::Statement const& statement) {
  return std::string(file.text.substr(statement.offset, statement.end - statement.offset));
}

}  // namespace hansa::mesh
