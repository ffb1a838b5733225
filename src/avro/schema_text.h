// The text of a schema as Apache Avro's Java prints it (Schema.toString): how registries tell
// whether two texts are one schema, whatever their white space and order of members. Docs,
// defaults, aliases and attributes of others stay, unlike in the canonical form. And definitions
// that stand elsewhere. Pure; open to all threads.
#pragma once

#include <map>
#include <string>

#include "json/value.h"

namespace hansa::avro {

// Requires a document that parse_schema takes, or took with its references written in.
[[nodiscard]] std::string schema_text(json::Value const& document);

// For Confluent's `normalize`: attributes in the order of their names, besides.
[[nodiscard]] std::string normal_schema_text(json::Value const& document);

// `document` with each name of `definitions` replaced by its definition where it stands first, and
// so on within those: what parse_schema can read without knowing of other documents.
[[nodiscard]] json::Value write_in(json::Value const& document,
                                   std::map<std::string, json::Value> definitions);

// The full name of the type a document defines; empty for one without a name.
[[nodiscard]] std::string defined_name(json::Value const& document);

}  // namespace hansa::avro
