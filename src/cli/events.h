// What the commands under `hansa events` share: their arguments, the mesh they look at, its
// databases. Blocking; confined to one thread.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/folder.h"
#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::cli {

struct EventsOptions {
  std::string folder = ".", environment = default_environment;
  bool json = false;
};

// Declares the folder, `--environment` and `--json`. The folder is `--mesh` everywhere, and where
// nothing else stands alone on the line (`free`) also a word by itself.
enum class FolderWord : std::uint8_t { free, taken };
void declare_events_options(CLI::App& app, EventsOptions& options, FolderWord word);

class EventsMesh {
 public:
  // Reads the folder and finds its databases. Throws Failure as load_mesh and places_of do.
  explicit EventsMesh(EventsOptions const& options);

  [[nodiscard]] mesh::Mesh const& mesh() const { return mesh_; }
  [[nodiscard]] std::vector<delivery::Place> const& places() const { return places_; }

  // A session for looking: kept, one a database. Throws Failure: database_unreachable, not_applied
  // where the database has no log.
  [[nodiscard]] postgres::Session& session(delivery::Place const& place);
  [[nodiscard]] postgres::Session& session(DomainName const& domain);
  // One more, of the caller's own.
  [[nodiscard]] postgres::Session open(DomainName const& domain);

  // "domain/port". Throws Failure(unknown_port) with the nearest there is.
  [[nodiscard]] mesh::Subscription const& port(std::string_view address) const;
  // The database of a topic: of the folder's, or one that only a database knows. Throws
  // Failure(unknown_topic) with the nearest there is.
  [[nodiscard]] postgres::Session& session_of_topic(std::string_view topic);
  // The domain whose database has a topic of the folder.
  [[nodiscard]] DomainName const& domain_of_topic(mesh::Subscription const& port) const;

 private:
  [[nodiscard]] delivery::Place const& place_of(DomainName const& domain) const;

  mesh::Mesh mesh_;
  std::vector<delivery::Place> places_;
  std::map<std::string, std::unique_ptr<postgres::Session>> sessions_;  // by conninfo
};

// The commands, each declared on `app`, the `hansa events` it belongs to.
void declare_events_list(CLI::App& app, Program const& program, Action& action);
void declare_events_tail(CLI::App& app, Program const& program, Action& action);
void declare_events_produce(CLI::App& app, Program const& program, Action& action);
void declare_events_lag(CLI::App& app, Program const& program, Action& action);
void declare_events_dlq(CLI::App& app, Program const& program, Action& action);
void declare_events_rebuild(CLI::App& app, Program const& program, Action& action);

}  // namespace hansa::cli
