#include "net/connection.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <exception>
#include <iterator>
#include <utility>

#include "net/worker.h"

namespace hansa::net {

namespace {

using async::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t body_read_bytes = 64U << 10U;  // room for one read of a long body
constexpr std::size_t linger_bytes_max = 1U << 20U;
constexpr std::chrono::milliseconds linger_time{2000};
// A peer that connected just before a drain gets this long to send its first request: unlike one
// whose connection was used before, it has no reason to expect a close.
constexpr std::chrono::milliseconds first_request_time{1000};
constexpr std::size_t head_bytes_kept = 4U << 10U;

Framing framing_of(Response const& response, Method method, bool http10) {
  if (response.status == 204 || response.status == 304) return Framing::none;
  if (!response.stream) return Framing::length;
  if (method == Method::head) return Framing::none;
  return http10 ? Framing::until_close : Framing::chunked;
}

}  // namespace

Connection::Connection(Worker& worker, Socket socket, tcp::endpoint const& peer)
    : worker_(worker), socket_(std::move(socket)), parser_(worker.limits()) {
  auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = async::asio::ip::make_address_v4(async::asio::ip::v4_mapped, address.to_v6());
  }
  peer_is_loopback_ = address.is_loopback();
  peer_ = address.to_string();
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

async::Task<void> Connection::serve() {
  try {
    for (;;) {
      auto const received = co_await receive();
      if (received == Received::nothing) break;
      if (received == Received::refusal) {
        co_await refuse(refusal_);
        break;
      }
      if (!co_await answer(parser_.take())) break;
    }
  } catch (std::exception const&) {
    // Out of memory, or a handler that broke its promise: the peer must not take what was sent of
    // an answer for the whole.
    reset_on_close();
  }
  cut();
}

async::Task<Connection::Received> Connection::receive() {
  parser_.reset();
  late_ = false;
  auto const& limits = worker_.limits();
  if (!received_.unread().empty()) {
    enter(Phase::head, limits.header_timeout);
  } else if (requests_ == 0) {
    enter(Phase::idle, worker_.draining() ? first_request_time : limits.header_timeout);
  } else {
    enter(Phase::idle, limits.idle_timeout);
  }
  for (;;) {
    if (!received_.unread().empty()) {
      if (phase_ == Phase::idle) enter(Phase::head, limits.header_timeout);
      std::size_t consumed = 0;
      auto const progress = parser_.feed(received_.unread(), consumed);
      received_.consume(consumed);
      if (progress == RequestParser::Progress::done) co_return Received::request;
      if (progress == RequestParser::Progress::refused) {
        refusal_ = parser_.refusal();
        co_return Received::refusal;
      }
      if (progress == RequestParser::Progress::head_done) {
        enter(Phase::body, limits.body_timeout);
        if (parser_.expects_continue() && received_.unread().empty()) {
          if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return Received::nothing;
          enter(Phase::body, limits.body_timeout);
        }
        if (!received_.unread().empty()) continue;
      } else if (received_.unread().size() > limits.header_bytes_max + limits.target_bytes_max) {
        refusal_ = {400, "chunk header or trailer too long"};
        co_return Received::refusal;
      }
    }
    if (phase_ == Phase::idle && requests_ > 0 && worker_.draining()) co_return Received::nothing;
    if (!co_await fill()) {
      if (!late_ || phase_ == Phase::idle) co_return Received::nothing;
      refusal_ = {
          408, phase_ == Phase::head ? "head not received in time" : "body not received in time"};
      co_return Received::refusal;
    }
  }
}

// False at the end of the stream, on an error, or when the sweep found this connection late.
async::Task<bool> Connection::fill() {
  auto wanted = ReceiveBuffer::bytes_min / 2;
  if (phase_ == Phase::body && parser_.body_bytes_stated() > ReceiveBuffer::bytes_min) {
    wanted = std::min(parser_.body_bytes_stated(), body_read_bytes);
  }
  boost::system::error_code ec;
  auto const bytes = co_await socket_.async_read_some(
      received_.prepare(wanted), async::asio::redirect_error(async::use_task, ec));
  received_.commit(bytes);
  co_return !ec && !late_;
}

async::Task<bool> Connection::answer(Request request) {
  received_.shrink();
  ++requests_;
  request.peer = peer_;
  request.peer_is_loopback = peer_is_loopback_;
  request.received = Clock::now();
  keep_alive_ = parser_.keep_alive();
  http10_ = parser_.is_http10();
  auto const method = request.method;
  phase_ = Phase::handling;
  deadline_ = TimePoint::max();
  auto response = co_await worker_.handler().handle(std::move(request));
  co_return co_await send(std::move(response), method);
}

// True if the connection may carry another request.
async::Task<bool> Connection::send(Response response, Method method) {
  if (worker_.draining()) keep_alive_ = false;
  auto const framing = framing_of(response, method, http10_);
  if (framing == Framing::until_close) keep_alive_ = false;
  auto const length =
      method == Method::head && response.head_length ? *response.head_length : response.body.size();
  head_.clear();
  append_head(
      head_, response,
      {.framing = framing, .length = length, .persistence = persistence(), .date = worker_.date()});
  auto const has_body = framing != Framing::none && method != Method::head;
  auto const streams = has_body && response.stream;
  auto const body =
      has_body && !response.stream ? std::string_view(response.body) : std::string_view{};
  enter(Phase::writing, worker_.limits().write_timeout);
  if (!co_await write(head_, body)) co_return false;
  if (head_.capacity() > head_bytes_kept) std::string{}.swap(head_);
  if (streams && !co_await send_stream(std::move(response.stream), framing)) co_return false;
  co_return keep_alive_;
}

async::Task<bool> Connection::send_stream(BodyStream stream, Framing framing) {
  for (;;) {
    phase_ = Phase::handling;
    deadline_ = TimePoint::max();
    auto const piece = co_await stream();
    enter(Phase::writing, worker_.limits().write_timeout);
    if (!piece) break;
    if (piece->empty()) continue;
    if (framing == Framing::chunked) {
      head_.clear();
      fmt::format_to(std::back_inserter(head_), "{:x}\r\n", piece->size());
      if (!co_await write(head_, *piece, "\r\n")) co_return false;
    } else if (!co_await write(*piece)) {
      co_return false;
    }
  }
  co_return framing != Framing::chunked || co_await write("0\r\n\r\n");
}

// Most answers fit the socket's buffer: the first attempt is one sendmsg() and no suspension.
// Bodies are never copied.
async::Task<bool> Connection::write(std::string_view first, std::string_view second,
                                    std::string_view third) {
  std::array<async::asio::const_buffer, 3> pieces = {
      async::asio::buffer(first), async::asio::buffer(second), async::asio::buffer(third)};
  auto remaining = first.size() + second.size() + third.size();
  for (;;) {
    boost::system::error_code ec;
    auto sent = socket_.write_some(pieces, ec);
    if (ec && ec != async::asio::error::would_block) co_return false;
    remaining -= sent;
    if (remaining == 0) co_return true;
    if (sent > 0) enter(Phase::writing, worker_.limits().write_timeout);
    for (auto& piece : pieces) {
      auto const taken = std::min(sent, piece.size());
      piece += taken;
      sent -= taken;
    }
    boost::system::error_code wait_error;
    co_await socket_.async_wait(Socket::wait_write,
                                async::asio::redirect_error(async::use_task, wait_error));
    if (wait_error || late_) co_return false;
  }
}

async::Task<void> Connection::refuse(Refusal refusal) {
  late_ = false;
  keep_alive_ = false;
  http10_ = false;
  auto response = worker_.handler().refuse(refusal.status, refusal.reason);
  co_await send(std::move(response), Method::other);
  if (!worker_.draining()) co_await linger();
}

// Closing with unread bytes resets the connection, and the peer may lose the answer with it: what
// it is still sending is thrown away for a moment, within bounds.
async::Task<void> Connection::linger() {
  enter(Phase::lingering, linger_time);
  boost::system::error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  received_.consume(received_.unread().size());
  std::size_t discarded = 0;
  while (!ec && !late_ && discarded < linger_bytes_max) {
    discarded += co_await socket_.async_read_some(received_.prepare(ReceiveBuffer::bytes_min),
                                                  async::asio::redirect_error(async::use_task, ec));
  }
}

void Connection::sweep(TimePoint now) {
  if (now < deadline_) return;
  late_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (phase_ == Phase::lingering) cut();
  if (phase_ != Phase::idle) return;
  if (requests_ == 0) {
    deadline_ = std::min(deadline_, Clock::now() + first_request_time);
    return;
  }
  // The reader sees the end of the stream, but not before a request that has just arrived: that one
  // is still answered.
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_receive, ignored);
}

void Connection::cut() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Connection::reset_on_close() {
  boost::system::error_code ignored;
  socket_.set_option(async::asio::socket_base::linger(true, 0), ignored);
}

void Connection::enter(Phase phase, std::chrono::milliseconds allowed) {
  phase_ = phase;
  deadline_ = Clock::now() + allowed;
}

Persistence Connection::persistence() const {
  if (!keep_alive_) return Persistence::close;
  return http10_ ? Persistence::keep_alive_said : Persistence::keep_alive;
}

}  // namespace hansa::net
