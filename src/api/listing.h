// What is served, as documents a program or a person starts from. Pure.
#pragma once

#include <span>

#include "api/router.h"
#include "json/value.h"

namespace hansa::api {

// {"name", "path", "docs", "openapi", "tables": [...]} of one version.
[[nodiscard]] json::Value listing_of(Version const& version);
// {"name", "description", "team", "events", "asyncapi", "versions": [...]} of one domain.
[[nodiscard]] json::Value listing_of(mesh::Domain const& domain, std::span<Version const> versions);

}  // namespace hansa::api
