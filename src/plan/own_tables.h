// Hansa's own tables of one domain, in schema `hansa`: they are planned, compared and granted like
// any other, because roles of the domain, and no other domain's, may use them.
#pragma once

#include <string>
#include <vector>

#include "plan/catalog.h"

namespace hansa::plan {

inline constexpr std::string_view own_schema = "hansa";
inline constexpr auto own_reason = "Hansa keeps this for every domain";

// idempotency_<domain>: answers to requests with an Idempotency-Key, kept for repetition.
// load_<domain>: how far each file was loaded, so that a killed load goes on behind its last chunk.
// pending_<domain>: events of transactions, until the sequencer moves them to their topics; only
// the emission role may append.
[[nodiscard]] std::vector<Table> own_tables(DomainName const& domain,
                                            std::string const& runtime_role,
                                            std::string const& emission_role);

}  // namespace hansa::plan
