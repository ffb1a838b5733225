// Where the registry keeps what it knows: the tables of migration 4, in the system's database. Each
// call is one round trip; calls of one object run on the thread of its database's io_context.
// Throws what postgres::Database throws.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/database.h"
#include "registry/prepared.h"
#include "registry/registry.h"

namespace hansa::registry {

// What is set for a subject, or for all.
struct Settings {
  std::optional<Level> level;
  std::optional<Mode> mode;
};

enum class Deleted : std::uint8_t { left_out, included };

class Store {
 public:
  explicit Store(postgres::Database& database) : database_(database) {}

  // Of one subject, deleted ones included, in order.
  async::Task<std::vector<Version>> versions(std::string subject);
  // By name and version; of all subjects that begin with `prefix`.
  async::Task<std::vector<Version>> all_versions(std::string prefix, Deleted deleted);
  async::Task<std::vector<std::string>> subjects(std::string prefix, Deleted deleted);
  async::Task<std::optional<Stored>> schema(std::int32_t id);
  async::Task<std::int32_t> greatest_id();
  // Where a schema is used: subject and version.
  async::Task<std::vector<std::pair<std::string, std::int32_t>>> uses(std::int32_t id,
                                                                      Deleted deleted);
  // Ids of schemas that refer to this version.
  async::Task<std::vector<std::int32_t>> referenced_by(std::string subject, std::int32_t version);

  // The id, durable; nullopt when the subject's last version, deleted ones counted, is not `last`
  // any more. `id` and `version`: of an import.
  async::Task<std::optional<std::int32_t>> add(std::string subject, std::int32_t last,
                                               Prepared schema, std::optional<std::int32_t> id,
                                               std::optional<std::int32_t> version);
  // Marks a version as deleted; 0: all of the subject.
  async::Task<void> hide(std::string subject, std::int32_t version);
  // Takes versions that are marked away for good; their ids stay taken.
  async::Task<void> remove(std::string subject, std::int32_t version);

  // An empty subject: what holds for all.
  async::Task<Settings> settings(std::string subject);
  async::Task<void> set_level(std::string subject, std::optional<Level> level);
  async::Task<void> set_mode(std::string subject, std::optional<Mode> mode);

  async::Task<std::string> cluster_id();

 private:
  async::Task<postgres::Rows> write(std::string sql, postgres::Params params);

  postgres::Database& database_;
  std::map<std::int32_t, Stored> known_;  // schemas by id: they never change
};

}  // namespace hansa::registry
