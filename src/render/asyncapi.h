// AsyncAPI 3.0 of one domain: what it publishes and what its ports read, over all its majors. A
// pure function of the mesh.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mesh/mesh.h"

namespace hansa::render {

struct KafkaServer {
  std::string name;                // [A-Za-z0-9_-]+, what the document calls it
  std::string host;                // "localhost:9092"
  std::string protocol = "kafka";  // or "kafka-secure"
};

struct AsyncApiOptions {
  std::vector<KafkaServer> servers;  // empty: the document names none
  std::string_view page_url;         // of the page for people; empty: not named
};

// The document as indented JSON; valid for a domain without events too. A channel for each topic,
// dead letters of its ports and topics of others that these read included; a `send` operation for
// what it publishes, a `receive` operation for each port; the schema of every topic as JSON Schema
// under its name, and beside it as Avro where that is what is on the wire.
[[nodiscard]] std::string asyncapi(mesh::Mesh const& mesh, mesh::Domain const& domain,
                                   AsyncApiOptions const& options);

}  // namespace hansa::render
