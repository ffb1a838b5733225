#include "gateway/handlers.h"

#include <algorithm>
#include <array>

namespace hansa::gateway {
namespace {

using wire::ApiKey;

struct Row {
  ApiKey key;
  Handler handler;
};

// Produce is not among them: a connection takes it in two steps (produce.h).
constexpr std::array rows = std::to_array<Row>({
    {ApiKey::fetch, answer_fetch},
    {ApiKey::list_offsets, answer_list_offsets},
    {ApiKey::metadata, answer_metadata},
    {ApiKey::offset_commit, answer_offset_commit},
    {ApiKey::offset_fetch, answer_offset_fetch},
    {ApiKey::find_coordinator, answer_find_coordinator},
    {ApiKey::join_group, answer_join_group},
    {ApiKey::heartbeat, answer_heartbeat},
    {ApiKey::leave_group, answer_leave_group},
    {ApiKey::sync_group, answer_sync_group},
    {ApiKey::describe_groups, answer_describe_groups},
    {ApiKey::list_groups, answer_list_groups},
    {ApiKey::sasl_handshake, answer_sasl_handshake},
    {ApiKey::api_versions, answer_api_versions},
    {ApiKey::create_topics, answer_create_topics},
    {ApiKey::delete_topics, answer_delete_topics},
    {ApiKey::delete_records, answer_delete_records},
    {ApiKey::init_producer_id, answer_init_producer_id},
    {ApiKey::offset_for_leader_epoch, answer_offset_for_leader_epoch},
    {ApiKey::describe_configs, answer_describe_configs},
    {ApiKey::alter_configs, answer_alter_configs},
    {ApiKey::sasl_authenticate, answer_sasl_authenticate},
    {ApiKey::create_partitions, answer_create_partitions},
    {ApiKey::delete_groups, answer_delete_groups},
    {ApiKey::incremental_alter_configs, answer_incremental_alter_configs},
    {ApiKey::offset_delete, answer_offset_delete},
    {ApiKey::describe_cluster, answer_describe_cluster},
});
// What is advertised is served.
static_assert(std::ranges::all_of(wire::apis, [](wire::Api const& api) {
  return api.key == ApiKey::produce || std::ranges::find(rows, api.key, &Row::key) != rows.end();
}));

}  // namespace

Handler handler_of(std::int16_t key) {
  auto const found = std::ranges::find(rows, static_cast<ApiKey>(key), &Row::key);
  return found == rows.end() ? nullptr : found->handler;
}

}  // namespace hansa::gateway
