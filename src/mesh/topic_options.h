// What may be said of a topic in words: how long it keeps events, in how many partitions, in which
// format; and the defaults of mesh.yaml for topics that do not say. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "mesh/mesh.h"
#include "spec/contract.h"
#include "spec/mesh_file.h"

namespace hansa::mesh {

// How long events are kept.
struct Retention {
  std::optional<std::chrono::milliseconds> time;  // absent: for ever
};

// "7", "days"; "unlimited" needs no unit. Months are 30 days, years 365; at most 100 years. Error:
// invalid_value.
[[nodiscard]] Result<Retention> parse_retention(std::string_view value, std::string_view unit);

// Of topics that do not say otherwise.
struct TopicDefaults {
  std::uint32_t partitions = 1;
  Compatibility compatibility = Compatibility::full_transitive;
  EventFormat format = EventFormat::avro;
  std::optional<Cleanup> cleanup;  // of topics that are not of changes
  Retention retention;
};

[[nodiscard]] TopicDefaults resolve_topic_defaults(spec::TopicDefaults const& source,
                                                   Diagnostics& diagnostics);

// What a topic is made of: the object with its source, and the contract around both.
struct TopicSource {
  spec::Contract const& contract;
  spec::SchemaObject const& object;
};

// Fills partitions, format, cleanup, compatibility and retention; needs name, object, source and
// key. Errors: invalid_value, two_owners (two retentions), mismatch. Warning: not_enforced.
void resolve_topic_options(TopicSource const& source, TopicDefaults const& defaults, Topic& topic,
                           Diagnostics& diagnostics);

}  // namespace hansa::mesh
