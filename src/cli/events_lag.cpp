// `hansa events lag`: how far input ports are, and which stand still. Exit 0 unless it cannot look.
#include <fmt/format.h>

#include "base/clock.h"
#include "cli/events.h"
#include "cli/ports_view.h"
#include "cli/terminal.h"
#include "events/log_source.h"

namespace hansa::cli {
namespace {

int lag(EventsOptions const& options) {
  EventsMesh of(options);
  std::vector<events::PortState> ports;
  for (mesh::Subscription const& port : of.mesh().subscriptions) {
    events::LogSource source(of.session(of.domain_of_topic(port)));
    ports.push_back(events::port_state(port, source, of.session(port.domain)));
  }
  if (options.json)
    fmt::print("{}\n", json::to_pretty_text(ports_json(ports)));
  else
    fmt::print("{}", ports_text(ports, system_clock().now(), colour_of(stdout)));
  return 0;
}

}  // namespace

void declare_events_lag(CLI::App& app, Program const&, Action& action) {
  auto options = std::make_shared<EventsOptions>();
  declare_events_options(app, *options, FolderWord::free);
  app.footer(
      "PLACE is the next offset the port applies, END the one the next event gets, LAG how many "
      "are\nbetween. A port that is HALTED met what is no event's fault; the reason is below the "
      "table.\n"
      "Example: hansa events lag my-shop");
  app.callback([options, &action] { action = [options] { return lag(*options); }; });
}

}  // namespace hansa::cli
