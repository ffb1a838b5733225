#include "spec/node.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hansa::spec {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

bool all_of_base(std::string_view digits, int base) {
  return !digits.empty() && std::ranges::all_of(digits, [base](char c) {
    if (base == 8) return c >= '0' && c <= '7';
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

ScalarKind numeric_kind(std::string_view text) {
  if (text.starts_with("0o") && all_of_base(text.substr(2), 8)) return ScalarKind::integer;
  if (text.starts_with("0x") && all_of_base(text.substr(2), 16)) return ScalarKind::integer;
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  std::string_view const rest = text.substr(at);
  if (rest == ".inf" || rest == ".Inf" || rest == ".INF") return ScalarKind::number;
  std::size_t const whole_end = skip_digits(text, at);
  std::size_t digits = whole_end - at;
  at = whole_end;
  if (at == text.size()) return digits > 0 ? ScalarKind::integer : ScalarKind::text;
  if (text[at] == '.') {
    std::size_t const end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return ScalarKind::text;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    std::size_t const end = skip_digits(text, at);
    if (end == at) return ScalarKind::text;
    at = end;
  }
  return at == text.size() ? ScalarKind::number : ScalarKind::text;
}

}  // namespace

Node const* Node::find(std::string_view key) const {
  auto const found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

ScalarKind scalar_kind(Node const& scalar) {
  if (scalar.quoted || scalar.text.empty()) return ScalarKind::text;
  static constexpr std::array<std::string_view, 6> booleans = {"true",  "True",  "TRUE",
                                                               "false", "False", "FALSE"};
  if (std::ranges::find(booleans, scalar.text) != booleans.end()) return ScalarKind::boolean;
  if (scalar.text == ".nan" || scalar.text == ".NaN" || scalar.text == ".NAN") {
    return ScalarKind::number;
  }
  return numeric_kind(scalar.text);
}

std::optional<std::string> as_text(Node const& node) {
  if (!node.is_scalar() || scalar_kind(node) != ScalarKind::text) return std::nullopt;
  return node.text;
}

std::optional<bool> as_boolean(Node const& node) {
  if (!node.is_scalar() || scalar_kind(node) != ScalarKind::boolean) return std::nullopt;
  return node.text[0] == 't' || node.text[0] == 'T';
}

std::optional<std::int64_t> as_integer(Node const& node) {
  if (!node.is_scalar() || scalar_kind(node) != ScalarKind::integer) return std::nullopt;
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  int const base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 10;
  if (base != 10) text.remove_prefix(2);
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace hansa::spec
