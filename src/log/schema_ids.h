// The minimal registry: a schema's id under its subject, in hansa.event_schema. Ids are Confluent's
// schema ids: they stand in every record, so none is ever given to another schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/session.h"

namespace hansa::log {

// "<topic>-value".
[[nodiscard]] std::string subject_of(std::string_view topic);

// The id of `schema` (its text, exactly) under `subject`; the subject's next version where it is
// new. The same for all who ask at once. Blocking; requires that no transaction is open. Throws
// SqlError and Failure.
[[nodiscard]] std::uint32_t schema_id(postgres::Session& session, std::string const& subject,
                                      std::string const& schema);

}  // namespace hansa::log
