// Bytes to one net::Request (RFC 9112). Stricter than it must be wherever two readers of the same
// bytes could disagree on where a request ends. No I/O; one connection's, so not synchronised.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http.h"
#include "net/server.h"

namespace hansa::net {

// What is said to a peer whose bytes are no acceptable request.
struct Refusal {
  int status = 400;
  std::string_view reason;  // static text
};

class RequestParser {
 public:
  enum class Progress : std::uint8_t {
    more,       // everything usable was consumed; feed again with what follows
    head_done,  // the head was consumed and a body follows; feed again
    done,       // the request is complete; bytes not consumed belong to the next one
    refused,    // see refusal(); the connection must close
  };

  explicit RequestParser(ServerLimits const& limits);
  ~RequestParser();
  RequestParser(RequestParser const&) = delete;
  RequestParser& operator=(RequestParser const&) = delete;

  // Forgets the last request. Required before the first feed of each.
  void reset();
  // `bytes` start where the last call's consumed ended. Bytes of an unfinished head or chunk header
  // stay unconsumed and must be given again, with more behind them.
  Progress feed(std::string_view bytes, std::size_t& consumed);

  [[nodiscard]] Refusal refusal() const;
  // After the head: the client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  // The body's length where the head states one; 0 otherwise.
  [[nodiscard]] std::size_t body_bytes_stated() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http10() const;
  // After done: the request, moved out.
  [[nodiscard]] Request take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hansa::net
