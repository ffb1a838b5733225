#include "app/contract_schemas.h"

#include "avro/avro.h"
#include "log/schema_ids.h"
#include "render/event_schemas.h"
#include "render/record_schema.h"

namespace hansa::app {
namespace {

constexpr std::string_view set_level =
    "insert into hansa.subject_setting (subject, compatibility) values ($1, $2) "
    "on conflict (subject) do nothing";

}  // namespace

void register_contracts(postgres::Session& session, mesh::Mesh const& mesh) {
  for (mesh::Topic const& topic : mesh.topics) {
    auto const& object = mesh.object_of(topic);
    auto const subject = log::subject_of(topic.name);
    bool const json = topic.format == mesh::EventFormat::json;
    auto const schema = json ? render::value_schema(object, topic)
                             : avro::to_json(render::record_schema(object, topic));
    static_cast<void>(log::schema_id(session, subject, json::to_text(schema),
                                     json ? log::SchemaType::json : log::SchemaType::avro));
    session.execute(set_level, {subject, std::string(mesh::to_text(topic.compatibility))});
  }
}

}  // namespace hansa::app
