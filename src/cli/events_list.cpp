// `hansa events list`: topics, what they hold, what waits to come into them.
#include <fmt/format.h>

#include <algorithm>

#include "cli/events.h"
#include "cli/terminal.h"
#include "cli/topics_view.h"

namespace hansa::cli {
namespace {

int list(EventsOptions const& options) {
  EventsMesh of(options);
  std::vector<events::TopicState> topics;
  std::vector<events::PendingState> pending;
  for (delivery::Place const& place : of.places()) {
    auto& session = of.session(place);
    std::ranges::move(events::topic_states(of.mesh(), place.domains, session),
                      std::back_inserter(topics));
    std::ranges::move(events::pending_states(place.domains, session), std::back_inserter(pending));
  }
  if (options.json)
    fmt::print("{}\n", json::to_pretty_text(topics_json(topics, pending)));
  else
    fmt::print("{}", topics_text(topics, pending, colour_of(stdout)));
  return 0;
}

}  // namespace

void declare_events_list(CLI::App& app, Program const&, Action& action) {
  auto options = std::make_shared<EventsOptions>();
  declare_events_options(app, *options, FolderWord::free);
  app.footer("Example: hansa events list my-shop");
  app.callback([options, &action] { action = [options] { return list(*options); }; });
}

}  // namespace hansa::cli
