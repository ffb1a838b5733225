#include "net/request_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace hansa::net {
namespace {

constexpr ServerLimits small_limits{
    .target_bytes_max = 64, .header_bytes_max = 256, .body_bytes_max = 100};

// What the parser makes of `bytes` when they arrive in pieces of `piece` bytes.
std::string parsed(std::string_view bytes, std::size_t piece) {
  RequestParser parser(small_limits);
  parser.reset();
  std::string unread;
  for (std::size_t at = 0; at < bytes.size() || !unread.empty();) {
    unread += bytes.substr(at, piece);
    at = std::min(at + piece, bytes.size());
    for (;;) {
      std::size_t consumed = 0;
      auto const progress = parser.feed(unread, consumed);
      unread.erase(0, consumed);
      if (progress == RequestParser::Progress::refused) {
        return fmt::format("{} {}", parser.refusal().status, parser.refusal().reason);
      }
      if (progress == RequestParser::Progress::done) {
        auto const keeps = parser.keep_alive();
        auto const request = parser.take();
        return fmt::format("{} {} {} [{}] rest {}", to_text(request.method), request.target,
                           keeps ? "keep" : "close", request.body,
                           unread.size() + bytes.size() - at);
      }
      if (progress == RequestParser::Progress::more || unread.empty()) break;
    }
    if (at == bytes.size()) return "incomplete";
  }
  return "incomplete";
}

// However the bytes are cut, the verdict is the same; what is left over depends on the cut only in
// that more may still be on its way.
void check(std::string_view bytes, std::string_view expected) {
  for (std::size_t piece = bytes.size(); piece > 0; --piece) {
    ASSERT_EQ(parsed(bytes, piece), expected) << "in pieces of " << piece << ": " << bytes;
  }
}

TEST(RequestParser, ReadsWellFormedRequests) {
  check("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b=c keep [] rest 0");
  check("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / close [] rest 0");
  check("GET / HTTP/1.0\r\n\r\n", "GET / close [] rest 0");
  check("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / keep [] rest 0");
  check("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "POST / keep [hello] rest 0");
  check(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nTrailer: z\r\n\r\n",
      "POST / keep [abcde] rest 0");
  check("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * keep [] rest 0");
  check("PURGE /a HTTP/1.1\r\nHost: x\r\n\r\n", "OTHER /a keep [] rest 0");
  check("GET http://h:8/p?q HTTP/1.1\r\nHost: x\r\n\r\n", "GET /p?q keep [] rest 0");
  check("GET http://h HTTP/1.1\r\nHost: x\r\n\r\n", "GET / keep [] rest 0");
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  check("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n", "GET /1 keep [] rest 17");
  check("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabGET",
        "POST /1 keep [ab] rest 3");
}

TEST(RequestParser, RefusesWhatTwoReadersCouldReadDifferently) {
  auto const post = [](std::string_view headers) {
    return fmt::format("POST / HTTP/1.1\r\nHost: x\r\n{}\r\n", headers);
  };
  check(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        "400 conflicting or malformed body length");
  check(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        "400 conflicting or malformed body length");
  check(post("Content-Length: 5\r\nContent-Length: 5\r\n"), "400 conflicting body lengths");
  check(post("Content-Length: 5\r\nContent-Length: 6\r\n"),
        "400 conflicting or malformed body length");
  check(post("Content-Length: 5, 5\r\n"), "400 bad Content-Length");
  check(post("Content-Length: +5\r\n"), "400 conflicting or malformed body length");
  check(post("Content-Length: 0x5\r\n"), "400 conflicting or malformed body length");
  check(post("Content-Length: -1\r\n"), "400 conflicting or malformed body length");
  check(post("Content-Length: 99999999999999999999999\r\n"),
        "400 conflicting or malformed body length");
  check(post("Transfer-Encoding: gzip, chunked\r\n"), "400 unsupported Transfer-Encoding");
  check(post("Transfer-Encoding: xchunked\r\n"), "400 unsupported Transfer-Encoding");
  check(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        "400 conflicting or malformed body length");
  check("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "400 unsupported Transfer-Encoding");
  check(post("X: a\r\n b\r\n"), "400 folded header line");
  check(post("X : a\r\n"), "400 malformed header");
  check(post(" X: a\r\n"), "400 folded header line");
  check(post("Transfer-Encoding: chunked\r\n") + "zz\r\n", "400 malformed chunk");
  check(post("Transfer-Encoding: chunked\r\n") + "3\r\nabcd\r\n0\r\n\r\n", "400 malformed chunk");
}

TEST(RequestParser, RefusesMalformedHeads) {
  check("GET / HTTP/1.1\r\n\r\n", "400 exactly one Host header is required");
  check("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 exactly one Host header is required");
  check("GET / HTTP/2.0\r\n\r\n", "400 HTTP version is not 1.0 or 1.1");
  check("GET a HTTP/1.1\r\nHost: x\r\n\r\n", "400 target is not a path");
  check("CONNECT h:1 HTTP/1.1\r\nHost: x\r\n\r\n", "400 target is not a path");
  check("GET / HTTP/1.1\r\nHost: x\r\nExpect: lunch\r\n\r\n", "400 unsupported Expect");
  check("G\x01T / HTTP/1.1\r\n\r\n", "400 malformed method");
  check("\r\n\r\nGET / HTTP/1.1\r\n\r\n", "400 malformed method");
  check("GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", "400 malformed header");
  check("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400 malformed header");
  std::string_view const bare = "GET / HTTP/1.1\nHost: x\n\n";
  EXPECT_EQ(parsed(bare, bare.size()), "400 HTTP version is not 1.0 or 1.1");
  check(std::string_view("\x16\x03\x01\x02\x00\x01", 6), "400 malformed method");
}

TEST(RequestParser, KeepsItsLimits) {
  check(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", std::string(64, 'a')),
        "414 target too long");
  check(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", std::string(400, 'a')),
        "414 target too long");
  check(fmt::format("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", std::string(400, 'a')),
        "431 headers too large");
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 100; ++i) many += fmt::format("A{}: b\r\n", i);
  check(many, "431 headers too large");
  check("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", "413 body too large");
  check("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", "413 body too large");
  check("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "413 body too large");
  check("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "413 body too large");
  check(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}",
                    std::string(100, 'a')),
        fmt::format("POST / keep [{}] rest 0", std::string(100, 'a')));
}

}  // namespace
}  // namespace hansa::net
