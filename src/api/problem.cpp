#include "api/problem.h"

#include <string>

#include "json/value.h"

namespace hansa::api {

namespace {

// A problem's strings come from anywhere, also from a path that is no UTF-8: what is not printable
// ASCII stands as `?`, for JSON must be UTF-8.
std::string printable(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  json::write_string(name, out);
  out.push_back(':');
  json::write_string(value, out);
  out.push_back(',');
}

std::string document(Error const& error, int status, std::string_view instance) {
  auto const& row = info(error.code);
  std::string out = "{";
  add(out, "type", "urn:hansa:error:" + std::string(row.name));
  add(out, "title", row.title);
  out += "\"status\":" + std::to_string(status) + ",";
  add(out, "detail", error.detail);
  add(out, "code", label(error.code));
  add(out, "hint", error.hint);
  add(out, "instance", printable(instance));
  if (!error.fields.empty()) {
    out += "\"errors\":[";
    for (auto const& field : error.fields) {
      out.push_back('{');
      add(out, "path", field.path);
      add(out, "message", field.message);
      if (out.back() == ',') out.pop_back();
      out += "},";
    }
    out.back() = ']';
    out.push_back(',');
  }
  out.back() = '}';
  return out;
}

net::Response response(Error const& error, int status, std::string_view instance) {
  net::Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/problem+json"});
  if (status == 503 || status == 429 || error.code == Code::not_arrived_yet)
    response.headers.push_back({"Retry-After", "1"});
  response.body = document(error, status, instance);
  return response;
}

Code code_of(int status) {
  switch (status) {
    case 408:
      return Code::request_timeout;
    case 413:
      return Code::body_too_large;
    case 414:
      return Code::uri_too_long;
    case 431:
      return Code::headers_too_large;
    case 503:
      return Code::overloaded;
    default:
      return Code::bad_request;
  }
}

}  // namespace

Reply problem(Error const& error, std::string_view instance) {
  return {.response = response(error, info(error.code).http_status, instance),
          .error = error.code,
          .cause = error.cause};
}

net::Response refusal(int status, std::string_view reason) {
  auto answer = response({.code = code_of(status), .detail = std::string(reason)}, status, {});
  answer.headers.push_back({"X-Content-Type-Options", "nosniff"});
  return answer;
}

}  // namespace hansa::api
