#include "events/topic_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "events/topics.h"
#include "log/decimal_text.h"
#include "log/log.h"
#include "mesh/log_names.h"

namespace hansa::events {
namespace {

using log::to_number;

// A row a partition; segments are few beside records.
constexpr std::string_view read_topics = R"(
select t.name, t.domain, t.cleanup, t.retention_ms, p.start_offset, p.next_offset,
  (select coalesce(sum(s.records), 0) from hansa.segment s
   where s.topic = p.topic and s.partition = p.partition)
from hansa.topic t join hansa.topic_partition p on p.topic = t.id and p.partition < t.partitions
order by t.name, p.partition)";

using States = std::map<std::string, TopicState, std::less<>>;

TopicState declared(mesh::Topic const& topic) {
  TopicState state{.name = topic.name,
                   .domain = topic.domain.text(),
                   .format = std::string(mesh::to_text(topic.format)),
                   .cleanup = std::string(mesh::to_text(topic.cleanup)),
                   .declared = true};
  if (topic.retention) state.retention_ms = topic.retention->count();
  using enum mesh::Topic::Source;
  switch (topic.source) {
    case changes:
      state.made_by = TopicState::MadeBy::changes;
      state.made_of = topic.object.text();
      break;
    case emission:
      state.made_by = TopicState::MadeBy::emission;
      if (topic.emission) state.made_of = topic.emission->table.text();
      break;
    case clients:
      state.made_by = TopicState::MadeBy::clients;
      break;
  }
  return state;
}

States declared_by(mesh::Mesh const& mesh, std::span<DomainName const> domains) {
  auto const here = [domains](DomainName const& domain) {
    return std::ranges::find(domains, domain) != domains.end();
  };
  States out;
  for (mesh::Topic const& topic : mesh.topics)
    if (here(topic.domain)) out.emplace(topic.name, declared(topic));
  for (mesh::Subscription const& port : mesh.subscriptions) {
    if (!here(port.domain) || port.on_error != mesh::Subscription::OnError::dead_letter) continue;
    auto state = declared(dead_letter_topic(port).topic);
    state.made_by = TopicState::MadeBy::dead_letters;
    state.made_of = port_address(port);
    out.emplace(port.dead_letters, std::move(state));
  }
  return out;
}

}  // namespace

std::vector<TopicState> topic_states(mesh::Mesh const& mesh, std::span<DomainName const> domains,
                                     postgres::Session& session) {
  auto states = declared_by(mesh, domains);
  auto const rows = session.execute(read_topics);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& state = states[std::string(rows.value(row, 0))];
    state.name = rows.value(row, 0);
    state.domain = rows.value(row, 1);
    state.cleanup = rows.value(row, 2);
    state.retention_ms.reset();
    if (!rows.is_null(row, 3)) state.retention_ms = to_number<std::int64_t>(rows.value(row, 3));
    state.applied = true;
    state.partitions.push_back({.start = to_number<std::int64_t>(rows.value(row, 4)),
                                .next = to_number<std::int64_t>(rows.value(row, 5))});
    state.records += to_number<std::uint64_t>(rows.value(row, 6));
  }
  std::vector<TopicState> out;
  for (auto& [name, state] : states) out.push_back(std::move(state));
  return out;
}

std::vector<PendingState> pending_states(std::span<DomainName const> domains,
                                         postgres::Session& session) {
  std::vector<PendingState> out;
  for (DomainName const& domain : domains) {
    auto const table = "hansa." + postgres::quote_name(mesh::pending_table(domain));
    auto const there = session.execute("select to_regclass($1) is not null", {table});
    if (there.value(0, 0) != "t") continue;
    auto const rows =
        session.execute(fmt::format("select count(*), coalesce(greatest(0, extract(epoch from "
                                    "clock_timestamp() - min(at)) * 1000), 0)::bigint from {}",
                                    table));
    out.push_back(
        {.domain = domain,
         .events = to_number<std::uint64_t>(rows.value(0, 0)),
         .oldest_age = std::chrono::milliseconds(to_number<std::int64_t>(rows.value(0, 1)))});
  }
  return out;
}

}  // namespace hansa::events
