#include "net/listen.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/port_holder.h"

namespace hansa::net {

namespace {

namespace ip = async::asio::ip;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::unexpected<Error> cannot_listen(ip::tcp::endpoint const& endpoint, int error) {
  auto const where = fmt::format("{} port {}", endpoint.address().to_string(), endpoint.port());
  if (error == EADDRINUSE) {
    auto const holder = port_holder(endpoint.port());
    return failure(Code::address_in_use,
                   holder.empty() ? fmt::format("{} is taken", where)
                                  : fmt::format("{} is taken by {}", where, holder),
                   "end that program, or choose another port");
  }
  return failure(Code::io_error, fmt::format("cannot listen on {}: {}", where, strerror(error)),
                 error == EACCES ? "ports below 1024 need a privilege; choose a higher one"
                                 : "the address must be one of this machine's");
}

enum class Sharing : std::uint8_t { alone, shared };

Result<Descriptor> bound(ip::tcp::endpoint const& endpoint, Sharing sharing) {
  Descriptor descriptor(::socket(endpoint.protocol().family(),
                                 SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (descriptor.number() < 0) return cannot_listen(endpoint, errno);
  int const on = 1;
  ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == Sharing::shared) {
    ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  if (::bind(descriptor.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return cannot_listen(endpoint, errno);
  }
  return descriptor;
}

Result<ip::tcp::endpoint> local_endpoint(Descriptor const& descriptor, ip::tcp::endpoint asked) {
  auto size = static_cast<socklen_t>(asked.capacity());
  if (::getsockname(descriptor.number(), asked.data(), &size) != 0) {
    return cannot_listen(asked, errno);
  }
  asked.resize(size);
  return asked;
}

}  // namespace

Result<Listeners> listen(std::string const& host, std::uint16_t port, std::size_t threads) {
  boost::system::error_code ec;
  auto const address = ip::make_address(host == "localhost" ? "127.0.0.1" : host, ec);
  if (ec) {
    return failure(Code::io_error, fmt::format("`{}` is no address to listen on", host),
                   "give an address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }
  ip::tcp::endpoint endpoint(address, port);
  if (port != 0) {
    // SO_REUSEPORT would let a second server of this user share the port in silence: a socket that
    // does not share finds out first.
    HANSA_TRY(auto const alone, bound(endpoint, Sharing::alone));
  }
  std::vector<Descriptor> open;
  for (std::size_t i = 0; i < threads; ++i) {
    HANSA_TRY(auto descriptor, bound(endpoint, Sharing::shared));
    if (i == 0) {
      HANSA_TRY(endpoint, local_endpoint(descriptor, endpoint));
    }
    open.push_back(std::move(descriptor));
  }
  Listeners listeners{.descriptors = {}, .endpoint = endpoint};
  for (auto& descriptor : open) {
    if (::listen(descriptor.number(), SOMAXCONN) != 0) return cannot_listen(endpoint, errno);
    listeners.descriptors.push_back(descriptor.number());
  }
  for (auto& descriptor : open) descriptor.release();
  return listeners;
}

Result<Listeners> duplicate(Listeners const& listeners) {
  std::vector<Descriptor> open;
  for (int const descriptor : listeners.descriptors) {
    open.emplace_back(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (open.back().number() < 0) return cannot_listen(listeners.endpoint, errno);
  }
  Listeners copies{.descriptors = {}, .endpoint = listeners.endpoint};
  for (auto& descriptor : open) copies.descriptors.push_back(descriptor.release());
  return copies;
}

}  // namespace hansa::net
