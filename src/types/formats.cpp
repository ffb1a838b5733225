// The formats of ODCS strings that are enforced: test by hand and the same as a regular expression.
#include <array>

#include "types/characters.h"
#include "types/pattern.h"

namespace hansa::types {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr std::size_t host_characters_max = 253;

bool is_host_label(std::string_view label) {
  if (label.empty() || label.size() > 63) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  for (char const c : label)
    if (!is_letter(c) && !is_digit(c) && c != '-') return false;
  return true;
}

bool is_hostname(std::string_view text) {
  if (text.size() > host_characters_max) return false;
  for (;;) {
    auto const dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// RFC 5321 without its quoted local parts and address literals: a dot-atom, `@`, two labels or
// more.
bool is_email(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+/=?^_`{|}~-";
  constexpr std::size_t local_characters_max = 64;
  auto const at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > local_characters_max) return false;
  char before = '.';
  for (char const c : text.substr(0, at)) {
    bool const atom = is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
    if (!atom && (c != '.' || before == '.')) return false;
    before = c;
  }
  auto const domain = text.substr(at + 1);
  return before != '.' && domain.find('.') != std::string_view::npos && is_hostname(domain);
}

bool is_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return false;
  int value = 0;
  for (char const c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  return value <= 255;
}

bool is_ipv4(std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    auto const dot = text.find('.');
    if (dot == std::string_view::npos || !is_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_octet(text);
}

#define HANSA_LABEL "[A-Za-z0-9]([A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?"
#define HANSA_ATOM R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)"
#define HANSA_OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
// RFC 3986: what may stand in user information, in a path segment, in a query or fragment.
#define HANSA_USER R"(([A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2}))"
#define HANSA_HOST R"(([A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2}))"
#define HANSA_SEGMENT R"(([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}))"
#define HANSA_QUERY R"(([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2}))"

constexpr std::string_view email_pattern =
    "^" HANSA_ATOM R"((\.)" HANSA_ATOM ")*@" HANSA_LABEL R"((\.)" HANSA_LABEL ")+$";
constexpr std::string_view hostname_pattern = "^" HANSA_LABEL R"((\.)" HANSA_LABEL ")*$";
constexpr std::string_view ipv4_pattern = "^(" HANSA_OCTET R"(\.){3})" HANSA_OCTET "$";
// Without the address literals of RFC 3986, `[::1]`.
constexpr std::string_view uri_pattern =
    R"(^[A-Za-z][A-Za-z0-9+.\-]*:)"
    "(//(" HANSA_USER "*@)?" HANSA_HOST "*(:[0-9]*)?(/" HANSA_SEGMENT
    "*)*"
    "|/?(" HANSA_SEGMENT "+(/" HANSA_SEGMENT R"(*)*)?)(\?)" HANSA_QUERY "*)?(#" HANSA_QUERY "*)?$";

#undef HANSA_LABEL
#undef HANSA_ATOM
#undef HANSA_OCTET
#undef HANSA_USER
#undef HANSA_HOST
#undef HANSA_SEGMENT
#undef HANSA_QUERY

bool is_uri(std::string_view text) {
  static Pattern const pattern = Pattern::compile(uri_pattern).value();
  return text.size() <= Pattern::searched_max && pattern.found_in(text);
}

constexpr std::array<Format, 4> formats = {{
    {"email", "an email address", email_pattern, "^[^@]{1,64}@.{1,253}$", is_email},
    {"uri", "an absolute URI", uri_pattern, "", is_uri},
    {"hostname", "a host name", hostname_pattern, "^.{1,253}$", is_hostname},
    {"ipv4", "an IPv4 address", ipv4_pattern, "", is_ipv4},
}};

}  // namespace

Format const* find_format(std::string_view name) {
  for (Format const& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

}  // namespace hansa::types
