// A schema made ready: read, printed in the one way that tells whether it is another, and able to
// be held against others. Pure; hostile input, bounded by avro::parse_schema and json::parse.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "json/value.h"
#include "registry/registry.h"

namespace hansa::registry {

// What references of a schema stand for, by name: texts of the same type, their own included.
using Definitions = std::map<std::string, std::string>;

enum class Normalize : std::uint8_t { no, yes };

struct Prepared {
  Given schema;                        // `text` as it is stored
  std::string digest;                  // hex of SHA-256 over type, references and text
  std::optional<avro::Schema> parsed;  // Avro
};

// Error 42201, with what is wrong and where.
[[nodiscard]] Answer<Prepared> prepare(Given const& given, Definitions const& definitions,
                                       Normalize normalize = Normalize::no);

// References as the API writes them, and as they are stored:
// [{"name":..,"subject":..,"version":1}].
[[nodiscard]] json::Value references_json(std::vector<Reference> const& references);
[[nodiscard]] Answer<std::vector<Reference>> parse_references(json::Value const& list);

// Why `schema` may not follow `before` (the newest first) at this level, in Confluent's words, one
// list for the first version it does not agree with; empty if it may.
[[nodiscard]] std::vector<std::string> incompatibilities(Level level, Prepared const& schema,
                                                         std::span<Version const> before,
                                                         std::span<Definitions const> definitions);

}  // namespace hansa::registry
