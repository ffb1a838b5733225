#include "wire/fetch.h"

#include <algorithm>
#include <map>

#include "gateway/handlers.h"
#include "log/fetch.h"

namespace hansa::gateway {
namespace {

using wire::FetchRequest;
using wire::FetchResponse;
using wire::KafkaError;

constexpr std::size_t answer_bytes_max = 16U << 20U;
constexpr auto wait_max = std::chrono::minutes(5);

// One partition that is asked for, and what was found.
struct Wanted {
  std::size_t topic = 0, partition = 0;  // places in the answer
  std::size_t database = 0;
  std::int32_t topic_id = 0;
  log::FetchPosition position;
  std::size_t bytes_max = 0;
};

struct Found {
  FetchResponse response;
  std::vector<std::unique_ptr<std::string>> records;  // what the response views
  std::size_t bytes = 0;
  bool failed = false;  // some partition has an error: the client wants to know at once
};

KafkaError error_of(log::Fetched::Outcome outcome) {
  switch (outcome) {
    case log::Fetched::Outcome::ok:
      return KafkaError::none;
    case log::Fetched::Outcome::unknown:
      return KafkaError::unknown_topic_or_partition;
    case log::Fetched::Outcome::out_of_range:
      return KafkaError::offset_out_of_range;
    case log::Fetched::Outcome::corrupt:
      return KafkaError::kafka_storage_error;
  }
  return KafkaError::unknown_server_error;
}

// What can be told of a partition without looking for records.
KafkaError refused(Broker const& broker, Topic const* topic,
                   FetchRequest::Partition const& partition) {
  if (topic == nullptr || partition.index < 0 || partition.index >= topic->partitions)
    return KafkaError::unknown_topic_or_partition;
  auto const& lead = broker.leadership(topic->database);
  if (!lead.held) return KafkaError::not_leader_or_follower;
  if (partition.current_leader_epoch >= 0 && partition.current_leader_epoch < lead.epoch)
    return KafkaError::fenced_leader_epoch;
  if (partition.current_leader_epoch > lead.epoch) return KafkaError::unknown_leader_epoch;
  return KafkaError::none;
}

// The answer's shape, with the errors there are, and what is to be looked for.
std::vector<Wanted> plan(Broker const& broker, FetchRequest const& request, Topics const& topics,
                         Found& found, std::set<TopicKey>& keys) {
  std::vector<Wanted> wanted;
  for (auto const& topic : request.topics) {
    auto& out = found.response.topics.emplace_back();
    out.name = topic.name;
    auto const* const known = topics.find(topic.name);
    for (auto const& partition : topic.partitions) {
      auto& each = out.partitions.emplace_back();
      each.index = partition.index;
      each.records = std::string_view{};
      each.error = refused(broker, known, partition);
      if (each.error != KafkaError::none) {
        found.failed = true;
        continue;
      }
      keys.emplace(known->database, known->id);
      wanted.push_back({.topic = found.response.topics.size() - 1,
                        .partition = out.partitions.size() - 1,
                        .database = known->database,
                        .topic_id = known->id,
                        .position = {known->name, partition.index, partition.offset},
                        .bytes_max = static_cast<std::size_t>(std::max(partition.bytes_max, 0))});
    }
  }
  return wanted;
}

using Answers = std::vector<log::Fetched>;

async::Task<Answers> look(Broker& broker, std::size_t database,
                          std::vector<log::FetchPosition> positions, log::FetchLimits limits) {
  std::function<Answers(postgres::Session&)> const work = [positions = std::move(positions),
                                                           limits](postgres::Session& session) {
    return log::fetch(session, positions, limits);
  };
  co_return co_await broker.reader(database).run<Answers>(work);
}

void take(Found& found, Wanted const& wanted, log::Fetched& answer) {
  auto& out = found.response.topics[wanted.topic].partitions[wanted.partition];
  out.error = error_of(answer.outcome);
  found.failed = found.failed || out.error != KafkaError::none;
  out.high_watermark = answer.watermarks.end;
  out.last_stable_offset = answer.watermarks.end;
  out.log_start_offset = answer.watermarks.start;
  if (out.error != KafkaError::none) return;
  found.bytes += answer.batches.size();
  found.records.push_back(std::make_unique<std::string>(std::move(answer.batches)));
  out.records = *found.records.back();
}

bool is_recent(Broker& broker, Wanted const& wanted) {
  return broker.recent()
      .read({wanted.database, wanted.topic_id, wanted.position.partition}, wanted.position.offset,
            0, std::chrono::steady_clock::now())
      .has_value();
}

// From memory. False: it is there no more.
bool take_recent(Broker& broker, Found& found, Wanted const& wanted, std::size_t bytes_max) {
  auto const left = bytes_max - std::min(bytes_max, found.bytes);
  auto const wish = left == 0 ? 0 : std::max<std::size_t>(std::min(left, wanted.bytes_max), 1);
  auto slice = broker.recent().read({wanted.database, wanted.topic_id, wanted.position.partition},
                                    wanted.position.offset, wish, std::chrono::steady_clock::now());
  if (!slice) return false;
  log::Fetched answer{.watermarks = {slice->start, slice->end},
                      .batches = std::move(slice->batches)};
  take(found, wanted, answer);
  return true;
}

using Places = std::vector<std::size_t>;  // in what is wanted

async::Task<void> take_stored(Broker& broker, Found& found, std::vector<Wanted> const& wanted,
                              Places const& places, std::size_t bytes_max) {
  std::map<std::size_t, Places> by_database;
  for (std::size_t const place : places) by_database[wanted[place].database].push_back(place);
  for (auto const& [database, of] : by_database) {
    std::vector<log::FetchPosition> positions;
    log::FetchLimits limits{.bytes_max = 0,
                            .total_bytes_max = bytes_max - std::min(bytes_max, found.bytes)};
    for (std::size_t const place : of) {
      positions.push_back(wanted[place].position);
      limits.bytes_max = std::max(limits.bytes_max, wanted[place].bytes_max);
    }
    limits.bytes_max = std::min(limits.bytes_max, bytes_max);
    auto answers = co_await look(broker, database, std::move(positions), limits);
    for (std::size_t i = 0; i < of.size(); ++i) take(found, wanted[of[i]], answers[i]);
  }
}

// Looks once for all that is wanted. Clients move what they were given to the end of what they ask
// for: the first partition is served first, so that neither kind keeps the other waiting for ever.
async::Task<void> fill(Broker& broker, std::vector<Wanted> const& wanted, std::size_t bytes_max,
                       Found& found) {
  found.records.clear();
  found.bytes = 0;
  Places recent, stored;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    (is_recent(broker, wanted[i]) ? recent : stored).push_back(i);
  bool const stored_first = !stored.empty() && stored.front() == 0;
  if (stored_first) {
    co_await take_stored(broker, found, wanted, stored, bytes_max);
    stored.clear();
  }
  for (std::size_t const place : recent)
    if (!take_recent(broker, found, wanted[place], bytes_max)) stored.push_back(place);
  co_await take_stored(broker, found, wanted, stored, bytes_max);
}

// Fetch sessions are not kept: every request names all it wants, and session 0 says so (KIP-227).
bool refuse_session(FetchRequest const& request, Call& call) {
  constexpr std::int32_t anew = 0, none = -1;
  if (request.session_epoch == anew || request.session_epoch == none) return false;
  FetchResponse response;
  response.error = KafkaError::fetch_session_id_not_found;
  call.note(response.error);
  respond(call, response);
  return true;
}

}  // namespace

async::Task<void> answer_fetch(Broker& broker, Call& call) {
  auto const request = request_of<FetchRequest>(call);
  if (!request || refuse_session(*request, call)) co_return;
  auto const topics = broker.topics();
  Found found;
  std::set<TopicKey> keys;
  auto const wanted = plan(broker, *request, *topics, found, keys);
  Watch::Waiter waiter(broker.watch(), std::move(keys));
  auto const wait =
      std::clamp(std::chrono::milliseconds(request->wait_max_ms), std::chrono::milliseconds(0),
                 std::chrono::duration_cast<std::chrono::milliseconds>(wait_max));
  auto const until = std::chrono::steady_clock::now() + wait;
  // Memory that slow readers hold leaves less for each answer, and never nothing.
  auto const bytes_max =
      std::clamp(std::min<std::size_t>(static_cast<std::size_t>(std::max(request->bytes_max, 0)),
                                       broker.frames().free() / 8),
                 std::size_t{1}, answer_bytes_max);
  auto const enough = static_cast<std::size_t>(std::max(request->bytes_min, 0));
  for (;;) {
    co_await fill(broker, wanted, bytes_max, found);
    if (found.failed || found.bytes >= enough || broker.ending()) break;
    if (!co_await waiter.changed(until)) break;
  }
  for (auto const& topic : found.response.topics)
    for (auto const& partition : topic.partitions) call.note(partition.error);
  respond(call, found.response);
}

}  // namespace hansa::gateway
