#include "product/link.h"

namespace hansa::product {
namespace {

bool is_plain(char c, UriPart part) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  std::string_view const plain = part == UriPart::segment ? "-._~,:@" : "-._~,:*()";
  return plain.find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text, UriPart part) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    if (is_plain(c, part)) {
      out.push_back(c);
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
}

std::string target(ReadRequest const& request, std::string_view cursor) {
  std::string text = request.path;
  char separator = '?';
  auto const add = [&](std::string_view name, std::string_view value) {
    text.push_back(separator);
    append_encoded(text, name, UriPart::query);
    text.push_back('=');
    append_encoded(text, value, UriPart::query);
    separator = '&';
  };
  for (auto const& [name, value] : request.parameters)
    if (name != "cursor" && name != "offset") add(name, value);
  if (!cursor.empty()) add("cursor", cursor);
  return text;
}

}  // namespace

std::string percent_encoded(std::string_view text, UriPart part) {
  std::string out;
  append_encoded(out, text, part);
  return out;
}

std::string link_header(ReadRequest const& request, std::string_view next_cursor) {
  std::string header;
  if (!next_cursor.empty()) header = "<" + target(request, next_cursor) + ">; rel=\"next\", ";
  return header + "<" + target(request, {}) + ">; rel=\"first\"";
}

}  // namespace hansa::product
