// The schema registry of a program: a server of its own beside the generations of the REST server,
// and the same handler under /-/registry of that one.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "api/api.h"
#include "base/observe.h"
#include "cli/command.h"
#include "net/server.h"

namespace hansa::app {

inline constexpr std::string_view registry_prefix = "/-/registry";

// Wraps handlers of the REST server, so that requests below registry_prefix go to the registry.
[[nodiscard]] net::Server::MakeHandler with_registry(net::Server::MakeHandler rest,
                                                     cli::ServeRequest const& request,
                                                     api::Context const& context,
                                                     Observer& observer);

class RegistryService {
 public:
  // Binds; does not serve yet. A port that nobody asked for and somebody else has is done without,
  // and said in the log. Throws Failure: address_in_use, io_error.
  RegistryService(cli::ServeRequest const& request, Observer& observer);
  ~RegistryService();
  RegistryService(RegistryService const&) = delete;
  RegistryService& operator=(RegistryService const&) = delete;

  // "http://localhost:8081"; empty: there is none.
  [[nodiscard]] std::string const& url() const { return url_; }
  void start();
  void stop(std::chrono::milliseconds deadline);

 private:
  api::Context access_;  // who may write
  std::string url_;
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
};

}  // namespace hansa::app
