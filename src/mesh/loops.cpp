#include "mesh/loops.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

namespace hansa::mesh {

namespace {

// Whether rows written that way make events of the topic.
bool feeds(Writing const& writing, Topic const& topic) {
  if (topic.source == Topic::Source::changes) return true;
  Emission const& emission = *topic.emission;
  return (emission.on_insert && writing.inserts) || (emission.on_update && writing.updates) ||
         (emission.on_delete && writing.removes);
}

class Search {
 public:
  Search(Mesh const& mesh, std::vector<Effects> const& effects, Diagnostics& diagnostics)
      : effects_(effects), diagnostics_(diagnostics) {
    for (Effects const& each : effects) {
      fed_.push_back(fed_by(mesh, each));
      readers_[each.subscription->topic].push_back(fed_.size() - 1);
    }
  }

  void run() {
    for (std::size_t i = 0; i < effects_.size(); ++i) {
      Subscription const& port = *effects_[i].subscription;
      if (fed_[i].contains(port.topic)) {
        diagnostics_.error(
            Code::event_loop, port.where,
            fmt::format("the reaction of `{}` makes events of the topic it reads, `{}`", port.port,
                        port.topic),
            "it would run for ever: write another table, or read another topic");
      } else if (auto const way = way_back(i); !way.empty()) {
        diagnostics_.warning(
            Code::event_loop, port.where,
            fmt::format("events of `{}` may lead back to it, by {}", port.topic, way),
            "see that a condition in one of the reactions ends it");
      }
    }
  }

 private:
  static std::set<std::string> fed_by(Mesh const& mesh, Effects const& effects) {
    std::set<std::string> fed;
    for (Writing const& writing : effects.writings) {
      for (Topic const* topic : mesh.topics_of_table(effects.subscription->domain, writing.table)) {
        if (feeds(writing, *topic)) fed.insert(topic->name);
      }
    }
    return fed;
  }

  // The topics between, in order, of the shortest way; empty if none leads back.
  [[nodiscard]] std::string way_back(std::size_t from) const {
    std::map<std::string, std::string> before;  // topic, and the one that led to it
    std::vector<std::string> next;
    auto const reach = [&](std::size_t port, std::string const& by) {
      for (std::string const& fed : fed_[port]) {
        if (before.emplace(fed, by).second) next.push_back(fed);
      }
    };
    reach(from, "");
    std::string const& goal = effects_[from].subscription->topic;
    for (std::size_t at = 0; at < next.size() && !before.contains(goal); ++at) {
      std::string const topic = next[at];
      auto const readers = readers_.find(topic);
      if (readers == readers_.end()) continue;
      for (std::size_t const port : readers->second) reach(port, topic);
    }
    if (!before.contains(goal)) return {};
    std::string way;
    for (std::string topic = before.at(goal); !topic.empty(); topic = before.at(topic)) {
      way = fmt::format("`{}`{}{}", topic, way.empty() ? "" : ", ", way);
    }
    return way;
  }

  std::vector<Effects> const& effects_;
  Diagnostics& diagnostics_;
  std::vector<std::set<std::string>> fed_;  // by the number of the subscription
  std::map<std::string, std::vector<std::size_t>> readers_;
};

}  // namespace

void check_loops(Mesh const& mesh, std::vector<Effects> const& effects, Diagnostics& diagnostics) {
  Search(mesh, effects, diagnostics).run();
}

}  // namespace hansa::mesh
