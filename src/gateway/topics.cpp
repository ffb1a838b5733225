#include "gateway/topics.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "log/decimal_text.h"

namespace hansa::gateway {
namespace {

using log::to_number;

constexpr std::size_t name_bytes_max = 249;

constexpr std::string_view read = R"(
select id, name, domain, partitions, cleanup, coalesce(retention_ms::text, ''), message_bytes_max
from hansa.topic order by id)";
constexpr std::string_view read_settings = R"(
select t.name, s.name, s.value from hansa.topic_setting s join hansa.topic t on t.id = s.topic)";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Topic const* Topics::find(std::string_view name) const {
  auto const found = by_name.find(name);
  return found == by_name.end() ? nullptr : &found->second;
}

void read_topics(postgres::Session& session, std::size_t database, Topics& topics) {
  auto const rows = session.execute(read);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Topic topic{.id = to_number<std::int32_t>(rows.value(i, 0)),
                .name = std::string(rows.value(i, 1)),
                .domain = std::string(rows.value(i, 2)),
                .database = database,
                .partitions = to_number<std::int32_t>(rows.value(i, 3)),
                .cleanup = std::string(rows.value(i, 4)),
                .message_bytes_max = to_number<std::int32_t>(rows.value(i, 6))};
    if (auto const retention = rows.value(i, 5); !retention.empty())
      topic.retention_ms = to_number<std::int64_t>(retention);
    if (topics.mesh && !topic.domain.empty()) topic.declared = topics.mesh->find_topic(topic.name);
    auto name = topic.name;
    topics.by_name.try_emplace(std::move(name), std::move(topic));
  }
  auto const settings = session.execute(read_settings);
  for (std::size_t i = 0; i < settings.size(); ++i) {
    auto const found = topics.by_name.find(settings.value(i, 0));
    if (found == topics.by_name.end() || found->second.database != database) continue;
    found->second.settings.emplace(settings.value(i, 1), settings.value(i, 2));
  }
}

Uuid topic_uuid(std::string_view cluster_id, Topic const& topic) {
  auto const digest = crypto::sha256(
      fmt::format("{}\n{}\n{}\n{}", cluster_id, topic.database, topic.id, topic.name));
  Uuid uuid{};
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  return uuid;
}

std::optional<std::string> refused_name(std::string_view name) {
  if (name.empty()) return "a topic needs a name";
  if (name == "." || name == "..") return "`.` and `..` are no names of topics";
  if (name.size() > name_bytes_max)
    return fmt::format("a name has at most {} characters", name_bytes_max);
  if (!std::ranges::all_of(name, is_name_character))
    return fmt::format("`{:.80}`: a name has letters, digits, `.`, `_` and `-`", name);
  return std::nullopt;
}

}  // namespace hansa::gateway
