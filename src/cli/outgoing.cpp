#include "cli/outgoing.h"

#include <fmt/format.h>

#include <algorithm>

#include "avro/avro.h"
#include "gateway/record_columns.h"
#include "render/record_schema.h"

namespace hansa::cli {
namespace {

// The text of a member as a key: strings without quotes, else as JSON.
std::string key_text(json::Value const& member) {
  auto const* const string = member.as_string();
  return string != nullptr ? *string : json::to_text(member);
}

}  // namespace

struct OutgoingForm::Contract {
  mesh::Topic const& topic;
  gateway::RecordColumns columns;
  std::optional<avro::RecordSchema> schema;  // of topics in Avro
  std::uint32_t schema_id;
};

OutgoingForm::OutgoingForm(mesh::Mesh const& mesh, mesh::Topic const* topic,
                           std::uint32_t schema_id, KeyRule key)
    : key_(std::move(key)) {
  if (topic == nullptr) return;
  auto const& object = mesh.object_of(*topic);
  contract_ = std::make_unique<Contract>(
      Contract{*topic, gateway::RecordColumns(object, *topic), std::nullopt, schema_id});
  if (topic->format == mesh::EventFormat::avro)
    contract_->schema = render::record_schema(object, *topic);
}

OutgoingForm::~OutgoingForm() = default;

// As the events of tables have it: one field's text, several as a JSON array of their texts.
Result<std::optional<std::string>> OutgoingForm::key_of(
    json::Value const* value, std::vector<std::optional<std::string>> const& fields) const {
  if (key_.fixed) return key_.fixed;
  if (key_.of) {
    auto const* const member = value == nullptr ? nullptr : value->find(*key_.of);
    if (member == nullptr || member->is_null())
      return failure(Code::invalid_record, fmt::format("it has no member `{}`", *key_.of),
                     "--key-of names the member of each value that is its key");
    return key_text(*member);
  }
  if (!contract_ || contract_->topic.key.empty()) return std::nullopt;
  auto const& topic = contract_->topic;
  json::Array texts;
  for (ColumnName const& name : topic.key) {
    auto const at = std::ranges::find(topic.fields, name) - topic.fields.begin();
    texts.push_back(json::text(fields[static_cast<std::size_t>(at)].value_or("")));
  }
  if (texts.size() == 1) return *texts.front().as_string();
  return json::to_text(json::array(std::move(texts)));
}

Result<OutgoingRecord> OutgoingForm::record(std::string_view line) const {
  OutgoingRecord record{.key = std::nullopt, .value = std::string(line)};
  std::optional<json::Value> value;
  std::vector<std::optional<std::string>> fields;
  if (contract_ || key_.of) {
    auto parsed = json::parse(line);
    if (!parsed)
      return failure(Code::invalid_record, "it is no JSON: " + parsed.error().detail,
                     "one JSON object a line");
    value = *std::move(parsed);
  }
  if (contract_) {
    auto read = contract_->columns.read(*value);
    if (!read)
      return failure(
          Code::invalid_record, std::move(read).error(),
          fmt::format("contract {} says what a record is", contract_->topic.contract.text()));
    fields = *std::move(read);
  }
  auto key = key_of(value ? &*value : nullptr, fields);
  if (!key) return std::unexpected(std::move(key).error());
  record.key = *std::move(key);
  if (!contract_ || !contract_->schema) return record;
  record.value.clear();
  avro::frame(contract_->schema_id, record.value);
  std::vector<std::optional<std::string_view>> const views(fields.begin(), fields.end());
  auto encoded = avro::encode(*contract_->schema, views, record.value);
  if (!encoded) return std::unexpected(std::move(encoded).error());
  return record;
}

Result<bool> BoundedLines::next(std::string& line) {
  line.clear();
  ++number_;
  auto* const buffer = from_.rdbuf();
  using Traits = std::istream::traits_type;
  for (;;) {
    auto const next = buffer->sbumpc();
    if (Traits::eq_int_type(next, Traits::eof())) {
      if (line.empty()) return false;
      break;
    }
    if (Traits::to_char_type(next) == '\n') break;
    if (line.size() == bytes_max_)
      return failure(Code::value_over_limit, fmt::format("it has more than {} bytes", bytes_max_));
    line += Traits::to_char_type(next);
  }
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

}  // namespace hansa::cli
