#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/topic_admin.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

enum Kind : std::int8_t { boolean = 1, text = 2, integer = 3, wide = 5, real = 6, list = 7 };

// Kafka's names and defaults (documentation, section Topic Configs). Those that speak of files,
// replicas and flushing are kept as they are given and change nothing here.
constexpr std::array known = std::to_array<KnownConfig>({
    {"cleanup.policy", "delete", list},
    {"compression.gzip.level", "-1", integer},
    {"compression.lz4.level", "9", integer},
    {"compression.type", "producer", text},
    {"compression.zstd.level", "3", integer},
    {"delete.retention.ms", "86400000", wide},
    {"file.delete.delay.ms", "60000", wide},
    {"flush.messages", "9223372036854775807", wide},
    {"flush.ms", "9223372036854775807", wide},
    {"follower.replication.throttled.replicas", "", list},
    {"index.interval.bytes", "4096", integer},
    {"leader.replication.throttled.replicas", "", list},
    {"local.retention.bytes", "-2", wide},
    {"local.retention.ms", "-2", wide},
    {"max.compaction.lag.ms", "9223372036854775807", wide},
    {"max.message.bytes", "1048588", integer},
    {"message.timestamp.after.max.ms", "3600000", wide},
    {"message.timestamp.before.max.ms", "9223372036854775807", wide},
    {"message.timestamp.type", "CreateTime", text},
    {"min.cleanable.dirty.ratio", "0.5", real},
    {"min.compaction.lag.ms", "0", wide},
    {"min.insync.replicas", "1", integer},
    {"preallocate", "false", boolean},
    {"remote.log.copy.disable", "false", boolean},
    {"remote.log.delete.on.disable", "false", boolean},
    {"remote.storage.enable", "false", boolean},
    {"retention.bytes", "-1", wide},
    {"retention.ms", "604800000", wide},
    {"segment.bytes", "1073741824", integer},
    {"segment.index.bytes", "10485760", integer},
    {"segment.jitter.ms", "0", wide},
    {"segment.ms", "604800000", wide},
    {"unclean.leader.election.enable", "false", boolean},
});

template <class T>
std::optional<T> number(std::string_view value) {
  T parsed{};
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return parsed;
}

bool is_sound(KnownConfig const& config, std::string_view value) {
  switch (config.type) {
    case boolean:
      return value == "true" || value == "false";
    case integer:
      return number<std::int32_t>(value).has_value();
    case wide:
      return number<std::int64_t>(value).has_value();
    case real:
      return number<double>(value).has_value();
    default:
      return true;
  }
}

bool is_cleanup(std::string_view value) {
  return value == "delete" || value == "compact" || value == "compact,delete" ||
         value == "delete,compact";
}

std::unexpected<AdminError> bad(std::string_view name, std::string_view value) {
  return std::unexpected(
      AdminError{KafkaError::invalid_config,
                 fmt::format("`{:.100}` is no value of configuration {:.100}", value, name)});
}

}  // namespace

std::span<KnownConfig const> known_configs() { return known; }

std::expected<TopicSettings, AdminError> settings_of(
    std::map<std::string, std::string> const& configs) {
  TopicSettings settings;
  for (auto const& [name, value] : configs) {
    auto const config = std::ranges::find(known, name, &KnownConfig::name);
    if (config == known.end())
      return std::unexpected(AdminError{KafkaError::invalid_config,
                                        fmt::format("Unknown topic config name: {:.100}", name)});
    if (!is_sound(*config, value)) return bad(name, value);
    if (name == "cleanup.policy") {
      if (!is_cleanup(value)) return bad(name, value);
      settings.cleanup = value == "delete,compact" ? "compact,delete" : value;
    } else if (name == "retention.ms") {
      auto const ms = *number<std::int64_t>(value);
      if (ms < -1) return bad(name, value);
      settings.retention_ms = ms < 0 ? std::nullopt : std::optional(ms);
    } else if (name == "max.message.bytes") {
      auto const bytes = *number<std::int32_t>(value);
      if (bytes < 0) return bad(name, value);
      settings.message_bytes_max = bytes;
    } else if (name == "message.timestamp.type" && value != "CreateTime" &&
               value != "LogAppendTime") {
      return bad(name, value);
    }
    settings.others[name] = value;
  }
  return settings;
}

std::map<std::string, std::string> explicit_configs(Topic const& topic) {
  auto configs = topic.settings;
  if (topic.domain.empty()) return configs;
  configs["cleanup.policy"] = topic.cleanup;
  configs["retention.ms"] = std::to_string(topic.retention_ms.value_or(-1));
  configs["max.message.bytes"] = std::to_string(topic.message_bytes_max);
  return configs;
}

}  // namespace hansa::gateway
