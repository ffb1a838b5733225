#include "mesh/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace hansa::mesh {

namespace {

constexpr std::array<std::string_view, 8> reserved_domains = {
    "hansa", "public", "docs", "quality", "healthz", "readyz", "metrics", "favicon"};
constexpr std::array<std::string_view, 4> reserved_names = {"hansa", "docs", "quality", "openapi"};
// Parameters of the REST API, and PostgreSQL's system columns.
constexpr std::array<std::string_view, 15> reserved_columns = {
    "select", "order", "limit", "offset",   "cursor", "count", "and", "or",
    "not",    "xmin",  "cmin",  "tableoid", "xmax",   "cmax",  "ctid"};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

struct Rule {
  std::string_view what;
  std::size_t bytes_max;
  bool (*first)(char);
  bool (*rest)(char);
  std::string_view pattern;
  std::span<std::string_view const> reserved;
  bool versionless;  // must not end in _v<n>
};

bool plain(char c) { return is_lower(c) || is_digit(c) || c == '_'; }
bool no_underscore(char c) { return is_lower(c) || is_digit(c); }
bool hyphened(char c) { return plain(c) || c == '-'; }
bool physical_first(char c) { return is_letter(c) || c == '_'; }
bool physical(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '$'; }
bool topic_char(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; }

Rule const& rule_of(NameKind kind) {
  // A mesh's limit leaves room for "<mesh>_<domain>_runtime" in a role's 63 bytes.
  static Rule const mesh{"a mesh", 23, is_lower, plain, "[a-z][a-z0-9_]*", reserved_names, false};
  static Rule const domain{"a domain",       31,   is_lower, no_underscore, "[a-z][a-z0-9]*",
                           reserved_domains, false};
  static Rule const product{"a product",    40,  is_lower, plain, "[a-z][a-z0-9_]*",
                            reserved_names, true};
  static Rule const object{"an object",    40,  is_lower, plain, "[a-z][a-z0-9_]*",
                           reserved_names, true};
  static Rule const column{"a column",       40,  is_lower, plain, "[a-z][a-z0-9_]*",
                           reserved_columns, true};
  static Rule const port{"a port", 40, is_lower, plain, "[a-z][a-z0-9_]*", {}, true};
  static Rule const environment{"an environment",   31, is_lower, hyphened,
                                "[a-z][a-z0-9_-]*", {}, false};
  static Rule const stem{"a contract file", 40, is_lower, plain, "[a-z][a-z0-9_]*", {}, true};
  static Rule const table{"a table or column in PostgreSQL", 63, physical_first, physical,
                          "[A-Za-z_][A-Za-z0-9_$]*",         {}, false};
  static Rule const topic{"a topic", 249, topic_char, topic_char, "[A-Za-z0-9._-]+", {}, false};
  switch (kind) {
    case NameKind::mesh:
      return mesh;
    case NameKind::domain:
      return domain;
    case NameKind::product:
      return product;
    case NameKind::object:
      return object;
    case NameKind::column:
      return column;
    case NameKind::port:
      return port;
    case NameKind::environment:
      return environment;
    case NameKind::stem:
      return stem;
    case NameKind::physical_table:
      return table;
    case NameKind::topic:
      return topic;
  }
  return object;
}

bool ends_in_version(std::string_view name) {
  std::size_t end = name.size();
  while (end > 0 && is_digit(name[end - 1])) --end;
  return end < name.size() && name.substr(0, end).ends_with("_v");
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

std::string whole_name(std::string_view table, std::vector<std::string> const& columns,
                       std::string_view suffix) {
  std::string name(table);
  for (std::string const& column : columns) name += "_" + column;
  return name + "_" + std::string(suffix);
}

}  // namespace

bool check_name(NameKind kind, std::string_view name, SourceRange const& where,
                Diagnostics& diagnostics) {
  Rule const& rule = rule_of(kind);
  auto const refuse = [&](std::string message, std::string hint) {
    diagnostics.error(Code::invalid_name, where, std::move(message), std::move(hint));
    return false;
  };
  bool const fits = !name.empty() && rule.first(name.front()) &&
                    std::ranges::all_of(name.substr(1), rule.rest) && name != "." && name != "..";
  if (!fits) {
    return refuse(fmt::format("`{:.80}` cannot name {}", name, rule.what),
                  fmt::format("names are {}", rule.pattern));
  }
  if (name.size() > rule.bytes_max) {
    return refuse(fmt::format("the name of {} is longer than {} bytes", rule.what, rule.bytes_max),
                  {});
  }
  if (rule.versionless && ends_in_version(name)) {
    return refuse(fmt::format("the name of {} must not end in a version", rule.what),
                  "the major stands in the contract's version and the file's name");
  }
  bool const is_identifier = kind != NameKind::topic && kind != NameKind::environment &&
                             kind != NameKind::stem && kind != NameKind::port;
  bool const is_pg =
      is_identifier && kind != NameKind::column &&
      (kind == NameKind::physical_table ? name.starts_with("pg_") : name.starts_with("pg"));
  bool const of_kafka = kind == NameKind::topic && (name.starts_with("__") || name == "_schemas");
  if (is_pg || of_kafka || std::ranges::find(rule.reserved, name) != rule.reserved.end()) {
    return refuse(fmt::format("the name `{}` is reserved for {}", name, rule.what), {});
  }
  return true;
}

std::string index_name(std::string_view table, std::vector<std::string> const& columns,
                       std::string_view suffix) {
  std::string name = whole_name(table, columns, suffix);
  return name.size() <= identifier_bytes_max ? name : hashed_index_name(table, columns, suffix);
}

std::string hashed_index_name(std::string_view table, std::vector<std::string> const& columns,
                              std::string_view suffix) {
  std::string whole(table);
  for (std::string const& column : columns) whole += '\n' + column;
  std::string const end = fmt::format("_{:08x}_{}", fnv1a(whole) & 0xFFFFFFFFU, suffix);
  std::string name = whole_name(table, columns, suffix);
  name.resize(name.size() - suffix.size() - 1);
  if (name.size() + end.size() > identifier_bytes_max) {
    name.resize(identifier_bytes_max - end.size());  // names are ASCII, so no character is split
  }
  return name + end;
}

}  // namespace hansa::mesh
