// `hansa events`: the group, and what its commands share.
#include "cli/events.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/topics.h"

namespace hansa::cli {
namespace {

constexpr std::string_view looking =
    "set statement_timeout = '60s'; set lock_timeout = '10s'; "
    "set idle_in_transaction_session_timeout = '60s'";
constexpr std::string_view has_log = "select to_regclass('hansa.dead_letter_done') is not null";

void require_log(postgres::Session& session, std::string const& folder) {
  if (session.execute(has_log).value(0, 0) == "t") return;
  throw Failure(Code::not_applied, "the database has no topics: it is behind this program",
                fmt::format("`hansa apply {}` first", folder));
}

std::string hint_of(std::string_view word, std::vector<std::string> const& names,
                    std::string_view otherwise) {
  std::vector<std::string_view> const views(names.begin(), names.end());
  auto const near = nearest(word, views);
  return near.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", near);
}

}  // namespace

void declare_events_options(CLI::App& app, EventsOptions& options, FolderWord word) {
  app.add_option("-m,--mesh", options.folder, "the mesh's folder")->capture_default_str();
  if (word == FolderWord::free) app.add_option("folder", options.folder, "the same, by itself");
  app.add_option("-e,--environment", options.environment, "an environment of mesh.yaml")
      ->capture_default_str();
  app.add_flag("--json", options.json, "for programs");
}

EventsMesh::EventsMesh(EventsOptions const& options)
    : mesh_(load_mesh(options.folder)),
      places_(places_of(mesh_, environment_of(mesh_, options.environment))) {}

delivery::Place const& EventsMesh::place_of(DomainName const& domain) const {
  for (delivery::Place const& place : places_)
    if (std::ranges::find(place.domains, domain) != place.domains.end()) return place;
  throw Failure(Code::internal, fmt::format("domain {} has no database", domain.text()));
}

postgres::Session& EventsMesh::session(delivery::Place const& place) {
  auto& kept = sessions_[place.target.conninfo];
  if (!kept) {
    auto fresh = std::make_unique<postgres::Session>(postgres::Session::open(place.target));
    fresh->script(looking);
    require_log(*fresh, mesh_.folder);
    kept = std::move(fresh);
  }
  return *kept;
}

postgres::Session& EventsMesh::session(DomainName const& domain) {
  return session(place_of(domain));
}

postgres::Session EventsMesh::open(DomainName const& domain) {
  auto opened = postgres::Session::open(place_of(domain).target);
  require_log(opened, mesh_.folder);
  return opened;
}

mesh::Subscription const& EventsMesh::port(std::string_view address) const {
  if (auto const* const found = events::find_port(mesh_, address)) return *found;
  std::vector<std::string> addresses;
  for (mesh::Subscription const& port : mesh_.subscriptions)
    addresses.push_back(events::port_address(port));
  throw Failure(Code::unknown_port, fmt::format("there is no input port `{:.100}`", address),
                hint_of(address, addresses,
                        addresses.empty() ? "no product of this mesh has one"
                                          : fmt::format("a port is domain/port, for instance {}",
                                                        addresses.front())));
}

DomainName const& EventsMesh::domain_of_topic(mesh::Subscription const& port) const {
  auto const* const topic = mesh_.find_topic(port.topic);
  return topic == nullptr ? port.domain : topic->domain;
}

postgres::Session& EventsMesh::session_of_topic(std::string_view topic) {
  std::vector<std::string> names;
  for (mesh::Topic const& of : mesh_.topics) {
    if (of.name == topic) return session(of.domain);
    names.push_back(of.name);
  }
  for (mesh::Subscription const& port : mesh_.subscriptions) {
    if (port.dead_letters == topic) return session(port.domain);
    names.push_back(port.dead_letters);
  }
  for (delivery::Place const& place : places_) {
    auto const rows = session(place).execute("select name from hansa.topic");
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.value(row, 0) == topic) return session(place);
      names.emplace_back(rows.value(row, 0));
    }
  }
  throw Failure(Code::unknown_topic, fmt::format("there is no topic `{:.100}`", topic),
                hint_of(topic, names, "`hansa events list` shows those there are"));
}

void declare_events(CLI::App& app, Program const& program, Action& action) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  hansa events list my-shop\n"
      "  hansa events tail orders-order_placed-v1 --follow --mesh my-shop\n"
      "  hansa events produce orders-topic orders.ndjson --mesh my-shop\n"
      "  hansa events lag my-shop\n"
      "  hansa events dlq list --mesh my-shop");
  declare_events_list(*app.add_subcommand("list", "topics, what they hold, what waits for them"),
                      program, action);
  declare_events_tail(*app.add_subcommand("tail", "the records of a topic, decoded"), program,
                      action);
  declare_events_produce(*app.add_subcommand("produce", "records into a topic that clients write"),
                         program, action);
  declare_events_lag(*app.add_subcommand("lag", "how far input ports are, and which stand still"),
                     program, action);
  declare_events_dlq(*app.add_subcommand("dlq", "dead letters: events a reaction could not take"),
                     program, action);
  declare_events_rebuild(
      *app.add_subcommand("rebuild", "build a projection anew from the start of its topic"),
      program, action);
}

}  // namespace hansa::cli
