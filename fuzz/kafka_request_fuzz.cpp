// Requests of Kafka clients, header and body, in every version served: what is read is written and
// read back the same. The first two bytes choose which.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/fetch.h"
#include "wire/groups.h"
#include "wire/message.h"
#include "wire/metadata.h"
#include "wire/offsets.h"
#include "wire/produce.h"
#include "wire/request_header.h"
#include "wire/topics.h"

namespace {
using namespace hansa::wire;

template <class Message>
std::string written(Message const& message, std::int16_t version) {
  std::string out;
  write_message(message, version, out);
  return out;
}

template <class Message>
void read_and_write(Api const& api, std::string_view bytes, std::int16_t version) {
  if (api.key != Message::key) return;
  auto const read = read_message<Message>(bytes, version);
  if (!read) return;
  auto const once = written(*read, version);
  auto const again = read_message<Message>(once, version);
  if (!again || written(*again, version) != once) std::abort();
}

template <class... Messages>
void one_of(Api const& api, std::string_view bytes, std::int16_t version) {
  (read_and_write<Messages>(api, bytes, version), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  static_cast<void>(read_request_header(bytes));
  if (size < 2) return 0;
  auto const& api = apis[data[0] % apis.size()];
  auto const version = static_cast<std::int16_t>(api.min + data[1] % (api.max - api.min + 1));
  one_of<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest,
         OffsetFetchRequest, FindCoordinatorRequest, JoinGroupRequest, HeartbeatRequest,
         LeaveGroupRequest, SyncGroupRequest, DescribeGroupsRequest, ListGroupsRequest,
         SaslHandshakeRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
         DeleteRecordsRequest, InitProducerIdRequest, OffsetForLeaderEpochRequest,
         DescribeConfigsRequest, AlterConfigsRequest, SaslAuthenticateRequest,
         CreatePartitionsRequest, DeleteGroupsRequest, IncrementalAlterConfigsRequest,
         OffsetDeleteRequest, DescribeClusterRequest>(api, bytes.substr(2), version);
  return 0;
}
