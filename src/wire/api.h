// Which requests of Kafka clients are understood, and in which versions: the one table from which
// dispatch and the answer to ApiVersions both come, so that what is advertised is what is served.
// Values; pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hansa::wire {

enum class ApiKey : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  leave_group = 13,
  sync_group = 14,
  describe_groups = 15,
  list_groups = 16,
  sasl_handshake = 17,
  api_versions = 18,
  create_topics = 19,
  delete_topics = 20,
  delete_records = 21,
  init_producer_id = 22,
  offset_for_leader_epoch = 23,
  describe_configs = 32,
  alter_configs = 33,
  sasl_authenticate = 36,
  create_partitions = 37,
  delete_groups = 42,
  incremental_alter_configs = 44,
  offset_delete = 47,
  describe_cluster = 60,
};

inline constexpr std::int16_t never_flexible = 0x7fff;

struct Api {
  ApiKey key{};
  std::string_view name;            // Kafka's
  std::int16_t advertised_min = 0;  // may be below what is served: see Produce
  std::int16_t min = 0, max = 0;    // served
  // From here on strings and arrays are compact and fields may be tagged (KIP-482).
  std::int16_t flexible = 0;
  std::size_t request_bytes_max = 0;

  [[nodiscard]] constexpr bool serves(std::int16_t version) const {
    return version >= min && version <= max;
  }
};

namespace detail {
inline constexpr std::size_t small = 1U << 20U;
inline constexpr std::size_t wide = 4U << 20U;  // may list many partitions
inline constexpr std::size_t records = 16U << 20U;
}  // namespace detail

// Ordered by key. Produce is advertised from 0 because librdkafka compresses nothing for a broker
// that does not (KAFKA-18659); what comes below 3 holds message sets of formats 0 and 1, which are
// not taken. Versions that name topics by id alone are left out.
inline constexpr std::array apis = std::to_array<Api>({
    {ApiKey::produce, "Produce", 0, 3, 9, 9, detail::records},
    {ApiKey::fetch, "Fetch", 4, 4, 12, 12, detail::wide},
    {ApiKey::list_offsets, "ListOffsets", 1, 1, 7, 6, detail::wide},
    {ApiKey::metadata, "Metadata", 0, 0, 12, 9, detail::wide},
    {ApiKey::offset_commit, "OffsetCommit", 2, 2, 8, 8, detail::wide},
    {ApiKey::offset_fetch, "OffsetFetch", 1, 1, 8, 6, detail::wide},
    {ApiKey::find_coordinator, "FindCoordinator", 0, 0, 4, 3, detail::small},
    {ApiKey::join_group, "JoinGroup", 0, 0, 9, 6, detail::small},
    {ApiKey::heartbeat, "Heartbeat", 0, 0, 4, 4, detail::small},
    {ApiKey::leave_group, "LeaveGroup", 0, 0, 5, 4, detail::small},
    {ApiKey::sync_group, "SyncGroup", 0, 0, 5, 4, detail::wide},
    {ApiKey::describe_groups, "DescribeGroups", 0, 0, 5, 5, detail::small},
    {ApiKey::list_groups, "ListGroups", 0, 0, 4, 3, detail::small},
    {ApiKey::sasl_handshake, "SaslHandshake", 0, 0, 1, never_flexible, detail::small},
    {ApiKey::api_versions, "ApiVersions", 0, 0, 4, 3, detail::small},
    {ApiKey::create_topics, "CreateTopics", 0, 0, 7, 5, detail::small},
    {ApiKey::delete_topics, "DeleteTopics", 0, 0, 5, 4, detail::small},
    {ApiKey::delete_records, "DeleteRecords", 0, 0, 2, 2, detail::small},
    {ApiKey::init_producer_id, "InitProducerId", 0, 0, 4, 2, detail::small},
    {ApiKey::offset_for_leader_epoch, "OffsetForLeaderEpoch", 2, 2, 4, 4, detail::wide},
    {ApiKey::describe_configs, "DescribeConfigs", 1, 1, 4, 4, detail::small},
    {ApiKey::alter_configs, "AlterConfigs", 0, 0, 2, 2, detail::small},
    {ApiKey::sasl_authenticate, "SaslAuthenticate", 0, 0, 2, 2, detail::small},
    {ApiKey::create_partitions, "CreatePartitions", 0, 0, 3, 2, detail::small},
    {ApiKey::delete_groups, "DeleteGroups", 0, 0, 2, 2, detail::small},
    {ApiKey::incremental_alter_configs, "IncrementalAlterConfigs", 0, 0, 1, 1, detail::small},
    {ApiKey::offset_delete, "OffsetDelete", 0, 0, 0, never_flexible, detail::small},
    {ApiKey::describe_cluster, "DescribeCluster", 0, 0, 1, 0, detail::small},
});

// nullptr: not served.
[[nodiscard]] constexpr Api const* find_api(std::int16_t key) {
  for (Api const& each : apis)
    if (static_cast<std::int16_t>(each.key) == key) return &each;
  return nullptr;
}

}  // namespace hansa::wire
