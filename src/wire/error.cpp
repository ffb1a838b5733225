#include "wire/error.h"

#include <algorithm>
#include <array>

namespace hansa::wire {
namespace {

struct Name {
  KafkaError error;
  std::string_view text;
};

constexpr std::array names = std::to_array<Name>({
    {KafkaError::unknown_server_error, "UNKNOWN_SERVER_ERROR"},
    {KafkaError::none, "NONE"},
    {KafkaError::offset_out_of_range, "OFFSET_OUT_OF_RANGE"},
    {KafkaError::corrupt_message, "CORRUPT_MESSAGE"},
    {KafkaError::unknown_topic_or_partition, "UNKNOWN_TOPIC_OR_PARTITION"},
    {KafkaError::invalid_fetch_size, "INVALID_FETCH_SIZE"},
    {KafkaError::leader_not_available, "LEADER_NOT_AVAILABLE"},
    {KafkaError::not_leader_or_follower, "NOT_LEADER_OR_FOLLOWER"},
    {KafkaError::request_timed_out, "REQUEST_TIMED_OUT"},
    {KafkaError::broker_not_available, "BROKER_NOT_AVAILABLE"},
    {KafkaError::message_too_large, "MESSAGE_TOO_LARGE"},
    {KafkaError::offset_metadata_too_large, "OFFSET_METADATA_TOO_LARGE"},
    {KafkaError::network_exception, "NETWORK_EXCEPTION"},
    {KafkaError::coordinator_load_in_progress, "COORDINATOR_LOAD_IN_PROGRESS"},
    {KafkaError::coordinator_not_available, "COORDINATOR_NOT_AVAILABLE"},
    {KafkaError::not_coordinator, "NOT_COORDINATOR"},
    {KafkaError::invalid_topic_exception, "INVALID_TOPIC_EXCEPTION"},
    {KafkaError::record_list_too_large, "RECORD_LIST_TOO_LARGE"},
    {KafkaError::invalid_required_acks, "INVALID_REQUIRED_ACKS"},
    {KafkaError::illegal_generation, "ILLEGAL_GENERATION"},
    {KafkaError::inconsistent_group_protocol, "INCONSISTENT_GROUP_PROTOCOL"},
    {KafkaError::invalid_group_id, "INVALID_GROUP_ID"},
    {KafkaError::unknown_member_id, "UNKNOWN_MEMBER_ID"},
    {KafkaError::invalid_session_timeout, "INVALID_SESSION_TIMEOUT"},
    {KafkaError::rebalance_in_progress, "REBALANCE_IN_PROGRESS"},
    {KafkaError::invalid_commit_offset_size, "INVALID_COMMIT_OFFSET_SIZE"},
    {KafkaError::topic_authorization_failed, "TOPIC_AUTHORIZATION_FAILED"},
    {KafkaError::group_authorization_failed, "GROUP_AUTHORIZATION_FAILED"},
    {KafkaError::cluster_authorization_failed, "CLUSTER_AUTHORIZATION_FAILED"},
    {KafkaError::invalid_timestamp, "INVALID_TIMESTAMP"},
    {KafkaError::unsupported_sasl_mechanism, "UNSUPPORTED_SASL_MECHANISM"},
    {KafkaError::illegal_sasl_state, "ILLEGAL_SASL_STATE"},
    {KafkaError::unsupported_version, "UNSUPPORTED_VERSION"},
    {KafkaError::topic_already_exists, "TOPIC_ALREADY_EXISTS"},
    {KafkaError::invalid_partitions, "INVALID_PARTITIONS"},
    {KafkaError::invalid_replication_factor, "INVALID_REPLICATION_FACTOR"},
    {KafkaError::invalid_replica_assignment, "INVALID_REPLICA_ASSIGNMENT"},
    {KafkaError::invalid_config, "INVALID_CONFIG"},
    {KafkaError::not_controller, "NOT_CONTROLLER"},
    {KafkaError::invalid_request, "INVALID_REQUEST"},
    {KafkaError::unsupported_for_message_format, "UNSUPPORTED_FOR_MESSAGE_FORMAT"},
    {KafkaError::policy_violation, "POLICY_VIOLATION"},
    {KafkaError::out_of_order_sequence_number, "OUT_OF_ORDER_SEQUENCE_NUMBER"},
    {KafkaError::duplicate_sequence_number, "DUPLICATE_SEQUENCE_NUMBER"},
    {KafkaError::invalid_producer_epoch, "INVALID_PRODUCER_EPOCH"},
    {KafkaError::transactional_id_authorization_failed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"},
    {KafkaError::kafka_storage_error, "KAFKA_STORAGE_ERROR"},
    {KafkaError::sasl_authentication_failed, "SASL_AUTHENTICATION_FAILED"},
    {KafkaError::unknown_producer_id, "UNKNOWN_PRODUCER_ID"},
    {KafkaError::non_empty_group, "NON_EMPTY_GROUP"},
    {KafkaError::group_id_not_found, "GROUP_ID_NOT_FOUND"},
    {KafkaError::fetch_session_id_not_found, "FETCH_SESSION_ID_NOT_FOUND"},
    {KafkaError::invalid_fetch_session_epoch, "INVALID_FETCH_SESSION_EPOCH"},
    {KafkaError::topic_deletion_disabled, "TOPIC_DELETION_DISABLED"},
    {KafkaError::fenced_leader_epoch, "FENCED_LEADER_EPOCH"},
    {KafkaError::unknown_leader_epoch, "UNKNOWN_LEADER_EPOCH"},
    {KafkaError::unsupported_compression_type, "UNSUPPORTED_COMPRESSION_TYPE"},
    {KafkaError::member_id_required, "MEMBER_ID_REQUIRED"},
    {KafkaError::group_max_size_reached, "GROUP_MAX_SIZE_REACHED"},
    {KafkaError::fenced_instance_id, "FENCED_INSTANCE_ID"},
    {KafkaError::invalid_record, "INVALID_RECORD"},
    {KafkaError::unstable_offset_commit, "UNSTABLE_OFFSET_COMMIT"},
    {KafkaError::throttling_quota_exceeded, "THROTTLING_QUOTA_EXCEEDED"},
    {KafkaError::group_subscribed_to_topic, "GROUP_SUBSCRIBED_TO_TOPIC"},
});

}  // namespace

std::string_view to_text(KafkaError error) {
  auto const found = std::ranges::find(names, error, &Name::error);
  return found == names.end() ? std::string_view{"UNKNOWN"} : found->text;
}

}  // namespace hansa::wire
