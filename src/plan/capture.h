// What a domain publishes: its topics, and the functions and triggers that feed them from its
// tables. Pure: mesh in, catalogue out.
#pragma once

#include <map>
#include <vector>

#include "base/result.h"
#include "mesh/mesh.h"
#include "plan/catalog.h"

namespace hansa::plan {

// Rows of hansa.topic the domain asks for: of every topic it publishes, and of the dead letters of
// its subscriptions, which have one partition and are kept until they are dropped.
[[nodiscard]] std::vector<Topic> topics_of(mesh::Mesh const& mesh, DomainName const& domain);

struct Capture {
  std::vector<Function> functions;
  std::map<Address, std::vector<Trigger>> triggers;  // by table
  // not_supported_yet: majors of one object that one row cannot feed.
  std::vector<Error> refusals;
};

// Nothing for a domain that publishes neither changes nor emissions.
[[nodiscard]] Capture capture_of(mesh::Mesh const& mesh, mesh::Domain const& domain);

}  // namespace hansa::plan
