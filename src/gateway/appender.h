// What Kafka clients give the log: batches of records, and how far groups have read. Everything
// that waits at one moment becomes one transaction; what was answered is durable, and what an
// idempotent producer sends again is found, after a restart too, because its sequence numbers
// change with the log.
//
// Blocking; confined to one thread and to one session, which holds the lock of the gateway: whoever
// lost it can no longer write. Throws what postgres::Session throws, with nothing written or with
// the end of the transaction unknown; the object is then of no further use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gateway/sequences.h"
#include "postgres/session.h"
#include "wire/error.h"

namespace hansa::gateway {

// A batch that was checked (record_check.h). Its bytes are the caller's, who lets them be changed:
// offset and leader epoch, which no checksum covers, are written into them.
struct Append {
  std::int32_t topic = 0;  // hansa.topic.id
  std::int32_t partition = 0;
  std::span<char> batch;
  wire::BatchHeader header;
  bool read_soon = false;  // worth keeping in memory: see recent_batches.h
};

struct Appended {
  wire::KafkaError error = wire::KafkaError::none;
  std::int64_t base_offset = -1;
  std::int64_t log_start = -1;
  bool stored = false;  // now; else refused, or stored by an earlier request
};

// Of one group in one partition.
struct OffsetCommit {
  std::string group, topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::string metadata;
};

class Appender {
 public:
  // `epoch`: Kafka's leader epoch of this gateway, above all before it.
  explicit Appender(std::int32_t epoch) : epoch_(epoch) {}

  // One transaction of all batches that are new, in their order, and all commits. One answer a
  // batch. Errors of one batch leave the others alone: unknown_topic_or_partition,
  // out_of_order_sequence_number, invalid_producer_epoch.
  [[nodiscard]] std::vector<Appended> write(postgres::Session& session,
                                            std::span<Append const> batches,
                                            std::span<OffsetCommit const> commits);
  // The topic is gone, or its ends were moved.
  void forget(std::int32_t topic);

 private:
  using Place = std::pair<std::int32_t, std::int32_t>;  // topic, partition
  struct Partition {
    std::int64_t start = 0;
    std::int64_t committed = 0, next = 0;  // as the database has it; of the next batch
    bool epoch_noted = false;              // in hansa.partition_epoch
    std::map<std::int64_t, std::optional<ProducerState>> producers;  // by producer id
  };

  void load(postgres::Session& session, std::span<Append const> batches);
  void load_producers(postgres::Session& session, std::string const& topics,
                      std::string const& partitions);
  [[nodiscard]] Appended place(Append const& batch);
  struct Draft;
  [[nodiscard]] std::vector<Appended> place_all(std::span<Append const> batches, Draft& draft);
  void add_ends(Draft const& draft, std::vector<postgres::Statement>& statements) const;
  static void add_producers(Draft const& draft, std::vector<postgres::Statement>& statements);

  std::int32_t epoch_;
  std::map<Place, Partition> partitions_;
};

}  // namespace hansa::gateway
