#include <thread>

#include "events/ports.h"
#include "events/reactor_harness.h"

namespace hansa::events {
namespace {

// Ports of two processes: each has a part, and what one leaves the other takes.
TEST(Ports, ProcessesShareThePortsOfADomain) {
  SKIP_WITHOUT_POSTGRES();
  ReactorHarness harness;
  harness.add_port("second", {.sql = "insert into shop.taken (place, id, quantity, note) select "
                                     "_offset, product, quantity, 'second' from events"});
  PortsOptions const options{.mesh = &harness.mesh,
                             .domain = DomainName("shop"),
                             .targets = {{DomainName("shop"), harness.scratch.target()},
                                         {DomainName("orders"), harness.scratch.target()}},
                             .lease_pause = std::chrono::milliseconds(20)};
  auto const holders = [&] {
    return harness.one(
        "select count(distinct pid) || ' of ' || count(*) from pg_locks where locktype = "
        "'advisory' and mode = 'ExclusiveLock' and classid = " +
        std::to_string(lease_class) +
        " and database = (select oid from pg_database where datname = current_database())");
  };
  auto const until = [&](std::string const& wanted, auto const& asked) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (asked() != wanted && std::chrono::steady_clock::now() < deadline) {
    }
    EXPECT_EQ(asked(), wanted);
  };
  Ports one(options), two(options);
  std::jthread const first([&](std::stop_token const& stop) { one.run(stop); });
  until("1 of 2", holders);
  {
    std::jthread const second([&](std::stop_token const& stop) { two.run(stop); });
    until("2 of 2", holders);
    harness.order("1", "1");
    until("2", [&] { return harness.one("select count(*) from shop.taken"); });
  }
  until("1 of 2", holders);
  harness.order("1", "1");
  until("4", [&] { return harness.one("select count(*) from shop.taken"); });
}

// A lost session is no halt: the port begins anew.
TEST(Ports, PortsSurviveTheLossOfTheirSession) {
  SKIP_WITHOUT_POSTGRES();
  ReactorHarness harness;
  Ports ports({.mesh = &harness.mesh,
               .domain = DomainName("shop"),
               .targets = {{DomainName("shop"), harness.scratch.target()},
                           {DomainName("orders"), harness.scratch.target()}}});
  std::jthread const work([&](std::stop_token const& stop) { ports.run(stop); });
  auto const applied = [&](std::string const& count) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (harness.one("select count(*) from shop.taken") != count &&
           std::chrono::steady_clock::now() < deadline) {
    }
    EXPECT_EQ(harness.one("select count(*) from shop.taken"), count);
  };
  for (int i = 1; i <= 5; ++i) {
    harness.order("1", "1");
    applied(std::to_string(i));
    harness.session.script(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and "
        "datname = current_database()");
  }
  EXPECT_EQ(harness.one("select count(*) from hansa.port_halt"), "0");
}

}  // namespace
}  // namespace hansa::events
