#include "api/access.h"

#include "api/routes.h"

namespace hansa::api {

namespace {

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// "http://localhost:8000" to "localhost:8000"; empty if it is no web origin.
std::string_view authority(std::string_view origin) {
  for (std::string_view const scheme : {"http://", "https://"}) {
    if (!origin.starts_with(scheme)) continue;
    auto const rest = origin.substr(scheme.size());
    return rest.substr(0, rest.find('/'));
  }
  return {};
}

bool is_own_host(std::string_view host, Context const& context) {
  return is_loopback_host(host) || (!host.empty() && host == authority(context.public_url));
}

// A page may write when it was served from this machine: by this server, or by another one the
// developer runs beside it.
bool may_write_from(std::string_view origin, Context const& context) {
  return is_own_host(authority(origin), context);
}

std::unexpected<Error> refused(std::string detail, std::string hint) {
  return failure(Code::writes_not_allowed, std::move(detail), std::move(hint));
}

constexpr std::string_view request_headers =
    "Accept, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, traceparent";
constexpr std::string_view exposed_headers =
    "Content-Range, ETag, Link, Location, Preference-Applied, Retry-After, Server-Timing, "
    "X-Request-Id, traceparent";

Writable writable(Context const& context) {
  return context.writes == Writes::refused ? Writable::no : Writable::yes;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  // A host's name has no case (RFC 3986 section 3.2.2).
  std::string name(without_port(host));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

Result<void> may_write(net::Request const& request, Context const& context) {
  if (context.writes == Writes::refused) {
    return refused("this server only reads: its environment is not `development`",
                   "until access control lands, write on your own machine with `hansa up`");
  }
  if (!request.peer_is_loopback || request.has_header("Forwarded") ||
      request.has_header("X-Forwarded-For")) {
    return refused("writing is accepted from this machine only",
                   "connect to 127.0.0.1 without a proxy between");
  }
  if (!is_own_host(request.header("Host"), context)) {
    return refused("the Host header names another machine", "use localhost or 127.0.0.1");
  }
  auto const has_origin = request.has_header("Origin");
  if (has_origin && !may_write_from(request.header("Origin"), context)) {
    return refused("a page of another site asked for this", "open the docs of this server");
  }
  if (!has_origin && request.header("Sec-Fetch-Site") == "cross-site") {
    return refused("a page of another site asked for this", "open the docs of this server");
  }
  return {};
}

net::Response options_answer(net::Request const& request, Resource resource,
                             Context const& context) {
  net::Response response;
  response.status = 204;
  response.set("Allow", allowed_methods(resource, writable(context)));
  auto const origin = request.header("Origin");
  if (origin.empty()) return response;
  response.set("Vary", "Origin, Access-Control-Request-Method");
  auto const writes = context.writes != Writes::refused && may_write_from(origin, context);
  response.set("Access-Control-Allow-Origin", writes ? std::string(origin) : "*");
  response.set("Access-Control-Allow-Methods",
               writes ? allowed_methods(resource, Writable::yes) : "GET, HEAD, OPTIONS");
  response.set("Access-Control-Allow-Headers", std::string(request_headers));
  response.set("Access-Control-Max-Age", "600");
  return response;
}

void allow_reading(net::Request const& request, Context const& context, net::Response& response) {
  auto const origin = request.header("Origin");
  if (origin.empty()) return;
  auto const reads = request.method == net::Method::get || request.method == net::Method::head;
  if (!reads && !may_write_from(origin, context)) return;
  response.set("Access-Control-Allow-Origin", reads ? "*" : std::string(origin));
  response.set("Access-Control-Expose-Headers", std::string(exposed_headers));
  response.set("Vary", "Accept, Origin");
}

}  // namespace hansa::api
