// `hansa load`: a file into a data product's table, with a progress bar and a reject file.
#include "delivery/load.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <filesystem>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

struct Options {
  std::string table, file, folder = ".", environment = default_environment, reject;
  bool atomic = false, restart = false, no_events = false, json = false;
};

mesh::Served find_table(mesh::Mesh const& mesh, std::string_view address) {
  std::vector<std::string> addresses;
  for (mesh::Served const& served : mesh.served()) {
    auto const own = fmt::format("{}/v{}/{}", served.domain->name.text(),
                                 number(served.contract->major), served.object->name.text());
    if (own == address) return served;
    addresses.push_back(own);
  }
  std::vector<std::string_view> const views(addresses.begin(), addresses.end());
  auto const near = nearest(address, views);
  throw Failure(Code::unknown_object, fmt::format("no data product at `{}`", address),
                near.empty() ? fmt::format("give domain/version/object, for instance {}",
                                           addresses.empty() ? "products/v1/product" : addresses[0])
                             : fmt::format("did you mean {}?", near));
}

class Bar {
 public:
  explicit Bar(bool quiet) : shown_(!quiet && is_terminal(stderr)) {}
  ~Bar() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }

  void draw(delivery::LoadProgress const& progress) {
    auto const now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    double const part = progress.bytes_total == 0 ? 1.0
                                                  : static_cast<double>(progress.bytes_done) /
                                                        static_cast<double>(progress.bytes_total);
    auto const filled = static_cast<std::size_t>(part * width);
    double const seconds = std::chrono::duration<double>(now - started_).count();
    fmt::print(stderr, "\r\x1b[K[{}{}] {:3.0f}%  {} rows  {} rows/s{}", std::string(filled, '#'),
               std::string(width - filled, '.'), part * 100, with_commas(progress.rows_loaded),
               with_commas(
                   static_cast<std::uint64_t>(static_cast<double>(progress.rows_loaded) / seconds)),
               progress.lines_rejected == 0
                   ? ""
                   : fmt::format("  {} rejected", with_commas(progress.lines_rejected)));
    std::fflush(stderr);
  }

 private:
  static constexpr std::size_t width = 30;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now(), last_{};
};

json::Value document(delivery::LoadReport const& report) {
  auto const whole = [](std::uint64_t number) {
    return json::integer(static_cast<std::int64_t>(number));
  };
  return json::object({{"rows_loaded", whole(report.rows_loaded)},
                       {"rows_loaded_before", whole(report.rows_loaded_before)},
                       {"lines_rejected", whole(report.lines_rejected)},
                       {"reject_file", json::text(report.reject_file.string())},
                       {"finished", json::boolean(report.finished)},
                       {"already_loaded", json::boolean(report.already_loaded)},
                       {"no_events", json::boolean(report.no_events)}});
}

void print(delivery::LoadReport const& report, Options const& options) {
  if (report.already_loaded) {
    fmt::print("{} was loaded into {} before; nothing to do (--restart loads it again)\n",
               options.file, options.table);
    return;
  }
  if (report.rows_loaded_before > 0)
    fmt::print("went on where an earlier run of this file stopped, after {} rows\n",
               with_commas(report.rows_loaded_before));
  fmt::print("{} row{} loaded into {}{}\n", with_commas(report.rows_loaded),
             report.rows_loaded == 1 ? "" : "s", options.table,
             report.no_events ? ", without events" : "");
  if (report.lines_rejected > 0)
    fmt::print("{} line{} rejected{}: see {}\n", with_commas(report.lines_rejected),
               report.lines_rejected == 1 ? "" : "s",
               options.atomic ? ", so nothing was loaded" : "", report.reject_file.string());
  if (!report.finished) fmt::print("interrupted: run the same command again to go on\n");
}

// A contract ahead of its database is the likeliest reason for a table or column that is not there.
delivery::LoadReport load_applied(mesh::Mesh const& mesh, mesh::Served const& table,
                                  delivery::Place const& place, Options const& options,
                                  delivery::LoadOptions const& how) {
  try {
    return delivery::load(mesh, table, place.target, options.file, how);
  } catch (postgres::SqlError const& error) {
    bool const absent = error.sqlstate() == "42703" || error.sqlstate() == "42P01";
    if (!absent) throw;
    throw Failure(
        Code::load_failed, error.details().message,
        fmt::format("the database is behind the contract: `hansa apply {}` first", options.folder));
  }
}

int load(Options const& options, Program const& program) {
  auto const mesh = load_mesh(options.folder);
  auto const& environment = environment_of(mesh, options.environment);
  auto const table = find_table(mesh, options.table);
  Bar bar(options.json);
  delivery::LoadOptions how;
  how.atomic = options.atomic;
  how.restart = options.restart;
  how.no_events = options.no_events;
  how.reject_file = options.reject;
  how.interrupted = program.interrupted;
  how.progress = [&bar](delivery::LoadProgress const& progress) { bar.draw(progress); };
  for (delivery::Place const& place : places_of(mesh, environment)) {
    if (std::ranges::find(place.domains, table.domain->name) == place.domains.end()) continue;
    auto const report = load_applied(mesh, table, place, options, how);
    if (options.json)
      fmt::print("{}\n", json::to_pretty_text(document(report)));
    else
      print(report, options);
    if (!report.finished) return info(Code::interrupted).exit_status;
    bool const partly = report.lines_rejected > 0 && !report.already_loaded;
    return partly ? info(Code::rejected_lines).exit_status : 0;
  }
  throw Failure(Code::internal, "the table's domain has no database");
}

}  // namespace

void declare_load(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("product", options->table, "where to: domain/version/object, as in the URL")
      ->required();
  app.add_option("file", options->file, "a .csv or .ndjson file")->required();
  app.add_option("-m,--mesh", options->folder, "the mesh's folder")->capture_default_str();
  app.add_option("-e,--environment", options->environment, "an environment of mesh.yaml")
      ->capture_default_str();
  app.add_option("--reject", options->reject, "where rejected lines go (default: FILE.rejected)");
  app.add_flag("--atomic", options->atomic, "load the whole file or nothing");
  app.add_flag("--restart", options->restart,
               "load this file again from its first line, whatever was loaded of it before");
  app.add_flag("--no-events", options->no_events,
               "load history: its rows make no events, so nobody reacts to them");
  app.add_flag("--json", options->json, "the report as JSON; no progress bar");
  app.callback([options, &action, &program] {
    action = [options, &program] { return load(*options, program); };
  });
}

}  // namespace hansa::cli
