#include "api/routes.h"

#include <array>

namespace hansa::api {

namespace {

using enum Resource;
using enum Effect;
using net::Method;

constexpr std::string_view json = "application/json";
constexpr std::string_view merge_patch = "application/merge-patch+json, application/json";

constexpr std::array table = {
    Route{collection, Method::get, reads, {}, &list_rows},
    Route{collection, Method::post, writes, json, &create_rows},
    Route{row, Method::get, reads, {}, &get_row},
    Route{row, Method::patch, writes, merge_patch, &patch_row},
    Route{row, Method::delete_, writes, {}, &remove_row},
    Route{index, Method::get, reads, {}, &show_index},
    Route{healthz, Method::get, reads, {}, &show_health},
    Route{readyz, Method::get, reads, {}, &show_readiness},
    Route{metrics, Method::get, reads, {}, &show_metrics},
    Route{asset, Method::get, reads, {}, &show_asset},
    Route{domain, Method::get, reads, {}, &show_domain},
    Route{events, Method::get, reads, {}, &show_events},
    Route{asyncapi, Method::get, reads, {}, &show_asyncapi},
    Route{version, Method::get, reads, {}, &show_version},
    Route{openapi, Method::get, reads, {}, &show_openapi},
    Route{docs, Method::get, reads, {}, &show_docs},
};

}  // namespace

std::span<Route const> routes() { return table; }

Route const* find_route(Resource resource, Method method) {
  if (method == Method::head) method = Method::get;
  for (auto const& route : table) {
    if (route.resource == resource && route.method == method) return &route;
  }
  return nullptr;
}

std::string allowed_methods(Resource resource, Writable writable) {
  std::string text;
  for (auto const& route : table) {
    if (route.resource != resource) continue;
    if (route.effect == writes && writable == Writable::no) continue;
    text += net::to_text(route.method);
    text += route.method == Method::get ? ", HEAD, " : ", ";
  }
  return text + "OPTIONS";
}

}  // namespace hansa::api
