#include "render/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "mesh/projections.h"
#include "render/parameters.h"
#include "render/words.h"

namespace hansa::render {

namespace {

constexpr std::string_view json_type = "application/json";

json::Value schema(mesh::Served const& served, std::string_view suffix = "") {
  return reference("schemas", schema_name(served.object->name.text()) + std::string(suffix));
}

// A whole row, or the part of it that `select` asked for.
json::Value row_schema(mesh::Served const& served) {
  return json::object({{"anyOf", json::array({schema(served), schema(served, "Selection")})}});
}

json::Value array_of(json::Value items) {
  return json::object({{"type", json::text("array")}, {"items", std::move(items)}});
}

json::Value media(json::Value schema, std::optional<json::Value> example = std::nullopt) {
  json::Object members{{"schema", std::move(schema)}};
  if (example) members.emplace_back("example", *std::move(example));
  return json::object(std::move(members));
}

json::Value headers(std::initializer_list<std::string_view> names) {
  json::Object members;
  for (auto const name : names) members.emplace_back(name, reference("headers", name));
  return json::object(std::move(members));
}

void add_parameters(json::Array& parameters, std::initializer_list<std::string_view> names) {
  for (auto const name : names) parameters.push_back(reference("parameters", name));
}

json::Value response(std::string_view description,
                     std::initializer_list<std::string_view> header_names,
                     std::optional<json::Object> content = std::nullopt) {
  json::Object members{{"description", json::text(description)},
                       {"headers", headers(header_names)}};
  if (content) members.emplace_back("content", json::object(*std::move(content)));
  return json::object(std::move(members));
}

void add_problems(json::Object& responses, std::initializer_list<int> statuses) {
  for (auto const status : statuses) {
    responses.emplace_back(std::to_string(status),
                           reference("responses", fmt::format("Problem{}", status)));
  }
  responses.emplace_back("default", reference("responses", "Problem"));
}

// Where rows pointed to come by events, a 409 may pass by itself, and says so.
void describe_arrivals(json::Object& responses, mesh::Mesh const& mesh,
                       mesh::Served const& served) {
  std::string arrivals;
  for (mesh::Column const& column : served.object->columns) {
    auto const* const topic = announcing_topic(mesh, column);
    if (topic == nullptr) continue;
    arrivals += fmt::format(
        "\n\n`not-arrived-yet`: `{}` names a row that domain `{}` announces in topic `{}` and "
        "that has not arrived here; come again after `Retry-After`.",
        column.name.text(), topic->domain.text(), topic->name);
  }
  if (arrivals.empty()) return;
  auto const conflict =
      std::ranges::find(responses, "409", [](auto const& response) { return response.first; });
  auto const problem = json::object({{"schema", reference("schemas", "Problem")}});
  conflict->second = json::object(
      {{"description", json::text(fmt::format("{}{}", conflict_description, arrivals))},
       {"headers", headers({"Retry-After"})},
       {"content", json::object({{"application/problem+json", problem}})}});
}

json::Object operation(mesh::Served const& served, std::string_view verb,
                       std::string_view summary) {
  auto const& contract = *served.contract;
  json::Object members{{"operationId", json::text(fmt::format(
                                           "{}{}", verb, schema_name(served.object->name.text())))},
                       {"tags", json::array({json::text(served.object->name.text())})},
                       {"summary", json::text(summary)},
                       {"x-hansa", json::object({{"domain", json::text(contract.domain.text())},
                                                 {"product", json::text(contract.product.text())},
                                                 {"contract", json::text(contract.id.text())},
                                                 {"version", json::text(contract.version)},
                                                 {"status", json::text(contract.status)}})}};
  if (contract.status == "deprecated") members.emplace_back("deprecated", json::boolean(true));
  return members;
}

json::Value finished(json::Object operation, json::Array parameters, json::Object responses) {
  operation.emplace_back("parameters", json::array(std::move(parameters)));
  operation.emplace_back("responses", json::object(std::move(responses)));
  return json::object(std::move(operation));
}

struct ConditionalHeader {
  std::string_view name;
  std::string_view description;
};
constexpr ConditionalHeader if_match = {
    "If-Match", "An ETag: 412 where the row has changed since. `*` matches any row."};
constexpr ConditionalHeader idempotency_key = {
    "Idempotency-Key",
    "1 to 255 printable characters, a UUID at best. Asked again with the same key and body, the "
    "first answer is given again and nothing is made twice; with another body it is 422."};

// Which value of these is right depends on what was answered before, which no schema can say: they
// are described, and named for programs in `x-hansa-headers`, but are no parameters with a schema.
void describe(json::Object& members, std::string text, ConditionalHeader const& header) {
  text += fmt::format("\n\nHeader `{}`, optional: {}", header.name, header.description);
  members.emplace_back("description", json::text(text));
  members.emplace_back(
      "x-hansa-headers",
      json::array({json::object(
          {{"name", json::text(header.name)}, {"description", json::text(header.description)}})}));
}

json::Value body(json::Object content) {
  return json::object(
      {{"required", json::boolean(true)}, {"content", json::object(std::move(content))}});
}

json::Value list_operation(mesh::Served const& served) {
  auto members = operation(served, "list", fmt::format("List {}", served.object->name.text()));
  members.emplace_back(
      "description", json::text("A page of rows in the order of the key, or of `order`. Follow "
                                "`Link: rel=\"next\"` for the rest: it holds a signed `cursor` for "
                                "the place where this page ended. With `Accept: "
                                "application/x-ndjson` every row is streamed, one on a line."));
  auto parameters = list_parameters(*served.object);
  add_parameters(parameters, {"PreferCount", "IfNoneMatch"});
  auto const example =
      json::array({example_row(*served.object, 0), example_row(*served.object, 1)});
  json::Object content{
      {std::string(json_type), media(array_of(row_schema(served)), example)},
      {"application/x-ndjson",
       media(json::object({{"type", json::text("string")},
                           {"description", json::text("One row on each line.")}}))}};
  json::Object responses{
      {"200", response("Rows.", {"ETag", "Link", "Content-Range", "Preference-Applied"},
                       std::move(content))},
      {"304", response("Nothing has changed since that ETag.", {"ETag"})}};
  add_problems(responses, {400, 406, 414, 422, 431, 500, 503, 504});
  return finished(std::move(members), std::move(parameters), std::move(responses));
}

json::Value create_operation(mesh::Mesh const& mesh, mesh::Served const& served) {
  auto members = operation(served, "create", fmt::format("Create {}", served.object->name.text()));
  describe(members, "One row, or an array of rows of which all or none are made.", idempotency_key);
  json::Array parameters{select_parameter(*served.object)};
  add_parameters(parameters, {"PreferReturn"});
  auto many = array_of(schema(served, "Create"));
  auto& limits = std::get<json::Object>(many.data);
  limits.emplace_back("minItems", json::integer(1));
  limits.emplace_back("maxItems", json::integer(1000));
  auto const one_or_many =
      json::object({{"oneOf", json::array({schema(served, "Create"), std::move(many)})}});
  members.emplace_back("requestBody", body({{std::string(json_type), media(one_or_many)}}));
  auto const made = json::object(
      {{"anyOf",
        json::array({schema(served), schema(served, "Selection"), array_of(row_schema(served))})}});
  json::Object responses{{"201", response("Made. One row: with its address and ETag.",
                                          {"Location", "ETag", "Preference-Applied"},
                                          json::Object{{std::string(json_type), media(made)}})}};
  add_problems(responses, {400, 403, 406, 409, 413, 415, 422, 431, 500, 503, 504, 507});
  describe_arrivals(responses, mesh, served);
  return finished(std::move(members), std::move(parameters), std::move(responses));
}

json::Value get_operation(mesh::Served const& served) {
  auto members = operation(served, "get", fmt::format("Get one {}", served.object->name.text()));
  json::Array parameters{select_parameter(*served.object)};
  add_parameters(parameters, {"IfNoneMatch"});
  json::Object responses{
      {"200", response("The row.", {"ETag"},
                       json::Object{{std::string(json_type),
                                     media(row_schema(served), example_row(*served.object, 0))}})},
      {"304", response("The row has not changed since that ETag.", {"ETag"})}};
  add_problems(responses, {400, 404, 406, 414, 431, 500, 503, 504});
  return finished(std::move(members), std::move(parameters), std::move(responses));
}

json::Value patch_operation(mesh::Mesh const& mesh, mesh::Served const& served) {
  auto members =
      operation(served, "patch", fmt::format("Change one {}", served.object->name.text()));
  describe(members, "A JSON merge patch (RFC 7396) of the row.", if_match);
  json::Array parameters{select_parameter(*served.object)};
  add_parameters(parameters, {"PreferReturn"});
  members.emplace_back("requestBody",
                       body({{"application/merge-patch+json", media(schema(served, "Patch"))},
                             {std::string(json_type), media(schema(served, "Patch"))}}));
  json::Object responses{
      {"200", response("The row as it is now.", {"ETag", "Preference-Applied"},
                       json::Object{{std::string(json_type), media(row_schema(served))}})},
      {"204", response("Changed; `Prefer: return=minimal` asked for no body.",
                       {"ETag", "Preference-Applied"})}};
  add_problems(responses, {400, 403, 404, 406, 409, 412, 413, 415, 422, 431, 500, 503, 504, 507});
  describe_arrivals(responses, mesh, served);
  return finished(std::move(members), std::move(parameters), std::move(responses));
}

json::Value delete_operation(mesh::Served const& served) {
  auto members =
      operation(served, "delete", fmt::format("Delete one {}", served.object->name.text()));
  describe(members, "The row is gone when this is answered.", if_match);
  json::Object responses{{"204", response("Gone.", {})}};
  add_problems(responses, {400, 403, 404, 409, 412, 431, 500, 503, 504});
  return finished(std::move(members), {}, std::move(responses));
}

}  // namespace

Writable writable_table(mesh::Served const& served, Writable asked) {
  return served.object->kind == mesh::ObjectKind::view ? Writable::no : asked;
}

json::Value collection_path(mesh::Mesh const& mesh, mesh::Served const& served, Writable writable) {
  json::Object item{{"get", list_operation(served)}};
  if (writable == Writable::yes) item.emplace_back("post", create_operation(mesh, served));
  return json::object(std::move(item));
}

json::Value row_path(mesh::Mesh const& mesh, mesh::Served const& served, Writable writable) {
  json::Object item{{"parameters", json::array({key_parameter(*served.object)})},
                    {"get", get_operation(served)}};
  if (writable == Writable::yes) {
    item.emplace_back("patch", patch_operation(mesh, served));
    item.emplace_back("delete", delete_operation(served));
  }
  return json::object(std::move(item));
}

}  // namespace hansa::render
