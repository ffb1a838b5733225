// The formats of ODCS strings that are enforced: test by hand and the same as a regular expression.
#include <array>

#include "types/characters.h"

namespace hansa::types {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// Neither a control character nor a space.
bool is_visible(char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; }

bool all_visible(std::string_view text) {
  for (char const c : text)
    if (!is_visible(c)) return false;
  return true;
}

// One `@`, something before it, behind it at least two non-empty labels.
bool is_email(std::string_view text) {
  auto const at = text.find('@');
  if (at == 0 || at == std::string_view::npos || !all_visible(text)) return false;
  auto const domain = text.substr(at + 1);
  if (domain.empty() || domain.find('@') != std::string_view::npos) return false;
  if (domain.front() == '.' || domain.back() == '.') return false;
  return domain.find('.') != std::string_view::npos && domain.find("..") == std::string_view::npos;
}

bool is_uri(std::string_view text) {
  auto const colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  if (!is_letter(text[0])) return false;
  for (char const c : text.substr(0, colon))
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '.' && c != '-') return false;
  return all_visible(text);
}

bool is_host_label(std::string_view label) {
  if (label.empty() || label.size() > 63) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  for (char const c : label)
    if (!is_letter(c) && !is_digit(c) && c != '-') return false;
  return true;
}

bool is_hostname(std::string_view text) {
  for (;;) {
    auto const dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
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

constexpr std::array<Format, 4> formats = {{
    {"email", "an email address",
     R"(^[^\u0001-\u0020\u007f@]+@[^\u0001-\u0020\u007f@.]+)"
     R"((\.[^\u0001-\u0020\u007f@.]+)+$)",
     R"(^[^\u0000-\u0020\u007f@]+@[^\u0000-\u0020\u007f@.]+(\.[^\u0000-\u0020\u007f@.]+)+$)",
     is_email},
    {"uri", "an absolute URI", R"(^[A-Za-z][A-Za-z0-9+.\-]*:[^\u0001-\u0020\u007f]+$)",
     R"(^[A-Za-z][A-Za-z0-9+.\-]*:[^\u0000-\u0020\u007f]+$)", is_uri},
    {"hostname", "a host name",
     R"(^[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)"
     R"((\.[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)*$)",
     R"(^[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)"
     R"((\.[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)*$)",
     is_hostname},
    {"ipv4", "an IPv4 address",
     R"(^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3})"
     R"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$)",
     R"(^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3})"
     R"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$)",
     is_ipv4},
}};

}  // namespace

Format const* find_format(std::string_view name) {
  for (Format const& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

}  // namespace hansa::types
