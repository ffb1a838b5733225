// For tests: domain `shop`, which takes orders from a topic of domain `orders` and moves its stock.
// Its tables: stock (id, quantity never below zero), taken (one row an event), refused.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "events/events_harness.h"
#include "events/log_source.h"
#include "events/reactor.h"
#include "mesh/mesh.h"

namespace hansa::events {

// What a port of the shop does.
struct PortUnderTest {
  std::string sql =
      "insert into shop.taken (place, id, quantity) select _offset, product, quantity from events";
  std::uint32_t batch = 0;
  std::string rejected_sql = {};
  mesh::Subscription::From from = mesh::Subscription::From::earliest;
  mesh::Subscription::OnError on_error = mesh::Subscription::OnError::dead_letter;
};

class ReactorHarness : public TestLog {
 public:
  static constexpr std::int32_t lock = 7;  // of the log of the shop

  explicit ReactorHarness(PortUnderTest const& port = {});

  // Appends an event; its offset is the number of those before.
  void order(std::string const& product, std::string const& quantity, std::int32_t partition = 0);
  void write_raw(std::string const& value);
  // Another port of the shop, with its function.
  void add_port(std::string const& name, PortUnderTest const& port);
  // Rounds until nothing moves; what they did together.
  [[nodiscard]] static Round drain(Reactor& reactor, Source& source);
  // "place:id:quantity ..." of table taken, by place.
  [[nodiscard]] std::string taken();
  // Dead letters that were appended: "sqlstate offset", in order.
  [[nodiscard]] std::vector<std::string> dead();
  [[nodiscard]] std::string place();  // of partition 0, as it stands in the database

  mesh::Mesh mesh;
  std::string const topic = "orders-order-v1";

 private:
  void add_topic();
};

// A reactor with the sessions it needs.
struct Working {
  explicit Working(ReactorHarness& harness, ReactorOptions const& options = {})
      : session(harness.open()),
        source(session),
        reactor(harness.mesh.subscriptions.front(), source, session, ReactorHarness::lock,
                options) {}
  Round drain() { return ReactorHarness::drain(reactor, source); }

  postgres::Session session;
  LogSource source;
  Reactor reactor;
};

}  // namespace hansa::events
