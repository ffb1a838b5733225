// HTTP as values: what the edge gives a handler and what a handler gives back (RFC 9110, 9112).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"

namespace hansa::net {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
[[nodiscard]] std::string_view to_text(Method method);

struct Header {
  std::string name;  // as sent; compared without case
  std::string value;
};

struct Request {
  Method method = Method::get;
  std::string method_text;  // as sent, for Method::other
  std::string target;       // origin form, as sent: "/a/b?c=d"; at most 8 KiB
  std::vector<Header> headers;
  std::string body;  // whole; never over ServerLimits.body_bytes_max
  std::string peer;  // address without port
  bool peer_is_loopback = false;
  std::chrono::steady_clock::time_point received{};

  // First header of that name, without case; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;
  // `target` split at the first '?'; not decoded.
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
};

// The next piece of a streamed body; nullopt ends it. Throwing cuts the connection, so that a
// client sees a truncated body and never a short one that looks whole.
using BodyStream = std::function<async::Task<std::optional<std::string>>()>;

struct Response {
  int status = 200;
  std::vector<Header> headers;  // Date, Content-Length, Connection are added by the server
  std::string body;
  BodyStream stream;                         // if set, sent chunked instead of `body`
  std::optional<std::uint64_t> head_length;  // Content-Length of the answer to HEAD

  void set(std::string_view name, std::string value);
};

// One per thread. Never throws: whatever goes wrong is a Response.
class Handler {
 public:
  virtual ~Handler() = default;
  [[nodiscard]] virtual async::Task<Response> handle(Request request) = 0;
  // The answer to bytes that are no acceptable request: 400, 408, 413, 414, 431.
  [[nodiscard]] virtual Response refuse(int status, std::string_view reason) = 0;
};

// "%41" to "A"; nullopt for a bad escape, NUL or invalid UTF-8. `plus_is_space` as in query
// strings.
enum class Plus : std::uint8_t { literal, space };
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus);
[[nodiscard]] std::string percent_encode(std::string_view text);

// Name and value of every `a=b` of a query string, decoded, in order. nullopt if any fails to
// decode.
using Parameters = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::optional<Parameters> parse_query(std::string_view query);

}  // namespace hansa::net
