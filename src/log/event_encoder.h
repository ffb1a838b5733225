// Pending events to records of one topic. Pure; an EventEncoder is confined to one thread. An event
// is encoded exactly or refused.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "avro/avro.h"
#include "avro/schema.h"
#include "log/offset_rule.h"
#include "mesh/mesh.h"
#include "mesh/streams.h"
#include "render/record_schema.h"
#include "wire/record_batch.h"

namespace hansa::log {

// One row of hansa.pending_<domain>.
struct PendingEvent {
  Sid sid = 0;
  char op = 0;  // c, u, d of a table's rows; e: an emission's event
  std::string_view key;
  std::optional<std::string_view> row;    // row_to_json's text; nullopt only for d
  std::optional<std::string_view> trace;  // a W3C traceparent, if it is one
  std::optional<std::string_view> actor;
  std::int64_t at_us = 0;  // since 1970
};

// The schema of what a topic carries, as its document shows it.
using render::record_schema;

class EventEncoder {
 public:
  // `schema_id`: of the registry; unused where the topic's format is JSON.
  EventEncoder(mesh::Topic const& topic, avro::RecordSchema schema, std::uint32_t schema_id);

  // The record, valid until the next call; its views include those of `event`. A JSON value is what
  // the Avro value decodes to, so both formats say the same in the same words. Members of the row
  // that the schema lacks are passed over, fields the row lacks take their default: rows may have
  // been appended under the contract before or after. Errors: those of avro::RowEncoder;
  // invalid_body for an operation that is none, or a row missing.
  [[nodiscard]] Result<wire::Record const*> encode(PendingEvent const& event);

 private:
  [[nodiscard]] Result<void> encode_value(PendingEvent const& event);
  void set_headers(PendingEvent const& event);
  void add_header(std::string_view key, std::string_view value) {
    headers_[header_count_++] = {key, value};
  }

  std::string domain_, source_, type_;
  mesh::EventFormat format_;
  std::uint32_t schema_id_;
  avro::RowEncoder rows_;
  std::optional<avro::Schema> reader_;  // of JSON topics
  std::string value_, binary_, id_, time_;
  std::int64_t time_us_ = -1;  // what time_ says
  std::array<wire::RecordHeader, 10> headers_;
  std::size_t header_count_ = 0;
  wire::Record record_;
};

}  // namespace hansa::log
