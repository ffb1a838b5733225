// `hansa events tail`: the records of a topic, decoded, as lines.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "cli/events.h"
#include "cli/lines.h"
#include "cli/record_view.h"
#include "cli/tail_start.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

using events::Tail;
using events::TailStart;

constexpr std::chrono::milliseconds pause_min{10}, pause_max{200};

struct Options {
  EventsOptions events;
  std::string topic, from;
  std::optional<std::string> key;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> count;
  bool follow = false;
};

TailStart start_of(Options const& options) {
  if (!options.from.empty()) {
    auto start = parse_start(options.from, system_clock().now());
    if (!start) throw Failure(std::move(start).error());
    return *start;
  }
  TailStart start;
  if (options.count && !options.follow) start.value = *options.count;
  if (start.value > events::newest_max)
    throw Failure(Code::usage, fmt::format("the last {} records are too many at once", start.value),
                  fmt::format("at most {}; `--from` begins anywhere before", events::newest_max));
  return start;
}

class Reader {
 public:
  Reader(Options const& options, Program const& program)
      : options_(options), program_(program), colour_(colour_of(stdout)), lines_(stdout) {}

  int run() {
    EventsMesh of(options_.events);
    events::TailOptions how{.start = start_of(options_),
                            .partition = options_.partition,
                            .key = options_.key,
                            .stop = [this] { return interrupted(); }};
    Tail tail(of.session_of_topic(options_.topic), options_.topic, std::move(how));
    auto pause = pause_min;
    while (show(tail) && options_.follow && !interrupted()) {
      std::this_thread::sleep_for(pause);
      pause = seen_ ? pause_min : std::min(2 * pause, pause_max);
      seen_ = false;
      tail.refresh();
    }
    return 0;
  }

 private:
  bool interrupted() const { return program_.interrupted != nullptr && *program_.interrupted; }

  // All there is. False: enough was shown, or nobody reads.
  bool show(Tail& tail) {
    while (auto const record = tail.next()) {
      seen_ = true;
      if (!lines_.write(line_of(tail, *record))) return false;
      if (options_.count && ++shown_ >= *options_.count) return false;
    }
    return true;
  }

  std::string line_of(Tail& tail, events::OwnedRecord const& record) {
    RecordValue value;
    if (record.value)
      if (auto const decoded = tail.decode(record, *value); !decoded)
        value = std::unexpected(decoded.error());
    return options_.events.json ? record_json(options_.topic, record, value)
                                : record_line(record, value, colour_);
  }

  Options const& options_;
  Program const& program_;
  Colour colour_;
  Lines lines_;
  std::int64_t shown_ = 0;
  bool seen_ = false;
};

}  // namespace

void declare_events_tail(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("topic", options->topic, "its name, as `hansa events list` shows it")->required();
  declare_events_options(app, options->events, FolderWord::taken);
  app.add_option("--from", options->from,
                 "earliest, latest, an offset, a time (RFC 3339), or how long back: 15m, 2h, 3d; "
                 "default: the last 10 records, or --count");
  app.add_option("--partition", options->partition, "only this one")->check(CLI::NonNegativeNumber);
  app.add_option("--count", options->count, "end after so many records")
      ->check(CLI::PositiveNumber);
  app.add_option("--key", options->key, "only records of this key");
  app.add_flag("-f,--follow", options->follow, "wait for more, until Ctrl-C");
  app.footer(
      "A line a record: time, partition@offset, operation, key, value; partitions are merged by "
      "time.\n"
      "Examples:\n"
      "  hansa events tail orders-order_placed-v1 --mesh my-shop\n"
      "  hansa events tail products-product-v1 --from 2h --key 42\n"
      "  hansa events tail products-product-v1 --from 1000 --partition 2 --count 5 --json\n"
      "  hansa events tail orders-order_placed-v1 --follow --json | jq .value");
  app.callback([options, &action, &program] {
    action = [options, &program] { return Reader(*options, program).run(); };
  });
}

}  // namespace hansa::cli
