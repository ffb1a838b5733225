// A schema's id under its subject, in the tables of the registry. Ids are Confluent's schema ids:
// they stand in every record, so none is ever given to another schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/session.h"

namespace hansa::log {

// "<topic>-value".
[[nodiscard]] std::string subject_of(std::string_view topic);

enum class SchemaType : std::uint8_t { avro, json };

// The id of `schema` under `subject`, however its text is laid out (avro::schema_text); the
// subject's next version where it is new. The same for all who ask at once. Blocking; requires that
// no transaction is open. Throws SqlError and Failure.
[[nodiscard]] std::uint32_t schema_id(postgres::Session& session, std::string const& subject,
                                      std::string const& schema,
                                      SchemaType type = SchemaType::avro);

}  // namespace hansa::log
