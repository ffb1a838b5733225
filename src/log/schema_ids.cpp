#include "log/schema_ids.h"

#include "avro/schema_text.h"
#include "json/value.h"
#include "log/decimal_text.h"

namespace hansa::log {
namespace {

// The id of a schema without references, as the registry tells schemas apart, if the subject has
// it; and the subject's last version at that same moment.
constexpr std::string_view find_schema = R"(
select (select v.schema from hansa.subject_version v join hansa.schema s on s.id = v.schema
        where v.subject = $1 and not v.deleted and s.digest = pg_catalog.sha256(
          pg_catalog.convert_to($3 || chr(10) || '[]' || chr(10) || $2, 'UTF8'))
        order by v.version limit 1),
       (select coalesce(max(version), 0) from hansa.subject_version where subject = $1))";
constexpr std::string_view add_schema = R"(
select hansa.register_schema($1, $4::int, $3, $2, '[]', pg_catalog.sha256(
    pg_catalog.convert_to($3 || chr(10) || '[]' || chr(10) || $2, 'UTF8')), null, null))";

std::string canonical(std::string const& schema, SchemaType type) {
  auto const document = json::parse(schema);
  if (!document) return schema;
  return type == SchemaType::avro ? avro::schema_text(*document) : json::to_text(*document);
}

}  // namespace

std::string subject_of(std::string_view topic) { return std::string(topic) + "-value"; }

std::uint32_t schema_id(postgres::Session& session, std::string const& subject,
                        std::string const& schema, SchemaType type) {
  auto const text = canonical(schema, type);
  std::string const word = type == SchemaType::avro ? "AVRO" : "JSON";
  for (;;) {
    auto const found = session.execute(find_schema, {subject, text, word});
    if (!found.is_null(0, 0)) return to_number<std::uint32_t>(found.value(0, 0));
    // Null where somebody else was quicker; who then is found.
    auto const added =
        session.execute(add_schema, {subject, text, word, std::string(found.value(0, 1))});
    if (!added.is_null(0, 0)) return to_number<std::uint32_t>(added.value(0, 0));
  }
}

}  // namespace hansa::log
