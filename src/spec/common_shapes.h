// Shapes that the two Bitol standards and our own files share.
#pragma once

#include "spec/shape.h"

namespace hansa::spec {

extern Shape const authoritative_definition_shape;
extern Shape const synonym_shape;
extern Shape const context_shape;
extern Shape const team_shape;  // a team; as a list, member_shape is each entry
extern Shape const member_shape;
extern Shape const support_shape;
extern Shape const role_shape;
extern Shape const open_description_shape;    // ODCS: other keys are allowed
extern Shape const closed_description_shape;  // ODPS

// customProperties entries, by whose they are.
extern Shape const custom_property_shape;

inline constexpr Verdict for_reading{Use::documented, "said to people; the catalog comes later"};
// Of what only a topic uses: true where a kafka port publishes the contract.
inline constexpr std::string_view topics_verdict = "topics of the contract";
inline constexpr std::string_view classification_verdict =
    "the word is checked; masks come with access control";
inline constexpr Verdict in_openapi{Use::served, "OpenAPI"};

}  // namespace hansa::spec
