#include "gateway/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "async/spawn.h"
#include "wire/api.h"
#include "wire/big_endian.h"

namespace hansa::gateway {
namespace {

namespace asio = async::asio;
using namespace std::chrono_literals;

constexpr std::size_t length_bytes = 4;
constexpr std::size_t prefix_bytes = 4;  // API key and version, which tell how long a frame may be
constexpr std::size_t slots_max = 32;
constexpr auto idle_max = 10min;     // as connections.max.idle.ms
constexpr auto receive_max = 60s;    // a whole frame
constexpr auto send_progress = 60s;  // without any of an answer being taken
constexpr std::size_t first_step = 64U << 10U;
constexpr std::size_t send_bytes = 256U << 10U;

}  // namespace

Connection::Connection(Broker& broker, net::Socket socket, Peer peer)
    : broker_(broker), socket_(std::move(socket)), peer_(std::move(peer)) {}

void Connection::sweep(TimePoint now) {
  if (now > read_deadline_ || now > write_deadline_) cut();
}

void Connection::drain() {
  reading_ = false;
  boost::system::error_code ignored;
  socket_.shutdown(net::Socket::shutdown_receive, ignored);
  changed_.notify();
}

void Connection::cut() {
  broken_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  changed_.notify();
}

async::Task<bool> Connection::read(char* to, std::size_t bytes, std::chrono::milliseconds allowed) {
  read_deadline_ = std::chrono::steady_clock::now() + allowed;
  auto const [error, count] =
      co_await asio::async_read(socket_, asio::buffer(to, bytes), asio::as_tuple(async::use_task));
  read_deadline_ = TimePoint::max();
  co_return !error && !broken_;
}

// The bytes of a frame as they come: memory is taken for what was sent, not for what was said.
async::Task<bool> Connection::read_body(Frame& frame, std::size_t bytes) {
  auto const until = std::chrono::steady_clock::now() + receive_max;
  for (std::size_t have = frame.bytes.size(); have < bytes;) {
    auto const step = std::min(bytes - have, std::max(have, first_step));
    frame.shares.push_back(co_await broker_.frames().take(step));
    frame.bytes.resize(have + step);
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (!co_await read(frame.bytes.data() + have, step, left)) co_return false;
    have += step;
  }
  co_return true;
}

// The next request; nullopt when the client is done, or sends what is no frame of ours.
async::Task<std::optional<Call>> Connection::receive() {
  std::array<char, length_bytes> head;
  if (!co_await read(head.data(), head.size(), idle_max)) co_return std::nullopt;
  auto const length = wire::load_big_endian<std::int32_t>(head.data());
  if (length < static_cast<std::int32_t>(prefix_bytes)) co_return std::nullopt;
  auto frame = std::make_shared<Frame>();
  if (!co_await read_body(*frame, prefix_bytes)) co_return std::nullopt;
  auto const* const api = wire::find_api(wire::load_big_endian<std::int16_t>(frame->bytes.data()));
  auto const bytes = static_cast<std::size_t>(length);
  if (api == nullptr || bytes > api->request_bytes_max) co_return std::nullopt;
  if (!co_await read_body(*frame, bytes)) co_return std::nullopt;
  Call call;
  call.begun = std::chrono::steady_clock::now();
  call.peer = &peer_;
  call.frame = std::move(frame);
  auto parsed = wire::read_request_header(call.frame->bytes);
  if (!parsed) co_return std::nullopt;
  call.header = std::move(parsed->header);
  call.body = parsed->body;
  co_return call;
}

// Until every answer is on its way to the client.
async::Task<void> Connection::settled() {
  auto const done = [this] { return slots_.empty() || broken_; };
  co_await changed_.wait(done);
}

void Connection::fill(Slot& slot, Call& call) {
  slot.ready = true;
  if (!call.out.empty()) {
    std::string length(length_bytes, '\0');
    wire::store_big_endian(static_cast<std::int32_t>(call.out.size()), length.data());
    slot.bytes = std::move(length);
    slot.bytes += call.out;
  }
  broker_.served(call, slot.bytes.size());
  if (call.close) reading_ = false;
  changed_.notify();
}

async::Task<void> Connection::end_produce(std::shared_ptr<Call> call, PreparedProduce prepared,
                                          std::shared_ptr<Slot> slot) {
  co_await finish_produce(broker_, *call, std::move(prepared));
  fill(*slot, *call);
  if (call->close) cut();
  --under_way_;
  changed_.notify();
}

// False when the connection is to end.
async::Task<bool> Connection::answer(Call call) {
  auto slot = std::make_shared<Slot>();
  co_await broker_.begun();
  if (call.header.key == static_cast<std::int16_t>(wire::ApiKey::produce)) {
    auto const room = [this] { return slots_.size() < slots_max || broken_; };
    co_await changed_.wait(room);
    auto shared = std::make_shared<Call>(std::move(call));
    auto prepared = co_await prepare_produce(broker_, *shared);
    if (!prepared) co_return false;
    slots_.push_back(slot);
    ++under_way_;
    async::spawn(broker_.context().get_executor(),
                 end_produce(std::move(shared), *std::move(prepared), std::move(slot)));
    co_return true;
  }
  co_await settled();
  if (broken_) co_return false;
  slots_.push_back(slot);
  co_await broker_.answer(call);
  fill(*slot, call);
  co_return !call.close;
}

// Sends what is ready at the front, until reading has ended and nothing is left.
async::Task<void> Connection::send() {
  auto const due = [this] {
    return broken_ || (!slots_.empty() && slots_.front()->ready) ||
           (slots_.empty() && !reading_ && under_way_ == 1);
  };
  for (;;) {
    co_await changed_.wait(due);
    if (broken_ || slots_.empty()) break;
    auto const slot = slots_.front();
    for (std::size_t at = 0; at < slot->bytes.size() && !broken_;) {
      write_deadline_ = std::chrono::steady_clock::now() + send_progress;
      auto const part = std::string_view(slot->bytes).substr(at, send_bytes);
      auto const [error, count] =
          co_await asio::async_write(socket_, asio::buffer(part), asio::as_tuple(async::use_task));
      at += count;
      if (error) cut();
    }
    write_deadline_ = TimePoint::max();
    if (!slots_.empty()) slots_.pop_front();
    changed_.notify();
  }
  --under_way_;
  changed_.notify();
}

async::Task<void> Connection::serve() {
  ++under_way_;
  async::spawn(broker_.context().get_executor(), send());
  try {
    while (reading_ && !broken_) {
      auto call = co_await receive();
      if (!call || !co_await answer(*std::move(call))) break;
    }
  } catch (std::exception const& error) {
    broker_.report(error);
    broken_ = true;
  }
  reading_ = false;
  changed_.notify();
  // What is under way has references to this.
  auto const alone = [this] { return under_way_ == 0; };
  co_await changed_.wait(alone);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace hansa::gateway
