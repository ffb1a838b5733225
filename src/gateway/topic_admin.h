// Topics that Kafka clients make, change and delete: kept in the system database, beside those of
// domains, which only `hansa apply` changes. Suspends until done; confined to the broker's thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/broker.h"

namespace hansa::gateway {

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::map<std::string, std::string> configs;
};

struct AdminError {
  wire::KafkaError error = wire::KafkaError::none;
  std::string message;
};

// Settings of a topic as Kafka names them, of which a few are columns of hansa.topic.
struct TopicSettings {
  std::string cleanup = "delete";
  std::optional<std::int64_t> retention_ms = 604'800'000;  // a week, as Kafka's default
  std::int32_t message_bytes_max = 1'048'588;
  std::map<std::string, std::string> others;
};

// What `configs` make of the defaults. Error: invalid_config, for unknown names and bad values.
[[nodiscard]] std::expected<TopicSettings, AdminError> settings_of(
    std::map<std::string, std::string> const& configs);
// All that was set explicitly, by Kafka's names.
[[nodiscard]] std::map<std::string, std::string> explicit_configs(Topic const& topic);

struct KnownConfig {
  std::string_view name, default_value;
  std::int8_t type = 0;  // Kafka's: 1 boolean, 2 string, 3 int, 5 long, 6 double, 7 list
};
[[nodiscard]] std::span<KnownConfig const> known_configs();

async::Task<AdminError> make_topic(Broker& broker, NewTopic wanted);
async::Task<AdminError> delete_topic(Broker& broker, std::string name);
async::Task<AdminError> raise_partitions(Broker& broker, std::string name, std::int32_t count);
async::Task<AdminError> replace_configs(Broker& broker, std::string name,
                                        std::map<std::string, std::string> configs);

}  // namespace hansa::gateway
