// The databases of one thread, one for each served domain. Domains are few: they are found by
// looking through a short list.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "postgres/database.h"

namespace hansa::api {

class Databases {
 public:
  struct Entry {
    DomainName domain;
    std::unique_ptr<postgres::Database> database;
  };

  // Connects in the background. `threads`: how many share the process's budget of connections.
  Databases(async::asio::io_context& io, Context const& context, std::size_t threads);

  // Requires a domain that is served here.
  [[nodiscard]] postgres::Database& find(DomainName const& domain) const;
  [[nodiscard]] std::vector<Entry> const& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// A thread's part of the budget `connections_max` for one of `domains`: at least one connection of
// each lane, whatever the budget says, or nothing could be answered.
[[nodiscard]] postgres::DatabaseOptions connection_budget(std::uint32_t connections_max,
                                                          std::size_t threads, std::size_t domains);

}  // namespace hansa::api
