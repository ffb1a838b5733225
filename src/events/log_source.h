// The log of a database as a source of events.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "avro/schema.h"
#include "events/source.h"
#include "postgres/session.h"

namespace hansa::events {

class LogSource final : public Source {
 public:
  // `session` reads the database of the topics as a role that may read Hansa's own schema, and
  // outlives the source. Reads happen outside of transactions.
  explicit LogSource(postgres::Session& session) : session_(session) {}

  void refresh(std::span<std::string const> topics) override;
  [[nodiscard]] std::int32_t partitions(std::string const& topic) const override;
  [[nodiscard]] Bounds bounds(std::string const& topic, std::int32_t partition) const override;
  [[nodiscard]] std::string identity(std::string const& topic) override;
  [[nodiscard]] std::span<Record const> read(std::string const& topic, std::int32_t partition,
                                             std::int64_t offset, std::size_t records_max,
                                             std::size_t bytes_max) override;
  [[nodiscard]] Result<void> decode(Record const& record, std::string& out) override;

 private:
  // Batches that were fetched, and the records they hold that were not yet asked for.
  struct Ahead {
    std::string bytes;
    std::vector<std::unique_ptr<std::string const>> decompressed;  // of batches in `bytes`
    std::vector<Record> records;                                   // views of the two
    std::size_t at = 0;                                            // of the first not yet given
    std::int64_t next = 0;                                         // the offset a read goes on at
  };
  void fetch(std::string const& topic, std::int32_t partition, std::int64_t offset, Ahead& ahead);
  [[nodiscard]] std::string fetch_known(std::string const& topic, std::int32_t partition,
                                        std::int64_t offset);
  // Raises `offset` to where the partition begins now.
  void fetch_anew(std::string const& topic, std::int32_t partition, std::int64_t& offset,
                  Ahead& ahead);
  [[nodiscard]] static bool unpack(std::int64_t offset, Ahead& ahead);
  void make_room(Ahead const* keep);
  [[nodiscard]] Result<avro::Schema const*> schema(std::uint32_t id);

  postgres::Session& session_;
  std::string log_id_;
  struct Known {
    std::string id;
    std::vector<Bounds> bounds;  // by partition
  };
  std::map<std::string, Known, std::less<>> topics_;
  std::map<std::pair<std::string, std::int32_t>, Ahead> ahead_;
  std::map<std::uint32_t, avro::Schema> schemas_;  // by id of the registry; ids never change
};

}  // namespace hansa::events
