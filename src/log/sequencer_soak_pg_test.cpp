// Many writers for a few seconds, of every kind there is, while the sequencer runs, is cut off and
// is taken over from. Each row counts its own changes, so the log has to say 1, 2, 3 ... of each; a
// reader that asks for what is greater than the last runs beside and has to fail.
#include <gmock/gmock.h>

#include <atomic>
#include <charconv>
#include <random>
#include <thread>

#include "log/log_harness.h"

namespace hansa::log {
namespace {

using namespace std::chrono_literals;
constexpr int rows = 40;

class Soak {
 public:
  explicit Soak(LogHarness& harness) : harness_(&harness) {}

  // One writer's transactions until `stop`: some sleep, abort, prepare, roll back to savepoints or
  // copy. Each changes rows in ascending order, so that none wait in a circle.
  void write(unsigned seed, std::stop_token const& stop) {
    auto session = harness_->open();
    std::mt19937 random(seed);
    auto const any = [&](int below) { return static_cast<int>(random() % unsigned(below)); };
    int next_id = 1'000'000 * static_cast<int>(seed);
    for (int turn = 0; !stop.stop_requested(); ++turn) {
      session.script("begin");
      int const first = any(rows - 3);
      session.execute(change, {std::to_string(first), std::to_string(first + any(3))});
      if (any(4) == 0) {
        session.script("savepoint s");
        session.execute(change, {std::to_string(rows - 1), std::to_string(rows - 1)});
        session.script("rollback to s");
      }
      if (any(8) == 0) copy(session, next_id);
      if (any(3) == 0) session.execute("select pg_sleep($1)", {"0.0" + std::to_string(any(20))});
      end(session, any(100), "soak" + std::to_string(seed) + "x" + std::to_string(turn));
    }
  }

 private:
  static constexpr std::string_view change =
      "update shop.item set n = n + 1 where id in (select id from shop.item where id between "
      "$1::int and $2::int order by id for update)";

  static void copy(postgres::Session& session, int& next_id) {
    session.copy_begin("copy shop.item (id, owner) from stdin");
    for (int i = 0; i < 20; ++i) session.copy_write(std::to_string(next_id++) + "\tcopied\n");
    session.copy_end();
  }

  static void end(postgres::Session& session, int dice, std::string const& name) {
    if (dice < 15) {
      session.script("rollback");
    } else if (dice < 25) {
      session.script("prepare transaction '" + name + "'");
      session.script((dice < 22 ? "commit prepared '" : "rollback prepared '") + name + "'");
    } else {
      session.script("commit");
    }
  }

  LogHarness* harness_;
};

// What everybody writes first.
std::uint64_t read_naively(LogHarness& harness, std::stop_token const& stop) {
  auto session = harness.open();
  std::string last = "0";
  std::uint64_t seen = 0;
  for (bool again = true; again;) {
    again = !stop.stop_requested();
    auto const found =
        session.execute("select sid from hansa.naive where sid > $1::bigint order by sid", {last});
    seen += found.size();
    if (found.size() > 0) last = found.value(found.size() - 1, 0);
  }
  return seen;
}

// Each key's events count from 0 without a gap; `final` is where each has to end.
void check_counts(LogHarness& harness) {
  std::map<std::string, int> counted;
  for (auto const& record : harness.read("shop-item-v1")) {
    ASSERT_TRUE(record.value);
    auto const said = harness.decode("shop-item-v1", *record.value);
    auto const at = said.find("\"n\":");
    ASSERT_NE(at, std::string::npos) << said;
    int n = -1;
    std::from_chars(said.data() + at + 4, said.data() + said.size(), n);
    auto const [place, fresh] = counted.try_emplace(record.key, 0);
    ASSERT_EQ(n, fresh ? 0 : place->second + 1) << "row " << record.key;
    place->second = n;
  }
  auto const final = harness.session.execute("select id, n from shop.item");
  ASSERT_EQ(final.size(), counted.size());
  for (std::size_t i = 0; i < final.size(); ++i)
    EXPECT_EQ(final.value(i, 1), std::to_string(counted[std::string(final.value(i, 0))]));
}

TEST(SequencerSoak, EveryCommittedChangeOnceAndInOrder) {
  SKIP_WITHOUT_POSTGRES();
  LogHarness harness;
  harness.session.script("insert into shop.item (id) select generate_series(0, " +
                         std::to_string(rows - 1) + ")");
  Heard heard[2];
  std::vector<std::unique_ptr<Sequencer>> sequencers;
  for (auto& ear : heard) {
    auto options = harness.options();
    options.observer = &ear;
    sequencers.push_back(std::make_unique<Sequencer>(options));
  }
  std::uint64_t naive = 0;
  {
    std::jthread reader([&](std::stop_token const& stop) { naive = read_naively(harness, stop); });
    std::vector<std::jthread> running;
    for (auto& sequencer : sequencers)
      running.emplace_back([&](std::stop_token stop) { sequencer->run(std::move(stop)); });
    {
      std::vector<std::jthread> writers;
      for (unsigned seed = 1; seed <= 10; ++seed)
        writers.emplace_back(
            [&harness, seed](std::stop_token const& stop) { Soak(harness).write(seed, stop); });
      // Whoever leads loses its connection, again and again.
      auto const until = std::chrono::steady_clock::now() + 5s;
      while (std::chrono::steady_clock::now() < until)
        harness.session.script("select pg_sleep(0.4); " + std::string(kill_leader));
    }
    while (harness.one("select count(*) from hansa.pending_shop") != "0") std::this_thread::yield();
  }
  check_counts(harness);
  EXPECT_EQ(harness.read("shop-item-v2").size(), harness.read("shop-item-v1").size());
  auto const written = harness.read("shop-item-v1").size();
  EXPECT_GT(written, 500U);
  EXPECT_GT(heard[0].leases + heard[1].leases, 3U);
  EXPECT_LT(naive, written) << "the naive reader saw all: this test does not bite";
  RecordProperty("events", static_cast<int>(written));
  RecordProperty("lost_by_naive_reader", static_cast<int>(written - naive));
}

}  // namespace
}  // namespace hansa::log
