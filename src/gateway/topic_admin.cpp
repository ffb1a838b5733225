#include "gateway/topic_admin.h"

#include <fmt/format.h>

#include "json/value.h"
#include "log/decimal_text.h"

namespace hansa::gateway {
namespace {

using postgres::Session;
using wire::KafkaError;

constexpr std::int32_t partitions_max = 1'000;  // as hansa.topic has it

constexpr std::string_view insert_topic = R"(
insert into hansa.topic (name, domain, stream, partitions, cleanup, retention_ms,
                         message_bytes_max)
values ($1, '', '', $2, $3, nullif($4, '')::bigint, $5)
on conflict (name) do nothing returning id)";
constexpr std::string_view add_partitions =
    "insert into hansa.topic_partition (topic, partition) "
    "select $1::int, generate_series($2::int, $3::int - 1) on conflict do nothing";
constexpr std::string_view insert_settings =
    "insert into hansa.topic_setting (topic, name, value) "
    "select $1::int, key, value from json_each_text($2::json)";

std::string settings_json(std::map<std::string, std::string> const& settings) {
  json::Object members;
  for (auto const& [name, value] : settings) members.emplace_back(name, json::text(value));
  return json::to_text(json::object(std::move(members)));
}

std::string retention_text(TopicSettings const& settings) {
  return settings.retention_ms ? std::to_string(*settings.retention_ms) : std::string{};
}

AdminError unknown(std::string_view name) {
  return {KafkaError::unknown_topic_or_partition, fmt::format("no topic `{:.249}`", name)};
}

AdminError declared(Topic const& topic) {
  return {
      KafkaError::policy_violation,
      fmt::format("topic {} is declared by domain {}: change its contract and run `hansa apply`",
                  topic.name, topic.domain)};
}

// Runs on the session that holds the gateway's lock.
async::Task<AdminError> change(Broker& broker, std::function<AdminError(Session&)> work) {
  AdminError outcome;
  try {
    outcome = co_await broker.writer(0).run<AdminError>(std::move(work));
  } catch (postgres::SqlError const& error) {
    outcome = {KafkaError::unknown_server_error, "PostgreSQL refused it"};
    broker.report(error);
  } catch (Failure const& failure) {
    outcome = {KafkaError::not_controller, failure.error().detail};
  }
  co_await broker.reload();
  co_return outcome;
}

}  // namespace

async::Task<AdminError> make_topic(Broker& broker, NewTopic wanted) {
  if (auto reason = refused_name(wanted.name))
    co_return AdminError{KafkaError::invalid_topic_exception, *std::move(reason)};
  if (wanted.partitions < 1 || wanted.partitions > partitions_max)
    co_return AdminError{KafkaError::invalid_partitions,
                         fmt::format("a topic has 1 to {} partitions", partitions_max)};
  auto const settings = settings_of(wanted.configs);
  if (!settings) co_return settings.error();
  if (broker.topics()->find(wanted.name) != nullptr)
    co_return AdminError{KafkaError::topic_already_exists,
                         fmt::format("Topic '{}' already exists.", wanted.name)};
  std::function<AdminError(Session&)> work = [wanted, settings = *settings](Session& session) {
    AdminError outcome;
    session.transaction([&] {
      auto const made = session.execute(
          insert_topic, {wanted.name, std::to_string(wanted.partitions), settings.cleanup,
                         retention_text(settings), std::to_string(settings.message_bytes_max)});
      if (made.size() == 0) {
        outcome = {KafkaError::topic_already_exists,
                   fmt::format("Topic '{}' already exists.", wanted.name)};
        return;
      }
      std::string const id(made.value(0, 0));
      session.execute(add_partitions, {id, "0", std::to_string(wanted.partitions)});
      session.execute(insert_settings, {id, settings_json(settings.others)});
    });
    return outcome;
  };
  co_return co_await change(broker, std::move(work));
}

async::Task<AdminError> delete_topic(Broker& broker, std::string name) {
  auto const topics = broker.topics();
  auto const* const topic = topics->find(name);
  if (topic == nullptr) co_return unknown(name);
  if (!topic->domain.empty()) co_return declared(*topic);
  broker.forget(0, topic->id);
  std::function<AdminError(Session&)> work = [id = topic->id, name](Session& session) {
    session.transaction([&] {
      session.execute("delete from hansa.group_offset where topic = $1", {name});
      session.execute("delete from hansa.topic where id = $1 and domain = ''",
                      {std::to_string(id)});
    });
    return AdminError{};
  };
  co_return co_await change(broker, std::move(work));
}

async::Task<AdminError> raise_partitions(Broker& broker, std::string name, std::int32_t count) {
  auto const topics = broker.topics();
  auto const* const topic = topics->find(name);
  if (topic == nullptr) co_return unknown(name);
  if (!topic->domain.empty()) co_return declared(*topic);
  if (count <= topic->partitions || count > partitions_max)
    co_return AdminError{
        KafkaError::invalid_partitions,
        fmt::format("The topic {} currently has {} partition(s); {} would not be an increase{}.",
                    name, topic->partitions, count,
                    count > partitions_max ? " that is allowed" : "")};
  std::function<AdminError(Session&)> work = [id = topic->id, from = topic->partitions,
                                              count](Session& session) {
    session.transaction([&] {
      session.execute("update hansa.topic set partitions = $2 where id = $1",
                      {std::to_string(id), std::to_string(count)});
      session.execute(add_partitions,
                      {std::to_string(id), std::to_string(from), std::to_string(count)});
    });
    return AdminError{};
  };
  co_return co_await change(broker, std::move(work));
}

async::Task<AdminError> replace_configs(Broker& broker, std::string name,
                                        std::map<std::string, std::string> configs) {
  auto const topics = broker.topics();
  auto const* const topic = topics->find(name);
  if (topic == nullptr) co_return unknown(name);
  if (!topic->domain.empty()) co_return declared(*topic);
  auto const settings = settings_of(configs);
  if (!settings) co_return settings.error();
  std::function<AdminError(Session&)> work = [id = topic->id,
                                              settings = *settings](Session& session) {
    session.transaction([&] {
      session.execute(
          "update hansa.topic set cleanup = $2, retention_ms = nullif($3, '')::bigint, "
          "message_bytes_max = $4 where id = $1",
          {std::to_string(id), settings.cleanup, retention_text(settings),
           std::to_string(settings.message_bytes_max)});
      session.execute("delete from hansa.topic_setting where topic = $1", {std::to_string(id)});
      session.execute(insert_settings, {std::to_string(id), settings_json(settings.others)});
    });
    return AdminError{};
  };
  co_return co_await change(broker, std::move(work));
}

}  // namespace hansa::gateway
