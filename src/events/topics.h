// Topics as the log carries them: those that contracts declare, and the dead letters of input
// ports. Pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "log/domain_log.h"
#include "mesh/mesh.h"

namespace hansa::events {

// What a pending row of a dead letter is appended under: "<port>_dead".
[[nodiscard]] std::string dead_letter_stream(mesh::Subscription const& subscription);

// The topic of a port's dead letters, in JSON: what dead_letter_json() says.
[[nodiscard]] log::SequencedTopic dead_letter_topic(mesh::Subscription const& subscription);

// All topics whose events come out of the pending tables of `domains`.
[[nodiscard]] std::vector<log::SequencedTopic> sequenced_topics(
    mesh::Mesh const& mesh, std::span<DomainName const> domains);

// The subscription "<domain>/<port>" names; nullptr: there is none.
[[nodiscard]] mesh::Subscription const* find_port(mesh::Mesh const& mesh, std::string_view address);
[[nodiscard]] std::string port_address(mesh::Subscription const& subscription);

}  // namespace hansa::events
