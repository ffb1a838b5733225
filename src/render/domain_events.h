// What a domain publishes and reads, joined for documents about its events. Pure.
#pragma once

#include <vector>

#include "mesh/mesh.h"

namespace hansa::render {

// Pointers lead into the mesh and live as long as it does.
struct EventTopic {
  mesh::Topic topic;
  mesh::Object object;                               // the topic's fields are columns of it
  mesh::Domain const* domain = nullptr;              // who publishes it
  mesh::Contract const* contract = nullptr;          // nullptr: of dead letters
  mesh::Subscription const* dead_letters = nullptr;  // the port whose dead letters these are
  std::vector<mesh::Subscription const*> readers;    // ports of all domains
};

// A tombstone says that what has the key is gone: a record without a value.
[[nodiscard]] bool has_tombstones(mesh::Topic const& topic);

struct DomainEvents {
  std::vector<EventTopic> published;             // ordered by product, name
  std::vector<EventTopic> dead_letters;          // of its own ports, in their order
  std::vector<EventTopic> foreign;               // of other domains, that its ports read; each once
  std::vector<mesh::Subscription const*> ports;  // ordered by product, port
};

[[nodiscard]] DomainEvents domain_events(mesh::Mesh const& mesh, mesh::Domain const& domain);

// Whether there is anything to say: most domains of a young mesh have no events.
[[nodiscard]] bool has_events(mesh::Mesh const& mesh, mesh::Domain const& domain);

}  // namespace hansa::render
