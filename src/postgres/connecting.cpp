#include "postgres/connecting.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "async/deadline.h"
#include "async/readiness.h"

namespace hansa::postgres {
namespace {

namespace asio = async::asio;
using async::Readiness;

// The one host name of `conninfo` that needs a look-up, or empty: sockets, addresses, lists and
// what the environment names are left to libpq.
std::string name_to_resolve(std::string const& conninfo) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options(
      PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  if (!options) return {};
  std::string host;
  for (auto const* option = options.get(); option->keyword; ++option) {
    if (!option->val || !*option->val) continue;
    std::string_view const keyword = option->keyword;
    if (keyword == "hostaddr" || keyword == "service") return {};
    if (keyword == "host") host = option->val;
  }
  if (host.starts_with('/') || host.starts_with('@') || host.contains(',')) return {};
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  return not_an_address ? host : std::string();
}

// The addresses of `host`, comma separated, at most four. Empty when it has none: libpq then says
// why.
async::Task<std::string> resolve(asio::io_context& context, std::string host) {
  asio::ip::basic_resolver<asio::ip::tcp, async::Executor> resolver(context);
  auto const [error, found] =
      co_await resolver.async_resolve(host, "", asio::as_tuple(async::use_task));
  std::string addresses;
  if (error) co_return addresses;
  int left = 4;
  for (auto const& entry : found) {
    if (left-- == 0) break;
    if (!addresses.empty()) addresses.push_back(',');
    addresses.append(entry.endpoint().address().to_string());
  }
  co_return addresses;
}

async::Task<Connection> handshake(asio::io_context& context, Target target, Timeouts timeouts) {
  ConnectParameters const parameters(target, timeouts);
  std::string addresses;
  if (auto host = name_to_resolve(target.conninfo); !host.empty())
    addresses = co_await resolve(context, std::move(host));
  auto connection = parameters.start(addresses);
  auto step =
      PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED) throw connect_failure(connection.get());
    {
      // Anew for every step: libpq may close a socket and open another under the same number.
      Readiness readiness(context, PQsocket(connection.get()));
      co_await readiness.wait(step == PGRES_POLLING_READING ? Readiness::Direction::read
                                                            : Readiness::Direction::write);
    }
    step = PQconnectPoll(connection.get());
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  PQsetNoticeReceiver(connection.get(), [](void*, PGresult const*) {}, nullptr);
  require_supported(connection.get());
  if (PQsetnonblocking(connection.get(), 1) != 0) throw lost_failure(connection.get());
  co_return connection;
}

}  // namespace

async::Task<Connection> connect(asio::io_context& context, Target target, Timeouts timeouts,
                                std::chrono::milliseconds limit) {
  auto connection = co_await async::with_deadline(handshake(context, target, timeouts), limit);
  if (!connection) throw connect_timed_out(target.conninfo, limit);
  co_return std::move(*connection);
}

}  // namespace hansa::postgres
