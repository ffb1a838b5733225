#include "sql/tokens.h"

#include <fmt/core.h>
#include <pg_query.h>

#include <algorithm>
#include <cstdint>

namespace hansa::sql {
namespace {

constexpr int sql_comment = 275;  // pg_query.proto, enum Token
constexpr int c_comment = 276;
constexpr int set_word = 632;

// Length of the well-formed UTF-8 sequence at the front (RFC 3629), 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  auto const lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at)
    if ((byte(at) & 0xC0U) != 0x80U) return 0;
  auto const second = byte(1);
  bool const overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  bool const outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

std::optional<Violation> bad_bytes(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\0') return Violation{"nul-byte", "the SQL contains a NUL byte", "", at};
    auto const length = sequence_length(text.substr(at));
    if (length == 0)
      return Violation{"not-utf8", "the SQL is not UTF-8", "save the file as UTF-8", at};
    at += length;
  }
  return std::nullopt;
}

// The wire form of protobuf (varints and lengths), as far as ScanResult uses it.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      auto const byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    return value;
  }
  std::string_view block() {
    auto const length = std::min<std::uint64_t>(varint(), rest_.size());
    auto const block = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return block;
  }

 private:
  std::string_view rest_;
};

Token read_token(std::string_view bytes) {
  Token token;
  for (WireReader reader(bytes); !reader.done();) {
    auto const field = reader.varint() >> 3U;
    auto const value = reader.varint();
    if (field == 1) token.begin = value;
    if (field == 2) token.end = value;
    if (field == 4) token.symbol = static_cast<int>(value);
  }
  return token;
}

std::vector<Token> read_tokens(std::string_view bytes) {
  constexpr std::uint64_t tokens_key = (2U << 3U) | 2U;
  std::vector<Token> tokens;
  for (WireReader reader(bytes); !reader.done();) {
    if (reader.varint() != tokens_key) {
      reader.varint();
      continue;
    }
    auto const token = read_token(reader.block());
    if (token.symbol != sql_comment && token.symbol != c_comment) tokens.push_back(token);
  }
  return tokens;
}

std::optional<Violation> too_deep(std::vector<Token> const& tokens) {
  if (tokens.size() > tokens_max)
    return Violation{"too-large", "the SQL has too many words",
                     fmt::format("{} words and signs are accepted", tokens_max),
                     tokens[tokens_max].begin};
  std::size_t depth = 0;
  for (auto const& token : tokens) {
    if (token.symbol == ')' || token.symbol == ']') depth -= depth > 0 ? 1 : 0;
    if (token.symbol != '(' && token.symbol != '[') continue;
    if (++depth > parentheses_depth_max)
      return Violation{"too-deep", "the SQL is nested too deep",
                       fmt::format("{} levels of parentheses are accepted", parentheses_depth_max),
                       token.begin};
  }
  return std::nullopt;
}

// `set (a, b) = (...)`: the parse tree repeats the right side once a column, and nested ones
// multiply: a text of 64 KiB would make a tree of gigabytes. Counts tokens as often as they appear.
std::optional<Violation> multiplied(std::vector<Token> const& tokens) {
  struct Group {
    bool assigns;  // follows SET or a comma, as a list of targets does
    std::size_t commas = 0;
    std::size_t factor = 1;  // how often what stands here appears in the tree
    std::size_t source = 1;  // the same for the right side of an assignment that began here
  };
  std::vector<Group> open = {{.assigns = false}};
  std::size_t total = 0;
  std::size_t closed_columns = 0;  // of the list that the last token closed
  int before = 0;
  for (auto const& token : tokens) {
    auto& group = open.back();
    if (token.symbol == ',') ++group.commas, group.source = 1;
    if (token.symbol == '=' && closed_columns > 1) group.source *= closed_columns;
    closed_columns = 0;
    total += group.factor * group.source;
    if (total > 4 * tokens_max)
      return Violation{"too-large", "an assignment to a list of columns repeats too much SQL",
                       "assign each column on its own", token.begin};
    if (token.symbol == '(') {
      open.push_back(
          {.assigns = before == set_word || before == ',', .factor = group.factor * group.source});
    } else if (token.symbol == ')' && open.size() > 1) {
      if (group.assigns) closed_columns = group.commas + 1;
      open.pop_back();
    }
    before = token.symbol;
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::vector<Token>, Violation> scan(std::string const& text) {
  if (auto bad = bad_bytes(text)) return std::unexpected(*std::move(bad));
  auto const result = pg_query_scan(text.c_str());
  std::expected<std::vector<Token>, Violation> tokens;
  if (result.error != nullptr)
    tokens = std::unexpected(Violation{"syntax-error", result.error->message, "",
                                       byte_of_character(text, result.error->cursorpos)});
  else
    tokens = read_tokens({result.pbuf.data, result.pbuf.len});
  pg_query_free_scan_result(result);
  if (!tokens) return tokens;
  if (tokens->empty())
    return std::unexpected(Violation{"empty-text", "there is no statement", "write one", 0});
  if (auto deep = too_deep(*tokens)) return std::unexpected(*std::move(deep));
  if (auto many = multiplied(*tokens)) return std::unexpected(*std::move(many));
  return tokens;
}

std::size_t byte_of_character(std::string_view text, int character) {
  std::size_t at = 0;
  for (int left = character - 1; left > 0 && at < text.size(); --left)
    at += std::max<std::size_t>(1, sequence_length(text.substr(at)));
  return std::min(at, text.size());
}

}  // namespace hansa::sql
