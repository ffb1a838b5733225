#include "net/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/server_fixture.h"

namespace hansa::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

TEST(Server, AnswersOnOneConnectionAgainAndAgain) {
  RunningServer server;
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    auto const answer = client.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /echo hi");
    EXPECT_THAT(answer.head, Not(HasSubstr("Connection:")));
    EXPECT_THAT(answer.head, HasSubstr("\r\nDate: "));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  Client client(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i);
  }
  client.send(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(client.read_answer().body, fmt::format("GET /{} ", i));
  }
}

TEST(Server, ClosesWhenAskedAndKeepsOldClientsOnlyOnRequest) {
  RunningServer server;
  Client closing(server.port());
  closing.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(closing.read_all(), HasSubstr("Connection: close"));
  Client old(server.port());
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_all(), HasSubstr("Connection: close"));
  Client kept(server.port());
  kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(kept.read_answer().head, HasSubstr("Connection: keep-alive"));
  kept.send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_THAT(kept.read_all(), HasSubstr("GET /b "));
}

TEST(Server, AnswersHeadWithLengthAndWithoutBody) {
  RunningServer server;
  Client client(server.port());
  client.send(
      "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /length HTTP/1.1\r\nHost: x\r\n\r\n"
      "HEAD /stream/3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto const all = client.read_all();
  EXPECT_THAT(all, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(all, HasSubstr("Content-Length: 4321\r\n"));
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST(Server, StreamsInChunksAndUntilCloseForOldClients) {
  RunningServer server;
  Client client(server.port());
  client.send("GET /stream/3 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("0\r\n\r\n"),
              HasSubstr("\r\n\r\n8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n"));
  client.send("GET /stream/1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_all(), HasSubstr("\r\n\r\npiece 0\n"));
}

TEST(Server, CutsAStreamThatFailsSoThatItNeverLooksWhole) {
  RunningServer server;
  Client client(server.port());
  client.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
  auto const all = client.read_all();
  EXPECT_THAT(all, Not(HasSubstr("0\r\n\r\n")));
  Client after(server.port());
  after.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(after.read_answer().status, 200);
}

TEST(Server, EndsAnEndlessStreamWhenItsReaderLeaves) {
  RunningServer server;
  {
    Client client(server.port());
    client.send("GET /stream/1000000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("piece 100\n");
  }
  server.wait_for_connections(0);
}

TEST(Server, SendsBodiesThatNoSocketBufferHolds) {
  RunningServer server;
  Client client(server.port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n");
  auto const answer = client.read_answer();
  EXPECT_EQ(answer.body, large_body());
  EXPECT_EQ(client.read_answer().body, "GET /after ");
}

TEST(Server, ReadsChunkedAndLongBodies) {
  RunningServer server;
  Client client(server.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().body, "POST /echo abcd");
  std::string const body(700'000, 'b');
  client.send(fmt::format("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                          body.size(), body));
  EXPECT_EQ(client.read_answer().body, "POST /echo " + body);
}

TEST(Server, SaysContinueOnlyToBodiesItWants) {
  RunningServer server;
  Client client(server.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(client.read_answer().body, "POST /echo hi");
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 1073741824\r\n\r\n");
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 413 "));
}

TEST(Server, RefusesABodyOverTheLimitBeforeItIsSent) {
  RunningServer server;
  Client client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\nfirst bytes");
  auto const all = client.read_all();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 413 ")) << all;
  EXPECT_THAT(all, HasSubstr("Connection: close"));
}

TEST(Server, RefusesBadBytesAndGoesOn) {
  RunningServer server;
  for (std::string_view const bad :
       {"\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    Client client(server.port());
    client.send(bad);
    client.finish_sending();
    auto const all = client.read_all();
    EXPECT_TRUE(all.empty() || all.starts_with("HTTP/1.1 400 ")) << bad << " gave " << all;
  }
  Client client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST(Server, TellsWhoHoldsAPort) {
  RunningServer server;
  auto const taken =
      Server::bind({.port = server.port(), .threads = 1}, nullptr, silent_observer());
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().code, Code::address_in_use);
  EXPECT_THAT(taken.error().detail, HasSubstr("net_test (pid "));
  EXPECT_FALSE(Server::bind({.host = "nowhere"}, nullptr, silent_observer()).has_value());
}

// Whoever connects while one server takes another's place is answered by one of them, also who
// waits in the kernel's queue when the first lets go of the sockets.
TEST(Server, ASuccessorLosesNoConnection) {
  auto first = std::make_unique<RunningServer>();
  auto const port = first->port();
  Client held(port);
  held.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  first->wait_for_held(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<Client> clients;
    for (int i = 0; i < 20; ++i) clients.emplace_back(port);
    auto second = std::make_unique<RunningServer>(*first);
    EXPECT_EQ(second->port(), port);
    for (int i = 0; i < 20; ++i) clients.emplace_back(port);
    first->server().stop(5s);
    for (int i = 0; i < 20; ++i) clients.emplace_back(port);
    for (auto& client : clients) {
      client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      EXPECT_EQ(client.read_answer().status, 200) << round;
    }
    if (round == 0) {
      first->release();
      EXPECT_EQ(held.read_answer().status, 200);
    }
    first->join();
    first = std::move(second);
  }
}

}  // namespace
}  // namespace hansa::net
