// What is kept of groups in the system database. Suspends; confined to the broker's thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gateway/broker.h"

namespace hansa::gateway {

struct CommittedOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
};
// By topic and partition.
using CommittedOffsets = std::map<std::pair<std::string, std::int32_t>, CommittedOffset>;

// Of a group of Kafka clients, or of an input port, wherever its database is.
async::Task<CommittedOffsets> committed_offsets(Broker& broker, std::string group);
// Names of all groups that have offsets, those of input ports included.
async::Task<std::vector<std::string>> groups_with_offsets(Broker& broker);
// `places`: [["topic", 0], ...]; empty text: all of the group.
async::Task<void> delete_offsets(Broker& broker, std::string group, std::string places);

}  // namespace hansa::gateway
