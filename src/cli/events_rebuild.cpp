// `hansa events rebuild`: a projection anew from the start of its topic, beside the live one.
#include <fmt/format.h>

#include <chrono>

#include "cli/events.h"
#include "cli/printable.h"
#include "cli/terminal.h"
#include "events/log_source.h"
#include "events/rebuild.h"
#include "events/topics.h"

namespace hansa::cli {
namespace {

using events::Rebuilt;

constexpr std::size_t dead_shown_max = 20;

struct Options {
  EventsOptions events;
  std::string port;
  bool partial = false;
};

// Shown once it takes longer than a glance, on terminals.
class Progress {
 public:
  explicit Progress(bool quiet) : shown_(!quiet && is_terminal(stderr)) {}
  ~Progress() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }
  Progress(Progress const&) = delete;
  Progress& operator=(Progress const&) = delete;

  void draw(std::uint64_t done, std::uint64_t total) {
    auto const now = std::chrono::steady_clock::now();
    if (!shown_ || now - begun_ < std::chrono::seconds(2)) return;
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    double const part = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
    fmt::print(stderr, "\r\x1b[K{:3.0f}%  {} of {} events", part * 100, with_commas(done),
               with_commas(total));
    std::fflush(stderr);
  }

 private:
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), last_{};
};

json::Value document(mesh::Subscription const& port, Rebuilt const& report) {
  auto const whole = [](std::uint64_t number) {
    return json::integer(static_cast<std::int64_t>(number));
  };
  json::Array tables, dead;
  for (events::TableChange const& table : report.tables)
    tables.push_back(json::object({{"table", json::text(table.table)},
                                   {"inserted", whole(table.inserted)},
                                   {"updated", whole(table.updated)},
                                   {"deleted", whole(table.deleted)}}));
  for (Rebuilt::Dead const& each : report.dead)
    dead.push_back(json::object({{"partition", json::integer(each.event.partition)},
                                 {"offset", json::integer(each.event.offset)},
                                 {"sqlstate", json::text(each.event.sqlstate)},
                                 {"reason", json::text(each.event.reason)},
                                 {"known", json::boolean(each.known)}}));
  return json::object({{"port", json::text(events::port_address(port))},
                       {"events", whole(report.events)},
                       {"missing", whole(report.missing)},
                       {"replayed", whole(report.replayed)},
                       {"tables", json::array(std::move(tables))},
                       {"dead", json::array(std::move(dead))}});
}

void print(mesh::Subscription const& port, Rebuilt const& report) {
  fmt::print("{} was rebuilt from {} event{}\n", events::port_address(port),
             with_commas(report.events), report.events == 1 ? "" : "s");
  for (events::TableChange const& table : report.tables)
    fmt::print("  {}: {} inserted, {} updated, {} deleted\n", table.table,
               with_commas(table.inserted), with_commas(table.updated), with_commas(table.deleted));
  if (report.missing > 0)
    fmt::print("  without {} events that retention had taken\n", with_commas(report.missing));
  if (report.replayed > 0)
    fmt::print("  {} of them at the end, as their dead letters had been replayed\n",
               with_commas(report.replayed));
  if (report.dead.empty()) return;
  fmt::print("  {} refused, as rules of the tables or the reaction will have it:\n",
             with_commas(report.dead.size()));
  for (std::size_t i = 0; i < std::min(report.dead.size(), dead_shown_max); ++i) {
    auto const& [event, known] = report.dead[i];
    fmt::print("    {} {}@{}: {} ({}){}\n", port.topic, event.partition, event.offset,
               printable(event.reason), printable(event.sqlstate),
               known ? "" : "; the live port had taken it");
  }
  if (report.dead.size() > dead_shown_max)
    fmt::print("    and {} more (--json tells all)\n", report.dead.size() - dead_shown_max);
}

int rebuild(Options const& options, Program const& program) {
  EventsMesh of(options.events);
  auto const& port = of.port(options.port);
  auto reading = of.open(of.domain_of_topic(port));
  auto session = of.open(port.domain);
  events::LogSource source(reading);
  Rebuilt report;
  {
    Progress progress(options.events.json);
    report = events::rebuild(
        of.mesh(), port, source, session,
        {.partial = options.partial,
         .progress = [&](std::uint64_t done, std::uint64_t total) { progress.draw(done, total); },
         .interrupted = program.interrupted});
  }
  if (options.events.json)
    fmt::print("{}\n", json::to_pretty_text(document(port, report)));
  else
    print(port, report);
  return 0;
}

}  // namespace

void declare_events_rebuild(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("port", options->port, "domain/port")->required();
  declare_events_options(app, options->events, FolderWord::taken);
  app.add_flag("--partial", options->partial,
               "build from what is left where retention took the topic's beginning");
  app.footer(
      "The live port goes on meanwhile. At the end its tables get the new contents in one "
      "transaction;\nonly rows that differ are written. After an error nothing has changed.\n"
      "Example: hansa events rebuild orders/product --mesh my-shop");
  app.callback([options, &action, &program] {
    action = [options, &program] { return rebuild(*options, program); };
  });
}

}  // namespace hansa::cli
