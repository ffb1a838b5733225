#include "api/databases.h"

#include <algorithm>

namespace hansa::api {

postgres::DatabaseOptions connection_budget(std::uint32_t connections_max, std::size_t threads,
                                            std::size_t domains) {
  // Beyond this, more leased connections of one thread and domain only queue inside PostgreSQL.
  static constexpr std::size_t leased_most = 16;
  auto const share = connections_max / std::max<std::size_t>(1, threads * domains);
  postgres::DatabaseOptions options;
  options.pipelined_connections = 1;
  options.leased_connections_max =
      std::clamp<std::size_t>(share > 1 ? share - 1 : 1, 1, leased_most);
  return options;
}

Databases::Databases(async::asio::io_context& io, Context const& context, std::size_t threads) {
  for (auto const& domain : context.domains) {
    auto const target = context.targets.find(domain);
    if (target == context.targets.end()) {
      throw Failure(Code::internal, "domain " + domain.text() + " has no database target");
    }
    auto options =
        connection_budget(context.environment->connections_max, threads, context.domains.size());
    options.domain = domain.text();
    entries_.push_back({domain, std::make_unique<postgres::Database>(io, target->second, options,
                                                                     *context.observer)});
  }
}

postgres::Database& Databases::find(DomainName const& domain) const {
  for (auto const& entry : entries_) {
    if (entry.domain == domain) return *entry.database;
  }
  throw Failure(Code::internal, "domain " + domain.text() + " is not served here");
}

}  // namespace hansa::api
