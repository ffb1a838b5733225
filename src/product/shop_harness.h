// For tests: the shop of shop_fixture.h in a scratch database, with a service over it on one
// thread.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/deadline.h"
#include "postgres/scratch.h"
#include "product/shop_fixture.h"

namespace hansa::product::testing {

class Shop {
 public:
  explicit Shop(postgres::DatabaseOptions options = {}, Settings its_settings = settings(),
                mesh::Mesh its_mesh = make_shop())
      : session(open(scratch)),
        mesh(std::move(its_mesh)),
        database(context, scratch.target(), std::move(options), silent_observer()),
        service(
            mesh, its_settings,
            [this](DomainName const&) -> postgres::Database& { return database; },
            [this](DomainName const& domain) { wrote(domain); }) {}
  ~Shop() { run(database.close(std::chrono::seconds(2))); }

  // Runs the event loop until every task has ended; fails the test after a minute.
  template <class T>
  std::vector<T> run_all(std::vector<async::Task<T>> tasks) {
    std::vector<std::optional<T>> results(tasks.size());
    std::size_t left = tasks.size();
    std::exception_ptr first;
    for (std::size_t i = 0; i < tasks.size(); ++i)
      async::asio::co_spawn(context, std::move(tasks[i]),
                            [&, i](std::exception_ptr error, T value) {
                              if (error) first = error;
                              if (!error) results[i] = std::move(value);
                              --left;
                            });
    loop([&] { return left == 0; });
    if (first) std::rethrow_exception(first);
    std::vector<T> values;
    for (auto& result : results) values.push_back(std::move(*result));
    return values;
  }
  template <class T>
  T run(async::Task<T> task) {
    std::vector<async::Task<T>> tasks;
    tasks.push_back(std::move(task));
    return std::move(run_all(std::move(tasks)).front());
  }
  void run(async::Task<void> task) {
    bool done = false;
    std::exception_ptr failed;
    async::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error) {
      failed = error;
      done = true;
    });
    loop([&] { return done; });
    if (failed) std::rethrow_exception(failed);
  }

  Result<Answer> list(Parameters parameters, ReadRequest request = {}, std::size_t object = 0) {
    request.parameters = std::move(parameters);
    request.path = object == 0 ? "/shop/v1/item" : "/shop/v1/line";
    return run(service.list(served(mesh, object), std::move(request)));
  }
  Result<Answer> get(std::string key, ReadRequest request = {}, std::size_t object = 0) {
    return run(service.get(served(mesh, object), std::move(key), std::move(request)));
  }
  Result<Answer> create(std::string body, WriteRequest request = {}, std::size_t object = 0) {
    return run(
        service.create(served(mesh, object), posting(std::move(body), std::move(request), object)));
  }
  Result<Answer> patch(std::string key, std::string body, WriteRequest request = {},
                       std::size_t object = 0) {
    request.body = std::move(body);
    return run(service.patch(served(mesh, object), std::move(key), std::move(request)));
  }
  Result<Answer> remove(std::string key, WriteRequest request = {}, std::size_t object = 0) {
    return run(service.remove(served(mesh, object), std::move(key), std::move(request)));
  }
  static WriteRequest posting(std::string body, WriteRequest request = {}, std::size_t object = 0) {
    request.body = std::move(body);
    request.path = object == 0 ? "/shop/v1/item" : "/shop/v1/line";
    return request;
  }
  std::string scalar(std::string_view sql) { return std::string{session.execute(sql).value(0, 0)}; }

  postgres::ScratchDatabase scratch;
  postgres::Session session;
  mesh::Mesh mesh;
  async::asio::io_context context{1};
  postgres::Database database;
  Service::Wrote wrote = [](DomainName const&) {};
  Service service;

 private:
  static postgres::Session open(postgres::ScratchDatabase const& scratch) {
    auto session = postgres::Session::open(scratch.target());
    session.script(shop_sql);
    return session;
  }
  void loop(std::function<bool()> const& done) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(50));
    }
    // The tasks refer to the frame that waits for them: there is no going on without them.
    if (!done()) throw std::runtime_error("a request did not end within a minute");
  }
};

inline std::string header(Answer const& answer, std::string_view name) {
  for (auto const& [key, value] : answer.headers)
    if (key == name) return value;
  return "";
}

// The cursor of Link rel="next"; empty at the end.
inline std::string next_cursor(Answer const& answer) {
  std::string const link = header(answer, "Link");
  auto const next = link.find("rel=\"next\"");
  if (next == std::string::npos) return "";
  auto const start = link.find("cursor=") + 7;
  return link.substr(start, link.find('>', start) - start);
}

}  // namespace hansa::product::testing
