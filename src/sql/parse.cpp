#include <pg_query.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "sql/place.h"
#include "sql/sql.h"
#include "sql/tokens.h"
#include "sql/tree.h"
#include "sql/unknown.h"
#include "sql/walker.h"

namespace hansa::sql {
namespace {

using Tree = std::expected<json::Value, Violation>;

Violation too_deep(std::size_t offset) {
  return {"too-deep", "the SQL is nested too deep",
          "split it with WITH, or shorten its chains of operators", offset};
}

// PostgreSQL says it has run out of memory when its bounded stack is full.
Violation explain(PgQueryError const& error, std::string_view text) {
  auto const offset = byte_of_character(text, error.cursorpos);
  std::string message(error.message);
  // It quotes the word it stopped at, which may be as long as the text.
  constexpr std::size_t message_max = 200;
  if (message.size() > message_max) message = "syntax error";
  if (message.starts_with("memory exhausted")) return too_deep(offset);
  return {"syntax-error", std::move(message), "", offset};
}

// Everything but the statement's text is libpg_query's own making, so what JSON refuses of it are
// sizes, and escapes that spell invalid UTF-8.
Tree read_tree(std::string_view document, std::size_t offset) {
  json::ParseLimits const limits{.depth_max = tree_depth_max};
  auto tree = json::parse(document, limits);
  if (tree) return *std::move(tree);
  if (tree.error().code == Code::too_complex) return std::unexpected(too_deep(offset));
  return std::unexpected(Violation{"not-utf8", "a name or text of the SQL is not UTF-8",
                                   "shorten names to 63 bytes and check escapes", offset});
}

Tree parse_tree(std::string const& text, std::size_t offset) {
  auto const result = pg_query_parse(text.c_str());
  Tree tree = result.error != nullptr ? Tree(std::unexpected(explain(*result.error, text)))
                                      : read_tree(result.parse_tree, offset);
  pg_query_free_parse_result(result);
  return tree;
}

// Where the second statement begins: PostgreSQL's own place of it is behind the semicolon before.
std::size_t second_statement(std::vector<Token> const& tokens, Node const& statement) {
  std::size_t place = 0;
  auto const digits = statement.digits("stmt_location");
  std::from_chars(digits.data(), digits.data() + digits.size(), place);
  for (auto const& token : tokens)
    if (token.begin >= place && token.symbol != ';') return token.begin;
  return place;
}

std::string output_name(Node const& target) {
  auto const alias = target.text("name");
  if (!alias.empty()) return std::string(alias);
  auto value = target.child("val");
  while (value.kind == "TypeCast" || value.kind == "CollateClause") value = value.child("arg");
  auto const names = value.kind == "ColumnRef" ? value.names("fields") : std::vector<std::string>();
  return names.empty() ? std::string() : names.back();
}

// The first arm of a set operation names the columns.
std::optional<std::vector<OutputColumn>> outputs_of(Node select) {
  while (select.has("larg")) select = select.child("larg", "SelectStmt");
  std::vector<OutputColumn> outputs;
  if (auto const rows = select.children("valuesLists"); !rows.empty()) {
    for (std::size_t at = 1; at <= rows[0].children("items").size(); ++at)
      outputs.push_back({"column" + std::to_string(at), 0});
    return outputs;
  }
  for (auto const& target : select.children("targetList")) {
    auto name = output_name(target);
    if (name == "*") return std::nullopt;
    outputs.push_back({std::move(name), place_of(target, 0)});
  }
  return outputs;
}

std::string verb_of(std::string const& text, Token const& first) {
  std::string verb = text.substr(first.begin, first.end - first.begin);
  for (auto& c : verb) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return verb;
}

std::expected<Statement, Violation> describe(std::string const& text, Token const& first,
                                             json::Value const& tree) {
  auto const node = unwrap(tree);
  Statement statement{.kind = kind_of(node), .verb = verb_of(text, first), .offset = first.begin};
  if (statement.kind == Kind::other) return statement;
  statement.features = find_unknown(tree, first.begin);
  Level nothing;
  Walker walker(statement);
  walker.walk(node, nothing, first.begin);
  if (auto const offset = walker.overflow())
    return std::unexpected(Violation{"too-large", "the SQL names too many relations",
                                     std::to_string(relations_max) + " mentions are accepted",
                                     *offset});
  if (statement.kind == Kind::select) statement.outputs = outputs_of(node);
  return statement;
}

}  // namespace

std::expected<Statement, Violation> parse(std::string_view text) {
  if (text.size() > text_bytes_max)
    return std::unexpected(
        Violation{"too-large", "the SQL is " + std::to_string(text.size()) + " bytes long",
                  std::to_string(text_bytes_max) + " bytes are accepted", text_bytes_max});
  std::string const terminated(text);
  auto const tokens = scan(terminated);
  if (!tokens) return std::unexpected(tokens.error());
  auto const first =
      std::ranges::find_if(*tokens, [](auto const& token) { return token.symbol != ';'; });
  if (first == tokens->end())
    return std::unexpected(Violation{"empty-text", "there is no statement", "write one", 0});
  auto const tree = parse_tree(terminated, first->begin);
  if (!tree) return std::unexpected(tree.error());
  auto const* statements = tree->find("stmts");
  auto const* list = statements != nullptr ? statements->as_array() : nullptr;
  if (list == nullptr || list->empty())
    return std::unexpected(Violation{"empty-text", "there is no statement", "write one", 0});
  if (list->size() > 1)
    return std::unexpected(Violation{"two-statements", "there is more than one statement",
                                     "keep one statement to a file; WITH joins several queries",
                                     second_statement(*tokens, {"", (*list)[1].as_object()})});
  auto const* statement = (*list)[0].find("stmt");
  if (statement == nullptr)
    return std::unexpected(Violation{"syntax-error", "the statement is empty", "", first->begin});
  auto described = describe(terminated, *first, *statement);
  auto const last = std::find_if(tokens->rbegin(), tokens->rend(),
                                 [](auto const& token) { return token.symbol != ';'; });
  if (described) described->end = last->end;
  return described;
}

}  // namespace hansa::sql
