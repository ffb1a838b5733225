// One domain's log as its sequencer sees it: where each event goes, and the batch that takes events
// out of the pending table and makes segments of them. Blocking; confined to one thread. Throws
// what postgres::Session throws; the object is then of no further use.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "log/event_encoder.h"
#include "log/log.h"
#include "log/read_ahead.h"
#include "log/segment_writer.h"
#include "postgres/session.h"

namespace hansa::log {

// A topic whose events come out of a pending table, and what they carry.
struct SequencedTopic {
  mesh::Topic topic;  // of source changes or emission
  avro::RecordSchema schema;
};

struct BatchLimits {
  std::int32_t rows_max = 10'000;
  std::int64_t bytes_max = 8 << 20;  // of keys and rows; one event may go beyond it
};

// Called before each round trip with its name. For tests that cut the connection there.
using FailPoint = std::function<void(std::string_view)>;

class DomainLog {
 public:
  // Reads what `topics`, all of this domain, are in the database; a topic that has not been applied
  // is one no event can go to. Gets schemas their ids.
  DomainLog(postgres::Session& session, DomainName domain,
            std::span<SequencedTopic const* const> topics);

  struct Batch {
    std::uint64_t events = 0, records = 0, segments = 0, bytes = 0;
    Time oldest{};
    Sid last = 0;  // all up to here is sequenced
  };
  // Sequences the first events above `floor` and up to `safe`: one transaction of segments, ends of
  // partitions and the deletion of exactly these rows. Requires that every sid up to `safe` is
  // decided. Errors, with nothing done: not_applied for a first event of a stream that goes to no
  // topic we know; those of EventEncoder. An event behind the first that cannot be sequenced ends
  // the batch before it. Where more is left, `ahead` has begun to read it for the next call.
  [[nodiscard]] Result<Batch> sequence(postgres::Session& session, ReadAhead& ahead, Sid floor,
                                       Sid safe, BatchLimits const& limits,
                                       FailPoint const& fail_point);

  [[nodiscard]] DomainName const& domain() const { return domain_; }

 private:
  struct Route {  // to one topic
    EventEncoder encoder;
    std::vector<PartitionEnd> ends;  // one a partition
  };
  struct Stream {
    std::string name;  // of the object
    bool emission = false;
    std::vector<Route> routes;  // one a major
  };

  void add_route(postgres::Session& session, SequencedTopic const& topic);
  [[nodiscard]] Stream* find(std::string_view name, bool emission);
  [[nodiscard]] Result<void> encode_for(Stream& stream, PendingEvent const& event);
  [[nodiscard]] Result<void> encode(postgres::Rows const& rows, std::size_t row);
  [[nodiscard]] Result<std::size_t> encode_all(postgres::Rows const& rows);
  [[nodiscard]] postgres::Rows read(postgres::Session& session, Sid floor, Sid safe,
                                    BatchLimits const& limits) const;
  void write(postgres::Session& session, Sid floor, Batch const& batch,
             FailPoint const& fail_point);
  [[nodiscard]] postgres::Statement advance_ends(std::size_t& count);

  DomainName domain_;
  std::string cut_sql_, read_sql_, delete_sql_;
  std::vector<Stream> streams_;
  std::size_t last_stream_ = 0;  // where find() begins
  std::string last_at_;          // PostgreSQL's text of a moment, and
  std::int64_t last_at_us_ = 0;  // what it says: the events of a statement share theirs
  std::vector<wire::Record const*> records_;  // of one event
  SegmentWriter writer_;
};

}  // namespace hansa::log
