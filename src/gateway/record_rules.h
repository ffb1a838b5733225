// What the contract of a topic that clients write demands of each record: Avro with an id that is
// registered for the topic, and nothing but a value of that schema; or JSON that fits the columns.
// Blocking; confined to one thread for the length of a batch.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "avro/schema.h"
#include "gateway/record_check.h"
#include "gateway/record_columns.h"
#include "gateway/topics.h"
#include "postgres/session.h"

namespace hansa::gateway {

[[nodiscard]] bool has_record_rules(Topic const& topic);

class RecordRules {
 public:
  // `session`: of the database that keeps the registry. Both outlive this object.
  RecordRules(postgres::Session& session, Topic const& topic,
              std::shared_ptr<mesh::Mesh const> mesh);
  ~RecordRules();
  RecordRules(RecordRules const&) = delete;
  RecordRules& operator=(RecordRules const&) = delete;

  // Valid as long as this object; empty where has_record_rules() is false. Throws what
  // postgres::Session throws.
  [[nodiscard]] RecordRule rule();

 private:
  [[nodiscard]] std::optional<std::string> refuse_avro(wire::Record const& record);
  [[nodiscard]] std::optional<std::string> refuse_json(wire::Record const& record) const;
  [[nodiscard]] avro::Schema const* schema(std::uint32_t id);

  postgres::Session& session_;
  Topic const& topic_;
  std::shared_ptr<mesh::Mesh const> mesh_;
  std::map<std::uint32_t, std::optional<avro::Schema>> schemas_;  // nullopt: not of this topic
  std::optional<RecordColumns> columns_;                          // of topics in JSON
};

}  // namespace hansa::gateway
