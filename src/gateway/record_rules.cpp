#include "gateway/record_rules.h"

#include <fmt/format.h>

#include "avro/avro.h"
#include "json/value.h"

namespace hansa::gateway {
namespace {

constexpr std::string_view read_schema = R"(
select s.text from hansa.schema s join hansa.subject_version v on v.schema = s.id
where s.id = $1 and v.subject = $2 and s.type = 'AVRO' and not v.deleted)";

bool is_declared_for_clients(Topic const& topic) {
  return topic.declared != nullptr && topic.declared->source == mesh::Topic::Source::clients;
}

}  // namespace

bool has_record_rules(Topic const& topic) { return is_declared_for_clients(topic); }

RecordRules::RecordRules(postgres::Session& session, Topic const& topic,
                         std::shared_ptr<mesh::Mesh const> mesh)
    : session_(session), topic_(topic), mesh_(std::move(mesh)) {
  if (has_record_rules(topic) && topic.declared->format == mesh::EventFormat::json)
    columns_.emplace(mesh_->object_of(*topic.declared), *topic.declared);
}

RecordRules::~RecordRules() = default;

RecordRule RecordRules::rule() {
  if (!has_record_rules(topic_)) return {};
  if (topic_.declared->format == mesh::EventFormat::json)
    return [this](wire::Record const& record) { return refuse_json(record); };
  return [this](wire::Record const& record) { return refuse_avro(record); };
}

avro::Schema const* RecordRules::schema(std::uint32_t id) {
  auto const known = schemas_.find(id);
  if (known != schemas_.end()) return known->second ? &*known->second : nullptr;
  auto& found = schemas_[id];
  auto const rows = session_.execute(read_schema, {std::to_string(id), topic_.name + "-value"});
  if (rows.size() == 0) return nullptr;
  auto parsed = avro::parse_schema(rows.value(0, 0), avro::Defaults::ignored);
  if (!parsed) return nullptr;
  found = *std::move(parsed);
  return &*found;
}

std::optional<std::string> RecordRules::refuse_avro(wire::Record const& record) {
  if (!record.value) {
    if (topic_.compacted()) return std::nullopt;
    return "only a compacted topic takes a record without a value";
  }
  auto const framed = avro::unframe(*record.value);
  if (!framed)
    return "the value is not framed: a zero byte, the schema's id as four bytes, then Avro";
  auto const* const known = schema(framed->schema_id);
  if (known == nullptr)
    return fmt::format("schema {} is not registered under {}-value", framed->schema_id,
                       topic_.name);
  std::string text;
  auto const decoded = avro::decode(*known, framed->data, text);
  if (decoded) return std::nullopt;
  return fmt::format("the value is not of schema {}: {}", framed->schema_id,
                     decoded.error().detail);
}

std::optional<std::string> RecordRules::refuse_json(wire::Record const& record) const {
  if (!record.value) {
    if (topic_.compacted()) return std::nullopt;
    return "only a compacted topic takes a record without a value";
  }
  auto const parsed = json::parse(*record.value);
  if (!parsed) return "the value is no JSON: " + parsed.error().detail;
  auto values = columns_->read(*parsed);
  if (!values) return std::move(values).error();
  return std::nullopt;
}

}  // namespace hansa::gateway
