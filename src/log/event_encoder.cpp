#include "log/event_encoder.h"

#include <cassert>

#include "avro/moment_digits.h"
#include "log/log.h"

namespace hansa::log {
namespace {

avro::Schema reader_of(avro::RecordSchema const& schema) {
  auto parsed = avro::parse_schema(json::to_text(avro::to_json(schema)));
  assert(parsed);
  return *std::move(parsed);
}

// 00-<32 hex>-<16 hex>-<2 hex>, of which later versions may say more.
bool is_trace(std::string_view text) {
  if (text.size() < 55 || text.size() > 128 || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return false;
  for (char const c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-')) return false;
  return true;
}

}  // namespace

EventEncoder::EventEncoder(mesh::Topic const& topic, avro::RecordSchema schema,
                           std::uint32_t schema_id)
    : domain_(topic.domain.text()),
      source_(topic.event_source),
      type_(topic.event_type),
      format_(topic.format),
      schema_id_(schema_id),
      rows_(std::move(schema), avro::Members::lenient) {
  if (format_ == mesh::EventFormat::json) reader_ = reader_of(rows_.schema());
}

Result<void> EventEncoder::encode_value(PendingEvent const& event) {
  value_.clear();
  if (format_ == mesh::EventFormat::avro) {
    avro::frame(schema_id_, value_);
    return rows_.encode(*event.row, value_);
  }
  binary_.clear();
  HANSA_CHECK_OK(rows_.encode(*event.row, binary_));
  return avro::decode(*reader_, binary_, value_);
}

void EventEncoder::set_headers(PendingEvent const& event) {
  header_count_ = 0;
  id_.assign(domain_) += '-';
  id_ += std::to_string(event.sid);
  if (event.at_us != time_us_ || time_.empty()) {
    time_.clear();
    if (!avro::append_instant(event.at_us, time_)) time_.clear();
    time_us_ = event.at_us;
  }
  add_header(header::spec_version, "1.0");
  add_header(header::id, id_);
  add_header(header::source, source_);
  add_header(header::type, type_);
  add_header(header::subject, event.key);
  if (!time_.empty()) add_header(header::time, time_);
  if (event.row)
    add_header(header::content_type,
               format_ == mesh::EventFormat::avro ? "application/avro" : "application/json");
  if (event.trace && is_trace(*event.trace)) add_header(header::trace, *event.trace);
  if (event.actor && !event.actor->empty()) add_header(header::actor, *event.actor);
  if (auto const word = op_word(event.op); !word.empty()) add_header(header::operation, word);
}

Result<wire::Record const*> EventEncoder::encode(PendingEvent const& event) {
  if (op_word(event.op).empty() && event.op != 'e')
    return failure(Code::invalid_body,
                   "event has the unknown operation `" + std::string(1, event.op) + "`");
  if (event.row.has_value() == (event.op == 'd'))
    return failure(Code::invalid_body, "event has a row where it must have none, or none");
  if (event.row) HANSA_CHECK_OK(encode_value(event));
  set_headers(event);
  record_.timestamp_ms = event.at_us / 1000;
  record_.key = event.key;
  record_.value = event.row ? std::optional<std::string_view>(value_) : std::nullopt;
  record_.headers = {headers_.data(), header_count_};
  return &record_;
}

}  // namespace hansa::log
