// The rule of the drain in every interleaving of small worlds: writers that commit, abort, roll
// back to a savepoint or prepare, and a server that restarts, against the very code the sequencer
// runs. The same search finds how the rules that look right and are not lose events.
#include "log/offset_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hansa::log {
namespace {

enum class Op : char {
  row_lock = 'k',  // the lock of the business row that all writers who take it share
  lock = 'l',      // the log's, shared
  draw = 'd',
  insert = 'i',     // all that was drawn
  roll_back = 's',  // to a savepoint before everything: rows and locks since are gone
  prepare = 'p',
  commit = 'c',
  abort = 'a',
};
using Program = std::string;  // of Ops

struct Writer {
  Program program;
  std::size_t at = 0;
  bool locked = false, has_row = false, prepared = false;
  std::vector<Sid> drawn, rows;

  [[nodiscard]] bool done() const { return at == program.size(); }
};

struct World {
  SequenceState sequence;
  std::vector<Writer> writers;
  std::vector<Sid> visible;               // committed and not yet delivered
  std::vector<Sid> committed, delivered;  // in their orders
  std::vector<Sid> ordered;               // committed under the row lock
  int restarts_left = 0;
  int life = 0;  // of the server

  [[nodiscard]] bool can_step(std::size_t who) const {
    auto const& writer = writers[who];
    if (writer.done()) return false;
    if (Op{writer.program[writer.at]} != Op::row_lock) return true;
    return std::none_of(writers.begin(), writers.end(),
                        [](Writer const& other) { return other.has_row; });
  }

  void step(std::size_t who) {
    auto& writer = writers[who];
    switch (Op{writer.program[writer.at++]}) {
      case Op::row_lock:
        writer.has_row = true;
        break;
      case Op::lock:
        writer.locked = true;
        break;
      case Op::draw:
        sequence.last_value += sequence.is_called ? 1 : 0;
        sequence.is_called = true;
        writer.drawn.push_back(sequence.last_value);
        break;
      case Op::insert:
        writer.rows.insert(writer.rows.end(), writer.drawn.begin(), writer.drawn.end());
        writer.drawn.clear();
        break;
      case Op::roll_back:
        release(writer);
        break;
      case Op::prepare:
        writer.prepared = true;
        break;
      case Op::commit:
        visible.insert(visible.end(), writer.rows.begin(), writer.rows.end());
        committed.insert(committed.end(), writer.rows.begin(), writer.rows.end());
        if (writer.has_row) ordered.insert(ordered.end(), writer.rows.begin(), writer.rows.end());
        std::sort(visible.begin(), visible.end());
        release(writer);
        break;
      case Op::abort:
        release(writer);
        break;
    }
  }

  static void release(Writer& writer) {
    writer.locked = writer.has_row = false;
    writer.rows.clear();
    writer.drawn.clear();
  }

  // Prepared transactions stay and get other names; the numbers nobody kept are drawn again.
  void restart() {
    --restarts_left;
    ++life;
    Sid greatest = 0;
    for (Sid const sid : committed) greatest = std::max(greatest, sid);
    for (auto& writer : writers) {
      if (!writer.prepared && writer.at > 0) {
        release(writer);
        writer.at = writer.program.size();
      }
      for (Sid const sid : writer.rows) greatest = std::max(greatest, sid);
    }
    sequence = greatest == 0 ? SequenceState{} : SequenceState{greatest, true};
  }

  [[nodiscard]] std::vector<Holder> holders() const {
    std::vector<Holder> list;
    for (std::size_t i = 0; i < writers.size(); ++i)
      if (writers[i].locked) list.push_back(std::to_string(life) + "/" + std::to_string(i));
    return list;
  }

  // The lowest visible sid above `floor` and up to `last`, delivered; 0 if there is none.
  Sid deliver(Sid floor, Sid last) {
    auto const found = std::find_if(visible.begin(), visible.end(),
                                    [&](Sid sid) { return sid > floor && sid <= last; });
    if (found == visible.end()) return 0;
    Sid const sid = *found;
    visible.erase(found);
    delivered.push_back(sid);
    return sid;
  }
};

// The sequencer's steps, each one statement. `Order` is the order in which it asks.
enum class Order { as_it_should_be, holders_first, sequence_as_shown };
template <Order order>
struct Sequencer {
  DrainProgress progress;
  int at = 0;
  SequenceState read;
  std::vector<Holder> early;

  void ask(World const& world) {
    auto sequence = world.sequence;
    if (order == Order::sequence_as_shown) sequence.is_called = true;
    read = sequence;
    at = progress.behind(sequence) ? 2 : 0;
  }
  void hold(std::vector<Holder> holders) {
    progress.begin(std::move(holders));
    at = progress.drain().settled() ? 4 : 3;
  }

  void step(World& world) {
    if (at == 0 && order == Order::holders_first) {
      early = world.holders();
      at = 1;
    } else if (at <= 1) {
      ask(world);
    } else if (at == 2) {
      hold(order == Order::holders_first ? early : world.holders());
    } else if (at == 3) {
      progress.drain().update(world.holders());
      if (progress.drain().settled()) at = 4;
    } else {
      Sid const safe = *progress.drain().safe();
      Sid const sid = world.deliver(progress.floor(), safe);
      progress.drained(sid == 0 ? safe : sid);
      at = progress.draining() ? 4 : 0;
    }
  }

  [[nodiscard]] std::string key() {
    std::string key = std::to_string(at) + "f" + std::to_string(progress.floor()) + "r" +
                      std::to_string(read.last_value) + (read.is_called ? "c" : "");
    for (auto const& holder : early) key += "e" + holder;
    if (progress.draining())
      for (auto const& holder : progress.drain().waiting_for()) key += "w" + holder;
    return key;
  }
};

// What everybody writes first.
struct NaiveReader {
  Sid last = 0;
  void step(World& world) { last = std::max(last, world.deliver(last, 1000)); }
  [[nodiscard]] std::string key() const { return std::to_string(last); }
};

std::string key_of(World const& world) {
  std::string key = std::to_string(world.sequence.last_value) +
                    (world.sequence.is_called ? "c" : "") + std::to_string(world.restarts_left);
  auto const add = [&](char mark, std::vector<Sid> const& sids) {
    key += mark;
    for (Sid const sid : sids) key += std::to_string(sid) + ",";
  };
  for (auto const& writer : world.writers) {
    key +=
        ";" + std::to_string(writer.at) + (writer.locked ? "l" : "") + (writer.has_row ? "k" : "");
    add('d', writer.drawn);
    add('r', writer.rows);
  }
  add('v', world.visible);
  add('D', world.delivered);
  add('o', world.ordered);
  return key;
}

template <class Reader>
class Search {
 public:
  explicit Search(std::vector<Program> const& programs, int restarts) {
    World world;
    world.restarts_left = restarts;
    for (auto const& program : programs) world.writers.push_back({.program = program});
    visit(std::move(world), Reader{});
  }
  std::size_t states() const { return seen_.size(); }
  std::size_t endings() const { return endings_; }
  // The first way found that goes wrong; empty if there is none.
  std::string const& mistake() const { return mistake_; }

 private:
  void visit(World world, Reader reader) {
    if (!mistake_.empty() || !seen_.insert(key_of(world) + "|" + reader.key()).second) return;
    bool busy = false;
    for (std::size_t who = 0; who < world.writers.size(); ++who) {
      if (!world.can_step(who)) continue;
      busy = true;
      auto next = world;
      next.step(who);
      go(std::to_string(who) + world.writers[who].program[world.writers[who].at], std::move(next),
         reader);
    }
    if (world.restarts_left > 0) {
      auto next = world;
      next.restart();
      go("restart", std::move(next), Reader{});
    }
    if (!busy) return finish(std::move(world), std::move(reader));
    reader.step(world);
    go("read", std::move(world), std::move(reader));
  }

  void go(std::string step, World world, Reader reader) {
    path_.push_back(std::move(step));
    visit(std::move(world), std::move(reader));
    path_.pop_back();
  }

  // The writers are done: the reader goes on until it finds nothing any more.
  void finish(World world, Reader reader) {
    ++endings_;
    for (int i = 0; i < 100; ++i) reader.step(world);
    auto delivered = world.delivered, committed = world.committed;
    std::sort(delivered.begin(), delivered.end());
    std::sort(committed.begin(), committed.end());
    if (delivered != committed) return report("lost or doubled", world);
    std::erase_if(world.delivered, [&](Sid sid) {
      return std::find(world.ordered.begin(), world.ordered.end(), sid) == world.ordered.end();
    });
    if (world.delivered != world.ordered) report("out of order", world);
  }

  void report(std::string_view what, World const& world) {
    mistake_ = std::string(what) + ":";
    for (auto const& step : path_) mistake_ += " " + step;
    mistake_ += "; committed";
    for (Sid const sid : world.committed) mistake_ += " " + std::to_string(sid);
    mistake_ += ", delivered";
    for (Sid const sid : world.delivered) mistake_ += " " + std::to_string(sid);
  }

  std::set<std::string> seen_;
  std::vector<std::string> path_;
  std::size_t endings_ = 0;
  std::string mistake_;
};

using Real = Sequencer<Order::as_it_should_be>;

Program const plain = "ldic", two_rows = "lddic", two_statements = "ldildic", aborted = "ldia",
              prepared = "ldipc", prepared_aborted = "ldipa", savepoint = "ldisldic", late = "dlic",
              same_row = "kldic";

void check_holds(std::vector<Program> const& programs, int restarts = 0) {
  Search<Real> const search(programs, restarts);
  EXPECT_EQ(search.mistake(), "");
  EXPECT_GT(search.states(), 50U);  // it searched
  EXPECT_GT(search.endings(), 2U);
}

template <class Reader>
void check_loses(std::vector<Program> const& programs) {
  EXPECT_THAT(Search<Reader>(programs, 0).mistake(), testing::HasSubstr("lost"));
}

TEST(OffsetRule, NothingIsSkippedWhateverTheOrder) {
  check_holds({plain, plain});
  check_holds({plain, plain, plain});
  check_holds({plain, aborted, two_rows});
  check_holds({plain, two_statements, aborted});
  check_holds({two_rows, plain, prepared});
  check_holds({plain, prepared_aborted, prepared});
  check_holds({plain, savepoint, aborted});
}

TEST(OffsetRule, NothingIsSkippedWhenTheServerRestarts) {
  check_holds({plain, plain}, 1);
  check_holds({plain, aborted, prepared}, 1);
  check_holds({two_rows, prepared_aborted}, 2);
}

TEST(OffsetRule, WritersOfOneRowAreReadInTheOrderOfTheirCommits) {
  check_holds({same_row, same_row, plain});
  check_holds({same_row, same_row, same_row});
}

TEST(OffsetRule, GreaterThanTheLastLosesEvents) { check_loses<NaiveReader>({plain, plain}); }

TEST(OffsetRule, ALockTakenAfterTheSidLosesEvents) {
  check_loses<Real>({late, late});
  check_loses<Real>({plain, late});
}

TEST(OffsetRule, HoldersReadBeforeTheSequenceLoseEvents) {
  check_loses<Sequencer<Order::holders_first>>({plain, plain});
}

TEST(OffsetRule, ASequenceThatWasNeverCalledHasNoLastValue) {
  check_loses<Sequencer<Order::sequence_as_shown>>({plain, plain});
  EXPECT_EQ(drawn_up_to({.last_value = 1, .is_called = false}), 0);
  EXPECT_EQ(drawn_up_to({.last_value = 1, .is_called = true}), 1);
}

TEST(OffsetRule, AHolderThatComesBackIsNotWaitedForAgain) {
  Drain drain(7, {"3/1", "4/1"});
  EXPECT_FALSE(drain.safe());
  drain.update({"4/1", "5/1"});
  EXPECT_THAT(drain.waiting_for(), testing::ElementsAre("4/1"));
  drain.update({"3/1", "5/1"});
  EXPECT_EQ(drain.safe(), 7);
}

TEST(OffsetRule, ARestartedSequenceBeginsAnew) {
  DrainProgress progress;
  ASSERT_TRUE(progress.behind({.last_value = 9, .is_called = true}));
  progress.begin({});
  progress.drained(9);
  EXPECT_FALSE(progress.behind({.last_value = 9, .is_called = true}));
  EXPECT_TRUE(progress.behind({.last_value = 2, .is_called = true}));
  EXPECT_EQ(progress.floor(), 0);
}

}  // namespace
}  // namespace hansa::log
