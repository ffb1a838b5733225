#include "api/exchange.h"

#include <array>
#include <utility>

#include "api/negotiate.h"
#include "api/problem.h"

namespace hansa::api {

namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view ndjson = "application/x-ndjson";
constexpr std::string_view problem_json = "application/problem+json";

Result<product::Parameters> parameters(net::Request const& request) {
  auto const query = request.query();
  if (query.empty()) return product::Parameters{};
  auto parsed = net::parse_query(query);
  if (!parsed) {
    return failure(Code::invalid_parameter, "the query does not decode to UTF-8 without NUL",
                   "percent-encode it as UTF-8");
  }
  return *std::move(parsed);
}

std::vector<std::string> all_preferences(net::Request const& request) {
  auto const prefer = request.header("Prefer");
  if (prefer.empty()) return {};
  return preferences(prefer);
}

Result<product::Format> format_of(net::Request const& request, Resource resource) {
  static constexpr std::array both = {json, ndjson};
  static constexpr std::array one = {json, problem_json};
  auto const accept = request.header("Accept");
  auto const type = resource == Resource::collection && request.method != net::Method::post
                        ? preferred_type(accept, both)
                        : preferred_type(accept, one);
  if (!type) {
    return failure(Code::not_acceptable, "nothing that Accept allows can be made of this",
                   resource == Resource::collection
                       ? "ask for application/json or application/x-ndjson"
                       : "ask for application/json");
  }
  return *type == ndjson ? product::Format::ndjson : product::Format::json;
}

bool is_idempotency_key(std::string_view key) {
  if (key.empty() || key.size() > 255) return false;
  for (char const c : key) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace

Result<product::ReadRequest> read_request(Call& call) {
  auto const& request = call.request;
  HANSA_TRY(auto const format, format_of(request, call.match.resource));
  HANSA_TRY(auto decoded, parameters(request));
  return product::ReadRequest{.parameters = std::move(decoded),
                              .prefer = all_preferences(request),
                              .format = format,
                              .if_none_match = std::string(request.header("If-None-Match")),
                              .path = std::string(request.path())};
}

Result<product::WriteRequest> write_request(Call& call) {
  auto& request = call.request;
  HANSA_TRY(auto const format, format_of(request, call.match.resource));
  static_cast<void>(format);
  HANSA_TRY(auto decoded, parameters(request));
  auto const key = request.header("Idempotency-Key");
  if (request.has_header("Idempotency-Key") && !is_idempotency_key(key)) {
    return failure(Code::bad_request, "Idempotency-Key is not 1 to 255 printable ASCII characters");
  }
  if (request.has_header("If-Match") && request.header("If-Match").empty()) {
    return failure(Code::bad_request, "If-Match names no entity tag",
                   "leave the header out to write whatever the row's state is");
  }
  return product::WriteRequest{.parameters = std::move(decoded),
                               .body = std::move(request.body),
                               .prefer = all_preferences(request),
                               .if_match = std::string(request.header("If-Match")),
                               .idempotency_key = std::string(key),
                               .path = std::string(request.path()),
                               .trace = to_text(call.trace),
                               .actor = "rest"};
}

Result<std::string> row_key(Call const& call) {
  auto key = net::percent_decode(call.match.rest, net::Plus::literal);
  if (!key) {
    return failure(Code::invalid_parameter, "the key does not decode to UTF-8 without NUL",
                   "percent-encode it as UTF-8");
  }
  return *std::move(key);
}

Reply reply_of(Result<product::Answer> answer, Call const& call) {
  if (!answer) return problem(answer.error(), call.request.path());
  Reply reply{.response = {}, .rows = answer->rows, .database = answer->database};
  auto& response = reply.response;
  response.status = answer->status;
  response.headers.reserve(answer->headers.size() + 8);
  for (auto& [name, value] : answer->headers) {
    response.headers.push_back({std::move(name), std::move(value)});
  }
  if (!answer->content_type.empty()) {
    response.headers.push_back({"Content-Type", std::move(answer->content_type)});
  }
  response.body = std::move(answer->body);
  response.stream = std::move(answer->stream);
  return reply;
}

Reply text_reply(std::string_view content_type, std::string body) {
  Reply reply;
  reply.response.headers.push_back({"Content-Type", std::string(content_type)});
  reply.response.body = std::move(body);
  return reply;
}

Reply tagged_reply(Call const& call, std::string_view content_type, std::string_view body,
                   std::string const& tag) {
  Reply reply;
  reply.response.headers.push_back({"ETag", tag});
  auto const known = call.request.header("If-None-Match");
  if (known == "*" || known.contains(tag)) {
    reply.response.status = 304;
    return reply;
  }
  reply.response.headers.push_back({"Content-Type", std::string(content_type)});
  reply.response.body = body;
  return reply;
}

}  // namespace hansa::api
