#include "registry/http.h"

#include <algorithm>
#include <array>

#include "registry/request.h"
#include "registry/service.h"

namespace hansa::registry {
namespace {

using net::Method;
using net::Response;

std::unexpected<RegistryError> fail(int code, std::string message) {
  return std::unexpected(registry_error(code, std::move(message)));
}

Normalize normalize_of(ApiRequest const& request) {
  return request.flag("normalize") ? Normalize::yes : Normalize::no;
}
Deleted deleted_of(ApiRequest const& request) {
  return request.flag("deleted") ? Deleted::included : Deleted::left_out;
}

template <class T>
Response answer_or_error(Answer<T> const& found, json::Value (*show)(T const&)) {
  return found ? answer(show(*found)) : answer(found.error());
}

// A body that is a schema itself, or one of the API's objects.
Response raw(std::string text) {
  Response response;
  response.set("Content-Type", std::string(media_type));
  response.body = std::move(text);
  return response;
}

// ---- subjects

async::Task<Response> list_subjects(Service& service, ApiRequest const& request) {
  auto const prefix = request.text("subjectPrefix");
  auto const live = co_await service.store().subjects(prefix, Deleted::left_out);
  if (!request.flag("deleted") && !request.flag("deletedOnly")) co_return answer(words_json(live));
  auto all = co_await service.store().subjects(prefix, Deleted::included);
  if (request.flag("deletedOnly"))
    std::erase_if(all, [&](auto const& each) { return std::ranges::binary_search(live, each); });
  co_return answer(words_json(all));
}

async::Task<Response> list_versions(Service& service, ApiRequest const& request) {
  auto const found = co_await service.versions(
      request.path[1], request.flag("deletedOnly") ? Deleted::included : deleted_of(request));
  if (!found) co_return answer(found.error());
  std::vector<std::int32_t> numbers;
  for (Version const& each : *found)
    if (!request.flag("deletedOnly") || each.deleted) numbers.push_back(each.version);
  co_return answer(numbers_json(numbers));
}

async::Task<Response> show_version(Service& service, ApiRequest const& request) {
  auto const which = parse_which(request.path[3]);
  if (!which) co_return answer(which.error());
  co_return answer_or_error(co_await service.version(request.path[1], *which, deleted_of(request)),
                            &version_json);
}

async::Task<Response> show_version_schema(Service& service, ApiRequest const& request) {
  auto const which = parse_which(request.path[3]);
  if (!which) co_return answer(which.error());
  auto const found = co_await service.version(request.path[1], *which, deleted_of(request));
  co_return found ? raw(found->schema.text) : answer(found.error());
}

async::Task<Response> show_referenced_by(Service& service, ApiRequest const& request) {
  auto const which = parse_which(request.path[3]);
  if (!which) co_return answer(which.error());
  auto const found = co_await service.version(request.path[1], *which, Deleted::included);
  if (!found) co_return answer(found.error());
  co_return answer(
      numbers_json(co_await service.store().referenced_by(found->subject, found->version)));
}

async::Task<Response> register_schema(Service& service, ApiRequest const& request) {
  auto const body = parse_schema_body(request.body);
  if (!body) co_return answer(body.error());
  auto const done = co_await service.register_schema(
      request.path[1], body->schema, normalize_of(request), {body->id, body->version});
  if (!done) co_return answer(done.error());
  co_return answer(json::object({{"id", json::integer(done->id)}}));
}

async::Task<Response> look_up(Service& service, ApiRequest const& request) {
  auto const body = parse_schema_body(request.body);
  if (!body) co_return answer(body.error());
  bool const hidden = request.flag("lookupDeletedSchema") || request.flag("deleted");
  co_return answer_or_error(
      co_await service.lookup(request.path[1], body->schema, normalize_of(request),
                              hidden ? Deleted::included : Deleted::left_out),
      &version_json);
}

async::Task<Response> delete_subject(Service& service, ApiRequest const& request) {
  co_return answer_or_error(
      co_await service.delete_subject(request.path[1], request.flag("permanent")), &numbers_json);
}

async::Task<Response> delete_version(Service& service, ApiRequest const& request) {
  auto const which = parse_which(request.path[3]);
  if (!which) co_return answer(which.error());
  auto const gone =
      co_await service.delete_version(request.path[1], *which, request.flag("permanent"));
  if (!gone) co_return answer(gone.error());
  co_return answer(json::integer(*gone));
}

// ---- schemas

async::Task<Answer<Stored>> stored(Service& service, ApiRequest const& request) {
  std::int64_t const id = ApiRequest{.parameters = {{"id", request.path[2]}}}.number("id", -1);
  constexpr std::int64_t id_max = 0x7fffffff;
  if (id < 0 || id > id_max) co_return fail(404, "HTTP 404 Not Found");
  auto found = co_await service.store().schema(static_cast<std::int32_t>(id));
  if (!found) co_return fail(40403, "Schema " + request.path[2] + " not found");
  co_return *std::move(found);
}

async::Task<Response> show_schema(Service& service, ApiRequest const& request) {
  auto const found = co_await stored(service, request);
  if (!found) co_return answer(found.error());
  auto members = schema_members(found->schema);
  if (request.flag("fetchMaxId"))
    members.emplace_back("maxId", json::integer(co_await service.store().greatest_id()));
  co_return answer(json::object(std::move(members)));
}

async::Task<Response> show_schema_text(Service& service, ApiRequest const& request) {
  auto const found = co_await stored(service, request);
  co_return found ? raw(found->schema.text) : answer(found.error());
}

async::Task<Response> show_schema_subjects(Service& service, ApiRequest const& request) {
  auto const found = co_await stored(service, request);
  if (!found) co_return answer(found.error());
  std::vector<std::string> subjects;
  for (auto const& [subject, version] :
       co_await service.store().uses(found->id, deleted_of(request)))
    if (subjects.empty() || subjects.back() != subject) subjects.push_back(subject);
  co_return answer(words_json(subjects));
}

async::Task<Response> show_schema_versions(Service& service, ApiRequest const& request) {
  auto const found = co_await stored(service, request);
  if (!found) co_return answer(found.error());
  json::Array out;
  for (auto const& [subject, version] :
       co_await service.store().uses(found->id, deleted_of(request)))
    out.push_back(
        json::object({{"subject", json::text(subject)}, {"version", json::integer(version)}}));
  co_return answer(json::array(std::move(out)));
}

async::Task<Response> list_types(Service&, ApiRequest const&) {
  co_return answer(words_json({"JSON", "AVRO"}));
}

async::Task<Response> list_schemas(Service& service, ApiRequest const& request) {
  auto all =
      co_await service.store().all_versions(request.text("subjectPrefix"), deleted_of(request));
  if (request.flag("latestOnly")) {
    std::vector<Version> latest;
    for (Version& each : all) {
      if (!latest.empty() && latest.back().subject == each.subject) latest.pop_back();
      latest.push_back(std::move(each));
    }
    all = std::move(latest);
  }
  auto const offset = std::clamp<std::int64_t>(request.number("offset", 0), 0,
                                               static_cast<std::int64_t>(all.size()));
  auto const limit = request.number("limit", -1);
  json::Array out;
  for (auto at = static_cast<std::size_t>(offset); at < all.size(); ++at) {
    if (limit >= 0 && static_cast<std::int64_t>(out.size()) >= limit) break;
    out.push_back(version_json(all[at]));
  }
  co_return answer(json::array(std::move(out)));
}

// ---- config and mode; path[1], if there is one, is the subject

std::string subject_of(ApiRequest const& request) {
  return request.path.size() > 1 ? request.path[1] : std::string{};
}

async::Task<Response> show_config(Service& service, ApiRequest const& request) {
  auto const subject = subject_of(request);
  auto level = (co_await service.store().settings(subject)).level;
  if (!level && !subject.empty() && !request.flag("defaultToGlobal"))
    co_return answer(registry_error(
        40408, "Subject '" + subject + "' does not have subject-level compatibility configured"));
  if (!level) level = co_await service.level(subject);
  co_return answer(json::object({{"compatibilityLevel", json::text(to_text(*level))}}));
}

async::Task<Response> set_config(Service& service, ApiRequest const& request) {
  auto const word = parse_word(request.body, "compatibility");
  if (!word) co_return answer(word.error());
  auto const level = parse_level(*word);
  if (!level)
    co_return answer(registry_error(
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, "
        "backward_transitive, forward_transitive, and full_transitive"));
  co_await service.store().set_level(subject_of(request), level);
  co_return answer(json::object({{"compatibility", json::text(to_text(*level))}}));
}

async::Task<Response> delete_config(Service& service, ApiRequest const& request) {
  auto const subject = subject_of(request);
  auto const level = (co_await service.store().settings(subject)).level;
  if (!level && !subject.empty())
    co_return answer(registry_error(
        40408, "Subject '" + subject + "' does not have subject-level compatibility configured"));
  co_await service.store().set_level(subject, std::nullopt);
  co_return answer(
      json::object({{"compatibilityLevel", json::text(to_text(level.value_or(default_level)))}}));
}

async::Task<Response> show_mode(Service& service, ApiRequest const& request) {
  auto const subject = subject_of(request);
  auto mode = (co_await service.store().settings(subject)).mode;
  if (!mode && !subject.empty() && !request.flag("defaultToGlobal"))
    co_return answer(registry_error(
        40409, "Subject '" + subject + "' does not have subject-level mode configured"));
  if (!mode) mode = co_await service.mode(subject);
  co_return answer(json::object({{"mode", json::text(to_text(*mode))}}));
}

async::Task<Response> set_mode(Service& service, ApiRequest const& request) {
  auto const word = parse_word(request.body, "mode");
  if (!word) co_return answer(word.error());
  auto const mode = parse_mode(*word);
  auto const subject = subject_of(request);
  if (!mode || (*mode == Mode::read_only_override && !subject.empty()))
    co_return answer(registry_error(
        42204,
        "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE (for all "
        "subjects), and IMPORT"));
  // Ids that are brought along must not meet others.
  if (*mode == Mode::import && !request.flag("force")) {
    auto const present = co_await service.store().subjects(subject, Deleted::included);
    bool const taken =
        subject.empty() ? !present.empty() : std::ranges::find(present, subject) != present.end();
    if (taken)
      co_return answer(registry_error(42205, "Cannot import since found existing subjects"));
  }
  co_await service.store().set_mode(subject, mode);
  co_return answer(json::object({{"mode", json::text(to_text(*mode))}}));
}

async::Task<Response> delete_mode(Service& service, ApiRequest const& request) {
  auto const subject = subject_of(request);
  auto const mode = (co_await service.store().settings(subject)).mode;
  if (!mode && !subject.empty())
    co_return answer(registry_error(
        40409, "Subject '" + subject + "' does not have subject-level mode configured"));
  co_await service.store().set_mode(subject, std::nullopt);
  co_return answer(json::object({{"mode", json::text(to_text(mode.value_or(Mode::read_write)))}}));
}

// ---- compatibility

async::Task<Response> judge(Service& service, ApiRequest const& request) {
  auto const body = parse_schema_body(request.body);
  if (!body) co_return answer(body.error());
  std::optional<Which> which;
  constexpr std::size_t with_version = 5;
  if (request.path.size() == with_version) {
    auto const parsed = parse_which(request.path[4]);
    if (!parsed) co_return answer(parsed.error());
    which = *parsed;
  }
  auto const reasons =
      co_await service.judge(request.path[2], body->schema, which, normalize_of(request));
  if (!reasons) co_return answer(reasons.error());
  json::Object out{{"is_compatible", json::boolean(reasons->empty())}};
  if (request.flag("verbose")) out.emplace_back("messages", words_json(*reasons));
  co_return answer(json::object(std::move(out)));
}

// ---- about

async::Task<Response> show_root(Service&, ApiRequest const&) { co_return answer(json::object({})); }

async::Task<Response> show_cluster(Service& service, ApiRequest const&) {
  co_return answer(json::object(
      {{"scope",
        json::object(
            {{"path", json::array({})},
             {"clusters",
              json::object({{"kafka-cluster", json::text(co_await service.store().cluster_id())},
                            {"schema-registry-cluster", json::text("schema-registry")}})}})},
       {"id", json::text("")}}));
}

// ---- the table

using Function = async::Task<Response> (*)(Service&, ApiRequest const&);
enum class Effect : std::uint8_t { reads, writes };

struct Route {
  Method method;
  std::string_view path;  // "*": anything
  Effect effect;
  Function function;
};

using enum Effect;
constexpr std::array routes = std::to_array<Route>({
    {Method::get, "schemas/ids/*", reads, show_schema},
    {Method::get, "schemas/ids/*/schema", reads, show_schema_text},
    {Method::get, "schemas/ids/*/subjects", reads, show_schema_subjects},
    {Method::get, "schemas/ids/*/versions", reads, show_schema_versions},
    {Method::get, "schemas/types", reads, list_types},
    {Method::get, "schemas", reads, list_schemas},
    {Method::get, "subjects", reads, list_subjects},
    {Method::post, "subjects/*", reads, look_up},
    {Method::delete_, "subjects/*", writes, delete_subject},
    {Method::get, "subjects/*/versions", reads, list_versions},
    {Method::post, "subjects/*/versions", writes, register_schema},
    {Method::get, "subjects/*/versions/*", reads, show_version},
    {Method::delete_, "subjects/*/versions/*", writes, delete_version},
    {Method::get, "subjects/*/versions/*/schema", reads, show_version_schema},
    {Method::get, "subjects/*/versions/*/referencedby", reads, show_referenced_by},
    {Method::get, "config", reads, show_config},
    {Method::put, "config", writes, set_config},
    {Method::delete_, "config", writes, delete_config},
    {Method::get, "config/*", reads, show_config},
    {Method::put, "config/*", writes, set_config},
    {Method::delete_, "config/*", writes, delete_config},
    {Method::get, "mode", reads, show_mode},
    {Method::put, "mode", writes, set_mode},
    {Method::delete_, "mode", writes, delete_mode},
    {Method::get, "mode/*", reads, show_mode},
    {Method::put, "mode/*", writes, set_mode},
    {Method::delete_, "mode/*", writes, delete_mode},
    {Method::post, "compatibility/subjects/*/versions", reads, judge},
    {Method::post, "compatibility/subjects/*/versions/*", reads, judge},
    {Method::get, "v1/metadata/id", reads, show_cluster},
    {Method::get, "", reads, show_root},
});

bool matches(std::string_view pattern, std::vector<std::string> const& path) {
  for (auto const& part : path) {
    if (pattern.empty()) return false;
    auto const end = std::min(pattern.find('/'), pattern.size());
    auto const word = pattern.substr(0, end);
    if (word != "*" && word != part) return false;
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return pattern.empty();
}

bool takes(std::string_view type) {
  type = type.substr(0, type.find(';'));
  return type.empty() || type == media_type || type == "application/vnd.schemaregistry+json" ||
         type == "application/json" || type == "application/octet-stream";
}

postgres::DatabaseOptions database_options() {
  postgres::DatabaseOptions options;
  options.domain = "registry";
  options.leased_connections_max = 2;
  return options;
}

class Door final : public net::Handler {
 public:
  Door(HttpOptions options, async::asio::io_context& context, std::string prefix)
      : options_(std::move(options)),
        prefix_(std::move(prefix)),
        database_(context, options_.target, database_options(),
                  options_.observer != nullptr ? *options_.observer : silent_observer()),
        service_(Store(database_)) {}

  async::Task<Response> handle(net::Request request) override {
    std::exception_ptr failed;
    try {
      co_return co_await serve(request);
    } catch (...) {
      failed = std::current_exception();
    }
    co_return answer(store_error(failed));
  }

  Response refuse(int status, std::string_view reason) override {
    return answer(registry_error(status, std::string(reason)));
  }

 private:
  // What PostgreSQL said is for the log.
  RegistryError store_error(std::exception_ptr const& failed) const {
    try {
      std::rethrow_exception(failed);
    } catch (Failure const& failure) {
      if (options_.observer != nullptr)
        options_.observer->observe(
            Notice{LogLevel::warning, "a request to the registry failed", failure.what()});
      bool const late = failure.error().code == Code::statement_timeout;
      return registry_error(late ? 50002 : 50001,
                            late ? "Error in the backend data store: it did not answer in time"
                                 : "Error in the backend data store");
    } catch (std::exception const& error) {
      if (options_.observer != nullptr)
        options_.observer->observe(
            Notice{LogLevel::error, "a request to the registry failed", error.what()});
      return registry_error(500, "Internal Server Error");
    }
  }

  async::Task<Response> serve(net::Request const& request) {
    auto const apart = take_apart(request, prefix_);
    if (!apart) co_return answer(registry_error(404, "HTTP 404 Not Found"));
    if (apart->path.size() == 3 && apart->path[0] == "v1" && apart->path[2] == "version")
      co_return answer(json::object(
          {{"version", json::text(options_.program_version)}, {"commitId", json::text("")}}));
    bool known = false;
    auto const method = request.method == Method::head ? Method::get : request.method;
    for (Route const& route : routes) {
      if (!matches(route.path, apart->path)) continue;
      known = true;
      if (route.method != method) continue;
      if (!takes(request.header("Content-Type")))
        co_return answer(registry_error(415, "HTTP 415 Unsupported Media Type"));
      if (route.effect == writes && options_.refuse_write)
        if (auto const reason = options_.refuse_write(request); !reason.empty())
          co_return answer(registry_error(40301, reason));
      co_return co_await route.function(service_, *apart);
    }
    co_return answer(known ? registry_error(405, "HTTP 405 Method Not Allowed")
                           : registry_error(404, "HTTP 404 Not Found"));
  }

  HttpOptions options_;
  std::string prefix_;
  postgres::Database database_;
  Service service_;
};

}  // namespace

std::unique_ptr<net::Handler> make_handler(HttpOptions options, async::asio::io_context& context,
                                           std::string prefix) {
  return std::make_unique<Door>(std::move(options), context, std::move(prefix));
}

}  // namespace hansa::registry
