// The bytes before an answer's body (RFC 9112, section 4). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace hansa::net {

enum class Framing : std::uint8_t {
  none,         // 204, 304: no body and no length
  length,       // Content-Length
  chunked,      // Transfer-Encoding: chunked
  until_close,  // a stream for HTTP/1.0
};

enum class Persistence : std::uint8_t { close, keep_alive, keep_alive_said };  // said: HTTP/1.0

struct HeadFacts {
  Framing framing = Framing::length;
  std::uint64_t length = 0;  // Framing::length only
  Persistence persistence = Persistence::keep_alive;
  std::string_view date;  // "Sun, 06 Nov 1994 08:49:37 GMT"
};

// Appends status line and headers, the empty line included. Line breaks and NUL inside names and
// values become spaces, so that no value can start a header of its own.
void append_head(std::string& out, Response const& response, HeadFacts const& facts);

// "Not Found" for 404; "Unknown" for what RFC 9110 does not name.
[[nodiscard]] std::string_view reason_phrase(int status);

// RFC 9110, 5.6.7: IMF-fixdate of seconds since the epoch.
[[nodiscard]] std::string http_date(std::int64_t seconds);

}  // namespace hansa::net
