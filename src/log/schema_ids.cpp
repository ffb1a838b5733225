#include "log/schema_ids.h"

#include "log/decimal_text.h"

namespace hansa::log {
namespace {

constexpr std::string_view find_schema =
    "select id from hansa.event_schema where subject = $1 and schema = $2";
// Readers go on; writers wait for each other, so that versions are dense and ids are not wasted.
constexpr std::string_view lock_schemas =
    "lock table hansa.event_schema in share row exclusive mode";
constexpr std::string_view add_schema =
    "insert into hansa.event_schema (subject, version, schema) "
    "select $1, coalesce(max(version), 0) + 1, $2 from hansa.event_schema where subject = $1 "
    "returning id";

}  // namespace

std::string subject_of(std::string_view topic) { return std::string(topic) + "-value"; }

std::uint32_t schema_id(postgres::Session& session, std::string const& subject,
                        std::string const& schema) {
  auto found = session.execute(find_schema, {subject, schema});
  if (found.size() == 0)
    session.transaction([&] {
      session.script(lock_schemas);
      found = session.execute(find_schema, {subject, schema});
      if (found.size() == 0) found = session.execute(add_schema, {subject, schema});
    });
  return to_number<std::uint32_t>(found.value(0, 0));
}

}  // namespace hansa::log
