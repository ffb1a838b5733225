// The SQL that runs a reaction: a function of its domain, called with events as JSON. Pure.
//
// SECURITY DEFINER and owned by the domain's runtime role: inside such a function nobody changes
// the role (seen on PostgreSQL 15: `set role` and set_config('role', ...) are refused), so a
// reaction reaches what its domain reaches, whoever calls it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mesh/mesh.h"
#include "mesh/streams.h"
#include "plan/catalog.h"

namespace hansa::plan {

// "react_products_order_placed", in schema hansa; at most 63 bytes.
[[nodiscard]] std::string reaction_function_name(mesh::Subscription const& subscription);

// The SELECT that calls such a function with a batch as $1.
[[nodiscard]] std::string reaction_call(Address const& function);
[[nodiscard]] std::string reaction_call(mesh::Subscription const& subscription);

// The body, in plpgsql, of
//   function hansa.react_<domain>_<port>(hansa_batch json)
//   returns table (hansa_place integer, hansa_state text, hansa_reason text)
// hansa_batch is an array of objects, one an event, with at least the members that the reaction
// needs, and `_trace` where there is one. For a reaction of one event at a time each runs in a
// subtransaction of its own; one that fails by its own fault (SQLSTATE class 22, 23, P0001) is
// undone, handed to the rejected SQL if there is one, and returned with its place in the array,
// counted from 0. While it runs, `hansa.trace` is the event's, so that what it causes can be
// followed. For a batch the statement runs once; a fault of several events is the caller's, who
// finds the one by calling with fewer, and one event's is handled as above. `object`: the topic's,
// for types.
[[nodiscard]] std::string reaction_body(mesh::Subscription const& subscription,
                                        mesh::Object const& object);

// The tables a reaction writes, by the names they are stored under.
[[nodiscard]] std::vector<std::string> written_tables(mesh::Mesh const& mesh,
                                                      mesh::Subscription const& subscription);

// The function of a subscription, owned by the runtime role. With `beside`, a schema: the function
// stands there, and the tables it writes are those of that schema, whether its SQL names them with
// the domain's schema or without. So a projection is built beside the live one.
[[nodiscard]] Function reaction_function(mesh::Mesh const& mesh,
                                         mesh::Subscription const& subscription,
                                         std::string_view beside = {});
// Those of a domain.
[[nodiscard]] std::vector<Function> reactions_of(mesh::Mesh const& mesh, DomainName const& domain);

// `statement` with a first CTE `name as (definition)`; `statement` may begin with WITH itself.
[[nodiscard]] std::string with_relation(std::string_view statement, std::string_view name,
                                        std::string_view definition);

}  // namespace hansa::plan
