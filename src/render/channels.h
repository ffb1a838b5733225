// Topics as AsyncAPI channels with their messages, and what a domain does with them as operations.
// Pure.
#pragma once

#include <string>

#include "json/value.h"
#include "render/domain_events.h"

namespace hansa::render {

// The channel of a topic, under the topic's name in `channels`. Its messages are `event` and, where
// there are any, `tombstone`.
[[nodiscard]] json::Value channel_of(EventTopic const& topic);

// "send-<topic>" for a topic the domain publishes, "receive-<product>-<port>" for a port: no two
// are alike, since names of products and ports have no hyphen and those of topics are the mesh's
// own.
[[nodiscard]] std::string send_name(mesh::Topic const& topic);
[[nodiscard]] std::string receive_name(mesh::Subscription const& port);

[[nodiscard]] json::Value send_operation(EventTopic const& topic);
// `topic`: what the port reads.
[[nodiscard]] json::Value receive_operation(mesh::Subscription const& port,
                                            mesh::Topic const& topic);

}  // namespace hansa::render
