#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/fetch.h"
#include "wire/groups.h"
#include "wire/message.h"
#include "wire/metadata.h"
#include "wire/offsets.h"
#include "wire/produce.h"
#include "wire/protocol_io.h"
#include "wire/request_header.h"
#include "wire/topics.h"

namespace hansa::wire {
namespace {

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string out;
  for (int const byte : bytes) out += static_cast<char>(byte);
  return out;
}

template <class Message>
std::string written(Message const& message, std::int16_t version) {
  std::string out;
  write_message(message, version, out);
  return out;
}

// What was written is read, and written again the same; no beginning of it is a message; and a
// stranger's bytes in its place never do harm.
template <class Message>
void check(Message const& message) {
  auto const* const api = find_api(static_cast<std::int16_t>(Message::key));
  ASSERT_NE(api, nullptr);
  for (std::int16_t version = api->min; version <= api->max; ++version) {
    SCOPED_TRACE(testing::Message() << api->name << " version " << version);
    auto const bytes = written(message, version);
    auto const read = read_message<Message>(bytes, version);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(written(*read, version), bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_FALSE(read_message<Message>(bytes.substr(0, i), version)) << "cut at " << i;
      auto other = bytes;
      other[i] = static_cast<char>(~other[i]);
      static_cast<void>(read_message<Message>(other, version));
    }
  }
}

TEST(Protocol, EveryRequestIsReadAsItWasWritten) {
  check(ProduceRequest{.transactional_id = "t",
                       .acks = 1,
                       .timeout_ms = 5,
                       .topics = {{"a", {{0, std::string_view("records")}, {1, std::nullopt}}}}});
  check(FetchRequest{.wait_max_ms = 1,
                     .topics = {{"a", {{.index = 1, .offset = 7, .bytes_max = 9}}}},
                     .forgotten = {{"b", {1, 2}}},
                     .rack_id = "r"});
  check(ListOffsetsRequest{.topics = {{"a", {{0, 3, -2}, {1, 3, 17}}}}});
  check(MetadataRequest{.topics = {{{Uuid{}, "a"}}}, .topics_made_by_use = false});
  check(OffsetCommitRequest{.group = "g",
                            .generation = 3,
                            .member = "m",
                            .instance = "i",
                            .topics = {{"a", {{0, 9, 2, "note"}}}}});
  check(OffsetFetchRequest{.groups = {{"g", {{{"a", {0, 1}}}}}}, .stable = true});
  check(OffsetDeleteRequest{.group = "g", .topics = {{"a", {0}}}});
  check(FindCoordinatorRequest{.name = "g", .names = {"g", "h"}});
  check(JoinGroupRequest{.group = "g",
                         .session_timeout_ms = 1,
                         .rebalance_timeout_ms = 2,
                         .member = "m",
                         .instance = "i",
                         .protocol_type = "consumer",
                         .protocols = {{"range", "meta"}},
                         .reason = "why"});
  check(SyncGroupRequest{.group = "g",
                         .generation = 1,
                         .member = "m",
                         .protocol_type = "consumer",
                         .protocol_name = "range",
                         .assignments = {{"m", "bytes"}}});
  check(HeartbeatRequest{.group = "g", .generation = 1, .member = "m", .instance = "i"});
  check(LeaveGroupRequest{.group = "g", .members = {{"m", "i", "why"}}});
  check(DescribeGroupsRequest{.groups = {"g", "h"}, .operations = true});
  check(ListGroupsRequest{.states = {"Stable"}});
  check(DeleteGroupsRequest{.groups = {"g"}});
  check(SaslHandshakeRequest{.mechanism = "PLAIN"});
  check(SaslAuthenticateRequest{.bytes = std::string("\0u\0p", 4)});
  check(CreateTopicsRequest{
      .topics = {{"a", 3, 1, {{0, {1}}}, {{"retention.ms", "1"}, {"x", std::nullopt}}}},
      .validate_only = true});
  check(DeleteTopicsRequest{.topics = {"a", "b"}, .timeout_ms = 1});
  check(CreatePartitionsRequest{.topics = {{"a", 4, {{{{1}}}}}, {"b", 5, std::nullopt}}});
  check(DeleteRecordsRequest{.topics = {{"a", {{0, 9}}}}});
  check(InitProducerIdRequest{.transactional_id = "t", .producer_id = 5, .producer_epoch = 1});
  check(OffsetForLeaderEpochRequest{.topics = {{"a", {{0, 2, 1}}}}});
  check(DescribeConfigsRequest{.resources = {{2, "a", {{"retention.ms"}}}, {4, "1", std::nullopt}},
                               .synonyms = true});
  check(AlterConfigsRequest{.resources = {{2, "a", {{"x", "1"}, {"y", std::nullopt}}}}});
  check(IncrementalAlterConfigsRequest{.resources = {{2, "a", {{"x", 1, "1"}}}}});
  check(DescribeClusterRequest{.cluster_operations = true});
}

TEST(Protocol, EveryAnswerIsReadAsItWasWritten) {
  check(ProduceResponse{
      .topics = {{"a", {{.index = 1, .record_errors = {{3, "bad"}}, .error_message = "why"}}}},
      .throttle_ms = 4});
  check(FetchResponse{
      .topics = {{"a",
                  {{.index = 1, .aborted = {{{1, 2}}}, .records = std::string_view("records")},
                   {.index = 2, .aborted = std::nullopt, .records = std::nullopt}}}}});
  check(ListOffsetsResponse{.topics = {{"a", {{.index = 1, .offset = 5}}}}});
  check(MetadataResponse{
      .brokers = {{1, "host", 9092, "rack"}},
      .cluster_id = "c",
      .controller_id = 1,
      .topics = {{.name = "a", .id = Uuid{1}, .partitions = {{.replicas = {1}, .in_sync = {1}}}}}});
  check(OffsetCommitResponse{.topics = {{"a", {{0, KafkaError::none}}}}});
  check(OffsetFetchResponse{.groups = {{"g", {{"a", {{0, 5, 1, "note"}}}}}}});
  check(OffsetDeleteResponse{.topics = {{"a", {{0, KafkaError::none}}}}});
  check(FindCoordinatorResponse{.coordinators = {{"g", 1, "host", 9092}}});
  check(JoinGroupResponse{.generation = 3,
                          .protocol_type = "consumer",
                          .protocol_name = "range",
                          .leader = "m",
                          .member = "m",
                          .members = {{"m", "i", "meta"}}});
  check(SyncGroupResponse{.protocol_type = "consumer", .assignment = "bytes"});
  check(HeartbeatResponse{.error = KafkaError::rebalance_in_progress});
  check(LeaveGroupResponse{.members = {{"m", "i"}}});
  check(DescribeGroupsResponse{
      .groups = {{.name = "g", .state = "Stable", .members = {{.id = "m", .metadata = "x"}}}}});
  check(ListGroupsResponse{.groups = {{"g", "consumer", "Stable"}}});
  check(DeleteGroupsResponse{.groups = {{"g"}}});
  check(SaslHandshakeResponse{.mechanisms = {"PLAIN"}});
  check(SaslAuthenticateResponse{.error_message = "why", .bytes = "x"});
  check(ApiVersionsResponse{.apis = {{0, 3, 9}, {18, 0, 4}}});
  check(CreateTopicsResponse{.topics = {{.name = "a", .configs = {{{"x", "1"}}}}}});
  check(DeleteTopicsResponse{.topics = {{"a", KafkaError::none, "m"}}});
  check(CreatePartitionsResponse{.topics = {{"a", KafkaError::none, std::nullopt}}});
  check(DeleteRecordsResponse{.topics = {{"a", {{0, 5}}}}});
  check(InitProducerIdResponse{.producer_id = 5});
  check(OffsetForLeaderEpochResponse{.topics = {{"a", {{.index = 1}}}}});
  check(DescribeConfigsResponse{
      .resources = {{.name = "a", .configs = {{.name = "x", .synonyms = {{"x", "1", 5}}}}}}});
  check(AlterConfigsResponse{.resources = {{.name = "a"}}});
  check(IncrementalAlterConfigsResponse{.resources = {{.name = "a"}}});
  check(DescribeClusterResponse{.cluster_id = "c", .brokers = {{1, "h", 1, std::nullopt}}});
}

// As the protocol guide lays them out: lengths of two bytes and four, then compact ones.
TEST(Protocol, HasTheLayoutOfTheGuide) {
  HeartbeatRequest const beat{.group = "g", .generation = 7, .member = "ab", .instance = "i"};
  EXPECT_EQ(written(beat, 0), bytes_of({0, 1, 'g', 0, 0, 0, 7, 0, 2, 'a', 'b'}));
  EXPECT_EQ(written(beat, 3), bytes_of({0, 1, 'g', 0, 0, 0, 7, 0, 2, 'a', 'b', 0, 1, 'i'}));
  EXPECT_EQ(written(beat, 4), bytes_of({2, 'g', 0, 0, 0, 7, 3, 'a', 'b', 2, 'i', 0}));
  EXPECT_EQ(written(HeartbeatRequest{.group = "g"}, 3),
            bytes_of({0, 1, 'g', 255, 255, 255, 255, 0, 0, 255, 255}));
  EXPECT_EQ(written(MetadataRequest{.topics = std::nullopt}, 1), bytes_of({255, 255, 255, 255}));
  EXPECT_EQ(written(MetadataRequest{.topics = std::nullopt}, 12), bytes_of({0, 1, 0, 0}));
}

TEST(Protocol, PassesOverTaggedFieldsAndWhatStandsBehind) {
  auto const tagged = bytes_of({2, 'g', 0, 0, 0, 7, 2, 'm', 0, /*two fields*/ 2, 0, 1, 'x', 5, 0});
  auto const read = read_message<HeartbeatRequest>(tagged, 4);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->member, "m");
  EXPECT_EQ(read->instance, std::nullopt);
  EXPECT_TRUE(read_message<HeartbeatRequest>(tagged + "more", 4));
}

TEST(Protocol, BelievesNoCountAndNoLength) {
  auto const refuse = [](auto message, std::string const& bytes, std::int16_t version) {
    using Message = decltype(message);
    EXPECT_FALSE(read_message<Message>(bytes, version)) << testing::PrintToString(bytes);
  };
  refuse(MetadataRequest{}, bytes_of({0x7f, 255, 255, 255}), 1);
  refuse(MetadataRequest{}, bytes_of({255, 255, 255, 254}), 1);           // -2
  refuse(MetadataRequest{}, bytes_of({255, 255, 255, 255, 255, 1}), 12);  // overlong
  refuse(MetadataRequest{}, bytes_of({255, 255, 255, 255, 31}), 12);      // beyond 32 bits
  refuse(HeartbeatRequest{}, bytes_of({0x7f, 255, 'g'}), 0);
  refuse(HeartbeatRequest{}, bytes_of({255, 255}), 0);  // null where there is none
  refuse(HeartbeatRequest{}, bytes_of({2, 'g', 0, 0, 0, 7, 2, 'm', 0, 255, 255, 255, 255, 15}), 4);
  // Elements are counted over all arrays of a message, however small each is.
  std::string many = bytes_of({0, 0x0f, 0x42, 0x40});  // a million
  many.append(2'000'000, '\0');
  refuse(DeleteGroupsRequest{}, many, 0);
}

TEST(RequestHeader, IsReadAsFarAsItsVersionIsKnown) {
  auto const check = [](RequestHeader const& header, std::string const& body) {
    std::string bytes;
    write_request_header(header, bytes);
    bytes += body;
    auto const read = read_request_header(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header.key, header.key);
    EXPECT_EQ(read->header.version, header.version);
    EXPECT_EQ(read->header.correlation_id, header.correlation_id);
    EXPECT_EQ(read->header.client_id, header.client_id);
    EXPECT_EQ(read->body, body);
  };
  check({3, 1, 7, "client"}, "body");
  check({3, 12, 7, "client"}, "body");
  check({3, 12, -1, std::nullopt}, "");
  EXPECT_TRUE(read_request_header(bytes_of({0, 18, 0, 99, 0, 0, 0, 1, 255, 255})));
  EXPECT_TRUE(read_request_header(bytes_of({0x7f, 255, 0, 0, 0, 0, 0, 1, 255, 255})));
  EXPECT_FALSE(read_request_header(bytes_of({0, 18, 0, 0, 0, 0, 0})));
  EXPECT_FALSE(read_request_header(bytes_of({0, 3, 0, 1, 0, 0, 0, 1, 0, 9, 'x'})));
}

TEST(RequestHeader, TheAnswerToApiVersionsNeverHasTags) {
  auto const begun = [](ApiKey key, std::int16_t version) {
    std::string out;
    begin_response(key, version, 5, out);
    return out;
  };
  EXPECT_EQ(begun(ApiKey::metadata, 8), bytes_of({0, 0, 0, 5}));
  EXPECT_EQ(begun(ApiKey::metadata, 9), bytes_of({0, 0, 0, 5, 0}));
  EXPECT_EQ(begun(ApiKey::api_versions, 4), bytes_of({0, 0, 0, 5}));
}

TEST(Apis, AreOrderedAndWithinTheirBounds) {
  std::int16_t before = -1;
  for (Api const& api : apis) {
    EXPECT_GT(static_cast<std::int16_t>(api.key), before) << api.name;
    before = static_cast<std::int16_t>(api.key);
    EXPECT_LE(api.advertised_min, api.min);
    EXPECT_LE(api.min, api.max);
    EXPECT_LE(api.request_bytes_max, std::size_t{16} << 20U);
  }
  EXPECT_EQ(find_api(24), nullptr);  // transactions
}

TEST(KafkaErrors, HaveKafkasWords) {
  EXPECT_EQ(to_text(KafkaError::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(to_text(static_cast<KafkaError>(1234)), "UNKNOWN");
}

}  // namespace
}  // namespace hansa::wire
