#include "api/html.h"

#include "api/exchange.h"

namespace hansa::api {

namespace {

// Swagger UI styles elements from its script and draws icons from data: URIs.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

Reply page_reply(Page const& page) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  html += escaped(page.title);
  html += "</title>\n<link rel=\"icon\" type=\"image/png\" href=\"/-/assets/icon.png\">\n";
  html += "<link rel=\"stylesheet\" href=\"/-/assets/pages.css\">\n";
  html += page.head;
  html += "</head>\n<body>\n";
  html += page.body;
  html += "</body>\n</html>\n";
  auto reply = text_reply("text/html; charset=utf-8", std::move(html));
  reply.response.set("Content-Security-Policy", std::string(policy));
  reply.response.set("Referrer-Policy", "no-referrer");
  return reply;
}

}  // namespace hansa::api
