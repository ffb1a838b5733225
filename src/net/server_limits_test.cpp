#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "net/server_fixture.h"

namespace hansa::net {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

ServerLimits quick() {
  return {.body_bytes_max = 1U << 20U,
          .header_timeout = 40ms,
          .body_timeout = 40ms,
          .idle_timeout = 40ms,
          .write_timeout = 40ms};
}

// The server, not the client, ends these connections; the client only reads until it does.
TEST(ServerLimits, CutsWhoSendsTooSlowly) {
  RunningServer server(quick());
  Client silent(server.port());
  EXPECT_EQ(silent.read_all(), "");
  Client head(server.port());
  head.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_TRUE(head.read_all().starts_with("HTTP/1.1 408 "));
  Client body(server.port());
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(body.read_all().starts_with("HTTP/1.1 408 "));
  Client chunk(server.port());
  chunk.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  EXPECT_TRUE(chunk.read_all().starts_with("HTTP/1.1 408 "));
  Client idle(server.port());
  idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  auto const all = idle.read_all();
  EXPECT_THAT(all, HasSubstr("GET /a "));
  EXPECT_THAT(all, testing::Not(HasSubstr("408")));
}

TEST(ServerLimits, CutsWhoDoesNotReadItsAnswer) {
  RunningServer server(quick());
  Client client(server.port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  server.wait_for_connections(0);
  EXPECT_LT(client.read_all().size(), large_body().size());
}

TEST(ServerLimits, LetsAHandlerTakeItsTime) {
  RunningServer server(quick());
  Client client(server.port());
  client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  server.wait_for_held(1);
  Client other(server.port());
  EXPECT_EQ(other.read_all(), "");  // by then every timeout has passed
  server.release();
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST(ServerLimits, RefusesConnectionsBeyondTheMost) {
  RunningServer server({.connections_max = 3});
  std::vector<Client> held;
  for (int i = 0; i < 3; ++i) held.emplace_back(server.port());
  server.wait_for_connections(3);
  Client extra(server.port());
  EXPECT_TRUE(extra.read_all().starts_with("HTTP/1.1 503 "));
  held.pop_back();
  server.wait_for_connections(2);
  Client next(server.port());
  next.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(next.read_answer().status, 200);
}

TEST(ServerLimits, HoldsAThousandIdleConnections) {
  RunningServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 1000; ++i) clients.emplace_back(server.port());
  server.wait_for_connections(1000);
  for (auto& client : clients) client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  for (auto& client : clients) EXPECT_EQ(client.read_answer().status, 200);
  server.server().stop(10s);
  for (auto& client : clients) EXPECT_EQ(client.read_all(), "");
  server.join();
}

TEST(ServerStop, AnswersWhatIsInFlightAndThenEnds) {
  RunningServer server;
  std::vector<Client> busy;
  for (int i = 0; i < 20; ++i) {
    busy.emplace_back(server.port());
    busy.back().send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  server.wait_for_held(20);
  // So many that each thread has some: once they are closed, all threads know of the end.
  std::vector<Client> idle;
  for (int i = 0; i < 40; ++i) {
    idle.emplace_back(server.port());
    idle.back().send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(idle.back().read_answer().status, 200);
  }
  server.server().stop(20s);
  for (auto& client : idle) EXPECT_EQ(client.read_all(), "");
  server.release();
  for (auto& client : busy) {
    auto const all = client.read_all();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 ")) << all;
    EXPECT_THAT(all, HasSubstr("Connection: close"));
  }
  server.join();
}

TEST(ServerStop, CutsAtTheDeadline) {
  RunningServer server;
  Client stuck(server.port());
  stuck.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  server.wait_for_held(1);
  server.server().stop(20s);
  server.server().stop(0ms);
  EXPECT_EQ(stuck.read_all(), "");
  server.join();
}

TEST(ServerStop, WorksBeforeRun) {
  auto make = [](async::asio::io_context&) { return std::unique_ptr<Handler>(); };
  auto server = Server::bind({.threads = 2}, make, silent_observer());
  ASSERT_TRUE(server.has_value());
  (*server)->stop(0ms);
  (*server)->run();
}

TEST(Server, PassesOnWhatMakingAHandlerThrows) {
  auto make = [](async::asio::io_context&) -> std::unique_ptr<Handler> {
    throw std::runtime_error("no database");
  };
  auto server = Server::bind({.threads = 2}, make, silent_observer());
  ASSERT_TRUE(server.has_value());
  EXPECT_THROW((*server)->run(), std::runtime_error);
}

}  // namespace
}  // namespace hansa::net
