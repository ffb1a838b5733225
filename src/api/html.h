// HTML pages of the edge: text made safe, and the headers every page carries. Pure.
#pragma once

#include <string>
#include <string_view>

#include "api/call.h"

namespace hansa::api {

// `text` for element content and quoted attributes.
[[nodiscard]] std::string escaped(std::string_view text);

// A whole document. `title` is text, `body` markup. Its scripts and styles are files of this server
// and nothing else (Content-Security-Policy).
struct Page {
  std::string title;
  std::string head;
  std::string body;
};
[[nodiscard]] Reply page_reply(Page const& page);

}  // namespace hansa::api
