// A request of the API taken apart, and answers of the API put together. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "net/http.h"
#include "registry/prepared.h"
#include "registry/registry.h"

namespace hansa::registry {

inline constexpr std::string_view media_type = "application/vnd.schemaregistry.v1+json";

struct ApiRequest {
  net::Method method = net::Method::get;
  std::vector<std::string> path;  // decoded, without the prefix
  net::Parameters parameters;
  std::string body;

  [[nodiscard]] bool flag(std::string_view name) const;  // "true" in any case
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise) const;
};

// nullopt: the target cannot be decoded, or does not begin with `prefix`.
[[nodiscard]] std::optional<ApiRequest> take_apart(net::Request const& request,
                                                   std::string_view prefix);

// What a body says of a schema. Error 42201 or 422.
struct SchemaBody {
  Given schema;
  std::optional<std::int32_t> id, version;  // of an import
};
[[nodiscard]] Answer<SchemaBody> parse_schema_body(std::string const& body);
// The one member of a small body, as text. Error 422.
[[nodiscard]] Answer<std::string> parse_word(std::string const& body, std::string_view member);

[[nodiscard]] net::Response answer(json::Value const& body);
[[nodiscard]] net::Response answer(RegistryError const& error);

// {"subject":..,"version":..,"id":..,"schema":..}, and type and references where they say more.
[[nodiscard]] json::Value version_json(Version const& version);
// {"schema":..} likewise.
[[nodiscard]] json::Object schema_members(Given const& schema);
[[nodiscard]] json::Value words_json(std::vector<std::string> const& words);
[[nodiscard]] json::Value numbers_json(std::vector<std::int32_t> const& numbers);

}  // namespace hansa::registry
