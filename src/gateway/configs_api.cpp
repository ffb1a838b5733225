// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs.
#include <algorithm>

#include "gateway/handlers.h"
#include "gateway/topic_admin.h"
#include "wire/topics.h"

namespace hansa::gateway {
namespace {

using wire::ConfigResource;
using wire::KafkaError;

// Where a value comes from, in Kafka's numbers.
constexpr std::int8_t of_topic = 1, of_static_broker = 4, by_default = 5;

bool is_wanted(std::optional<std::vector<std::string>> const& names, std::string_view name) {
  return !names || names->empty() || std::ranges::find(*names, name) != names->end();
}

void describe_topic(Topic const& topic, wire::DescribeConfigsRequest const& request,
                    wire::DescribeConfigsRequest::Resource const& asked,
                    wire::DescribeConfigsResponse::Resource& out) {
  auto const given = explicit_configs(topic);
  for (auto const& known : known_configs()) {
    if (!is_wanted(asked.names, known.name)) continue;
    auto const found = given.find(std::string(known.name));
    auto& each = out.configs.emplace_back();
    each.name = known.name;
    each.value = found != given.end() ? found->second : std::string(known.default_value);
    each.source = found != given.end() ? of_topic : by_default;
    each.read_only = !topic.domain.empty();
    each.type = known.type;
    if (!request.synonyms) continue;
    if (found != given.end()) each.synonyms.push_back({each.name, each.value, of_topic});
    each.synonyms.push_back({each.name, std::string(known.default_value), by_default});
  }
}

void describe_broker(Broker const& broker, wire::DescribeConfigsRequest::Resource const& asked,
                     wire::DescribeConfigsResponse::Resource& out) {
  constexpr std::int8_t boolean = 1, text = 2, integer = 3;
  auto const add = [&](std::string name, std::string value, std::int8_t type) {
    if (!is_wanted(asked.names, name)) return;
    auto& each = out.configs.emplace_back();
    each.name = std::move(name);
    each.value = std::move(value);
    each.read_only = true;
    each.source = of_static_broker;
    each.type = type;
  };
  add("broker.id", std::to_string(Broker::node_id), integer);
  add("node.id", std::to_string(Broker::node_id), integer);
  add("auto.create.topics.enable", broker.options().topics_made_by_use ? "true" : "false", boolean);
  add("num.partitions", "1", integer);
  add("default.replication.factor", "1", integer);
  add("message.max.bytes", "1048588", integer);
  add("log.cleanup.policy", "delete", text);
  add("compression.type", "producer", text);
}

}  // namespace

async::Task<void> answer_describe_configs(Broker& broker, Call& call) {
  auto const request = request_of<wire::DescribeConfigsRequest>(call);
  if (!request) co_return;
  auto const topics = broker.topics();
  wire::DescribeConfigsResponse response;
  for (auto const& asked : request->resources) {
    auto& out = response.resources.emplace_back();
    out.type = asked.type;
    out.name = asked.name;
    auto const* const topic = topics->find(asked.name);
    if (asked.type == static_cast<std::int8_t>(ConfigResource::topic)) {
      if (refused_name(asked.name)) {
        out.error = KafkaError::invalid_topic_exception;
      } else if (topic == nullptr) {
        out.error = KafkaError::unknown_topic_or_partition;
        out.error_message = "no such topic";
      } else {
        describe_topic(*topic, *request, asked, out);
      }
    } else if (asked.type == static_cast<std::int8_t>(ConfigResource::broker)) {
      if (asked.name.empty() || asked.name == std::to_string(Broker::node_id))
        describe_broker(broker, asked, out);
      else
        out.error = KafkaError::invalid_request;
    } else {
      out.error = KafkaError::invalid_request;
      out.error_message = "topics and brokers have configurations here";
    }
    call.note(out.error);
  }
  respond(call, response);
}

namespace {

using Configs = std::map<std::string, std::string>;

// Replaces the configuration of one resource; `change` makes the new one of the old.
async::Task<wire::ResourceError> alter(Broker& broker, Call const& call, std::int8_t type,
                                       std::string name, bool validate_only,
                                       std::function<AdminError(Configs&)> change) {
  wire::ResourceError out{.type = type, .name = name};
  auto const fail = [&out](AdminError const& error) {
    out.error = error.error;
    if (error.error != KafkaError::none) out.message = error.message;
  };
  auto const topics = broker.topics();
  auto const* const topic = topics->find(name);
  Configs configs;
  if (!broker.leadership().held) {
    fail({KafkaError::not_controller, "another process serves Kafka clients"});
  } else if (!call.peer->principal.may_write) {
    fail({KafkaError::cluster_authorization_failed, "writing is for the developer's own machine"});
  } else if (type != static_cast<std::int8_t>(ConfigResource::topic)) {
    fail({KafkaError::invalid_request, "only topics have configurations that can be changed"});
  } else if (topic == nullptr) {
    fail({KafkaError::unknown_topic_or_partition, "no such topic"});
  } else {
    configs = topic->settings;
    fail(change(configs));
  }
  if (out.error != KafkaError::none) co_return out;
  if (!validate_only) {
    fail(co_await replace_configs(broker, std::move(name), std::move(configs)));
  } else if (auto const sound = settings_of(configs); !sound) {
    fail(sound.error());
  }
  co_return out;
}

using Operation = wire::IncrementalAlterConfigsRequest;

// Adds a word to a list, or takes it away; no other configuration has words.
std::string changed_list(std::string_view list, std::string const& word, bool add) {
  std::string out;
  bool found = false;
  for (std::size_t at = 0; at <= list.size();) {
    auto const end = std::min(list.find(',', at), list.size());
    auto const each = list.substr(at, end - at);
    at = end + 1;
    if (each.empty()) continue;
    found = found || each == word;
    if (!add && each == word) continue;
    out += out.empty() ? "" : ",";
    out += each;
  }
  if (add && !found) out += (out.empty() ? "" : ",") + word;
  return out;
}

AdminError apply(Operation::Config const& change, Configs& configs) {
  auto const known = std::ranges::find(known_configs(), change.name, &KnownConfig::name);
  if (known == known_configs().end())
    return {KafkaError::invalid_config, "Unknown topic config name: " + change.name};
  if (change.operation == Operation::remove) {
    configs.erase(change.name);
    return {};
  }
  if (!change.value) return {KafkaError::invalid_config, change.name + " needs a value"};
  if (change.operation == Operation::set) {
    configs[change.name] = *change.value;
    return {};
  }
  constexpr std::int8_t list = 7;
  if (known->type != list)
    return {KafkaError::invalid_config, change.name + " is no list to add to or take from"};
  auto const found = configs.find(change.name);
  auto const before = found != configs.end() ? found->second : std::string(known->default_value);
  configs[change.name] = changed_list(before, *change.value, change.operation == Operation::append);
  return {};
}

}  // namespace

async::Task<void> answer_alter_configs(Broker& broker, Call& call) {
  auto const request = request_of<wire::AlterConfigsRequest>(call);
  if (!request) co_return;
  wire::AlterConfigsResponse response;
  for (auto const& resource : request->resources) {
    std::function<AdminError(Configs&)> const change = [&resource](Configs& configs) {
      configs.clear();
      for (auto const& each : resource.configs)
        if (each.value) configs[each.name] = *each.value;
      return AdminError{};
    };
    response.resources.push_back(
        co_await alter(broker, call, resource.type, resource.name, request->validate_only, change));
    call.note(response.resources.back().error);
  }
  respond(call, response);
}

async::Task<void> answer_incremental_alter_configs(Broker& broker, Call& call) {
  auto const request = request_of<wire::IncrementalAlterConfigsRequest>(call);
  if (!request) co_return;
  wire::IncrementalAlterConfigsResponse response;
  for (auto const& resource : request->resources) {
    std::function<AdminError(Configs&)> const change = [&resource](Configs& configs) {
      for (auto const& each : resource.configs)
        if (auto error = apply(each, configs); error.error != KafkaError::none) return error;
      return AdminError{};
    };
    response.resources.push_back(
        co_await alter(broker, call, resource.type, resource.name, request->validate_only, change));
    call.note(response.resources.back().error);
  }
  respond(call, response);
}

}  // namespace hansa::gateway
