// What the operations of every table share: problems, headers, parameters that are headers.
#include <fmt/format.h>

#include "render/operations.h"
#include "render/words.h"

namespace hansa::render {

namespace {

struct Problem {
  int status;
  std::string_view description;
};

constexpr Problem reading_problems[] = {
    {400, "The request is malformed: a parameter, a column or a cursor that is not known."},
    {404, "No such row."},
    {406, "Nothing that `Accept` allows can be made."},
    {414, "The URI is too long."},
    {422, "Understood, but not possible: an order without an index, a body that does not fit."},
    {431, "The headers are too large."},
    {500, "The server or its database failed."},
    {503, "Busy, starting or stopping; come again after `Retry-After`."},
    {504, "The database took too long."},
};
constexpr Problem writing_problems[] = {
    {403, "Writing is not allowed here."},
    {409, conflict_description},
    {412, "The row has changed since the ETag in `If-Match`."},
    {413, "The body is too large."},
    {415, "The body's `Content-Type` is not taken."},
    {507, "The database's disk is full."},
};

struct NamedHeader {
  std::string_view name;
  std::string_view description;
};

constexpr NamedHeader reading_headers[] = {
    {"ETag", "Stands for exactly these bytes; send it back in `If-None-Match` or `If-Match`."},
    {"Link", "RFC 8288: `rel=\"first\"`, and `rel=\"next\"` where more rows follow."},
    {"Content-Range", "Which rows these are, and of how many where `Prefer: count=` asked."},
    {"Preference-Applied", "The preferences that were followed."},
    {"Retry-After", "Seconds to wait."},
};

json::Value string_schema() { return json::object({{"type", json::text("string")}}); }

json::Value header(std::string_view description) {
  return json::object({{"description", json::text(description)}, {"schema", string_schema()}});
}

json::Value problem_response(Problem const& problem) {
  json::Object members{{"description", json::text(problem.description)}};
  if (problem.status == 503) {
    members.emplace_back("headers",
                         json::object({{"Retry-After", reference("headers", "Retry-After")}}));
  }
  auto const media = json::object({{"schema", reference("schemas", "Problem")}});
  members.emplace_back("content", json::object({{"application/problem+json", media}}));
  return json::object(std::move(members));
}

json::Value header_parameter(std::string_view name, std::string_view description,
                             json::Value schema) {
  return json::object({{"name", json::text(name)},
                       {"in", json::text("header")},
                       {"description", json::text(description)},
                       {"schema", std::move(schema)}});
}

// Preferences that are not known are ignored (RFC 7240), so no value is wrong.
json::Value string_with_examples(std::initializer_list<std::string_view> examples) {
  json::Array values;
  for (auto const example : examples) values.push_back(json::text(example));
  return json::object(
      {{"type", json::text("string")}, {"examples", json::array(std::move(values))}});
}

json::Object header_parameters(Writable writable) {
  json::Object parameters{
      {"PreferCount",
       header_parameter("Prefer",
                        "How many rows there are in all, in `Content-Range`: `count=exact` counts, "
                        "`count=planned` asks the planner, `count=estimated` the statistics.",
                        string_with_examples({"count=exact", "count=planned", "count=estimated"}))},
      {"IfNoneMatch",
       header_parameter("If-None-Match", "An ETag: 304 where nothing has changed since.",
                        string_schema())}};
  if (writable == Writable::no) return parameters;
  parameters.emplace_back(
      "PreferReturn",
      header_parameter("Prefer",
                       "What to answer with: `return=representation`, the row (as without it), or "
                       "`return=minimal`, no body.",
                       string_with_examples({"return=representation"})));
  return parameters;
}

}  // namespace

json::Object shared_components(Writable writable) {
  json::Object responses;
  for (auto const& problem : reading_problems) {
    responses.emplace_back(fmt::format("Problem{}", problem.status), problem_response(problem));
  }
  json::Object headers;
  for (auto const& each : reading_headers)
    headers.emplace_back(each.name, header(each.description));
  if (writable == Writable::yes) {
    for (auto const& problem : writing_problems) {
      responses.emplace_back(fmt::format("Problem{}", problem.status), problem_response(problem));
    }
    headers.emplace_back("Location", header("The path of the row that was made."));
  }
  responses.emplace_back("Problem", problem_response({0, "Any other error."}));
  return {{"responses", json::object(std::move(responses))},
          {"headers", json::object(std::move(headers))},
          {"parameters", json::object(header_parameters(writable))}};
}

}  // namespace hansa::render
