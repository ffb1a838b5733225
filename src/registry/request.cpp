#include "registry/request.h"

#include <algorithm>
#include <charconv>

namespace hansa::registry {
namespace {

std::unexpected<RegistryError> unprocessable(std::string message) {
  return std::unexpected(registry_error(422, std::move(message)));
}

std::optional<std::int32_t> number_of(json::Value const* value) {
  if (value == nullptr || value->as_number() == nullptr) return std::nullopt;
  auto const& digits = value->as_number()->digits;
  std::int32_t number = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Answer<json::Value> parse_body(std::string const& body) {
  auto parsed = json::parse(body);
  if (!parsed) return unprocessable("the body is no JSON: " + parsed.error().detail);
  if (parsed->as_object() == nullptr) return unprocessable("the body is no JSON object");
  return *std::move(parsed);
}

}  // namespace

bool ApiRequest::flag(std::string_view name) const {
  auto const value = text(name);
  return value == "true" || value == "True" || value == "TRUE";
}

std::string ApiRequest::text(std::string_view name) const {
  for (auto const& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

std::int64_t ApiRequest::number(std::string_view name, std::int64_t otherwise) const {
  auto const value = text(name);
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() && !value.empty() ? number
                                                                                      : otherwise;
}

std::optional<ApiRequest> take_apart(net::Request const& request, std::string_view prefix) {
  auto path = request.path();
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  ApiRequest out{.method = request.method, .body = request.body};
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    auto const end = std::min(path.find('/'), path.size());
    auto part = net::percent_decode(path.substr(0, end), net::Plus::literal);
    if (!part) return std::nullopt;
    if (!part->empty()) out.path.push_back(*std::move(part));
    path.remove_prefix(end);
  }
  auto parameters = net::parse_query(request.query());
  if (!parameters) return std::nullopt;
  out.parameters = *std::move(parameters);
  return out;
}

Answer<SchemaBody> parse_schema_body(std::string const& body) {
  auto const document = parse_body(body);
  if (!document) return std::unexpected(document.error());
  SchemaBody out;
  auto const* const schema = document->find("schema");
  if (schema == nullptr || schema->as_string() == nullptr)
    return unprocessable("`schema` is the text of a schema, as a string");
  out.schema.text = *schema->as_string();
  if (auto const* const type = document->find("schemaType"); type != nullptr && !type->is_null()) {
    auto const known = type->as_string() != nullptr ? parse_type(*type->as_string()) : std::nullopt;
    if (!known)
      return std::unexpected(
          registry_error(422, "Invalid schema type; AVRO and JSON are taken here"));
    out.schema.type = *known;
  }
  if (auto const* const list = document->find("references"); list != nullptr && !list->is_null()) {
    auto references = parse_references(*list);
    if (!references) return std::unexpected(references.error());
    out.schema.references = *std::move(references);
  }
  out.id = number_of(document->find("id"));
  out.version = number_of(document->find("version"));
  if (out.id && *out.id <= 0) out.id.reset();
  if (out.version && *out.version <= 0) out.version.reset();
  return out;
}

Answer<std::string> parse_word(std::string const& body, std::string_view member) {
  auto const document = parse_body(body);
  if (!document) return std::unexpected(document.error());
  auto const* const value = document->find(member);
  if (value == nullptr || value->as_string() == nullptr)
    return unprocessable("the body has a member `" + std::string(member) + "`, a word");
  return *value->as_string();
}

net::Response answer(json::Value const& body) {
  net::Response response;
  response.set("Content-Type", std::string(media_type));
  response.body = json::to_text(body);
  return response;
}

net::Response answer(RegistryError const& error) {
  auto response = answer(json::object(
      {{"error_code", json::integer(error.code)}, {"message", json::text(error.message)}}));
  response.status = error.status;
  return response;
}

json::Object schema_members(Given const& schema) {
  json::Object out;
  if (schema.type != SchemaType::avro)
    out.emplace_back("schemaType", json::text(to_text(schema.type)));
  if (!schema.references.empty())
    out.emplace_back("references", references_json(schema.references));
  out.emplace_back("schema", json::text(schema.text));
  return out;
}

json::Value version_json(Version const& version) {
  json::Object out{{"subject", json::text(version.subject)},
                   {"version", json::integer(version.version)},
                   {"id", json::integer(version.id)}};
  for (auto& each : schema_members(version.schema)) out.push_back(std::move(each));
  return json::object(std::move(out));
}

json::Value words_json(std::vector<std::string> const& words) {
  json::Array out;
  for (auto const& each : words) out.push_back(json::text(each));
  return json::array(std::move(out));
}

json::Value numbers_json(std::vector<std::int32_t> const& numbers) {
  json::Array out;
  for (auto const each : numbers) out.push_back(json::integer(each));
  return json::array(std::move(out));
}

}  // namespace hansa::registry
