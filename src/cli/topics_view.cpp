#include "cli/topics_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/how_long.h"
#include "cli/printable.h"
#include "cli/terminal.h"
#include "cli/text_table.h"

namespace hansa::cli {
namespace {

using events::TopicState;
using MadeBy = TopicState::MadeBy;

constexpr std::size_t offsets_max = 4;  // shown one by one

std::string made_by(TopicState const& topic) {
  switch (topic.made_by) {
    case MadeBy::changes:
      return "changes of " + topic.made_of;
    case MadeBy::emission:
      return topic.made_of.empty() ? "an emission" : "an emission of " + topic.made_of;
    case MadeBy::clients:
      return "clients";
    case MadeBy::dead_letters:
      return "dead letters of " + topic.made_of;
    case MadeBy::unknown:
      break;
  }
  return "?";
}

std::string_view word_of(MadeBy made_by) {
  switch (made_by) {
    case MadeBy::changes:
      return "changes";
    case MadeBy::emission:
      return "emission";
    case MadeBy::clients:
      return "clients";
    case MadeBy::dead_letters:
      return "dead-letters";
    case MadeBy::unknown:
      break;
  }
  return {};
}

std::string next_offsets(TopicState const& topic) {
  std::int64_t sum = 0;
  std::vector<std::int64_t> each;
  for (events::Bounds const& bounds : topic.partitions) {
    sum += bounds.next;
    each.push_back(bounds.next);
  }
  if (each.size() <= offsets_max) return fmt::format("{}", fmt::join(each, " "));
  return fmt::format("{} in all", with_commas(static_cast<std::uint64_t>(sum)));
}

std::string_view standing(TopicState const& topic) {
  if (!topic.declared) return "the folder does not know it";
  return topic.applied ? "" : "not applied yet";
}

json::Value known(std::string_view text) { return text.empty() ? json::Value{} : json::text(text); }

}  // namespace

std::string topics_text(std::vector<TopicState> const& topics,
                        std::vector<events::PendingState> const& pending, Colour colour) {
  using enum TextTable::Align;
  TextTable table({{"TOPIC"},
                   {"DOMAIN"},
                   {"MADE BY"},
                   {"FORMAT"},
                   {"PARTITIONS", right},
                   {"CLEANUP"},
                   {"RETENTION"},
                   {"RECORDS", right},
                   {"NEXT OFFSETS"},
                   {""}});
  for (TopicState const& topic : topics)
    table.add(
        {printable(topic.name), printable(topic.domain), made_by(topic),
         topic.format.empty() ? "?" : topic.format,
         topic.applied ? std::to_string(topic.partitions.size()) : "", topic.cleanup,
         topic.retention_ms ? how_long(std::chrono::milliseconds(*topic.retention_ms)) : "for ever",
         topic.applied ? with_commas(topic.records) : "", next_offsets(topic),
         std::string(standing(topic))});
  auto out = topics.empty() ? "no product of this mesh publishes a topic\n" : table.text(colour);
  for (events::PendingState const& log : pending)
    if (log.events > 0)
      out += fmt::format("{} event{} in the log of {}, the oldest for {}\n",
                         with_commas(log.events), log.events == 1 ? " waits" : "s wait",
                         log.domain.text(), how_long(log.oldest_age));
  return out;
}

json::Value topics_json(std::vector<TopicState> const& topics,
                        std::vector<events::PendingState> const& pending) {
  json::Array list, logs;
  for (TopicState const& topic : topics) {
    json::Array partitions;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i)
      partitions.push_back(json::object({{"partition", json::integer(static_cast<int>(i))},
                                         {"start", json::integer(topic.partitions[i].start)},
                                         {"next", json::integer(topic.partitions[i].next)}}));
    list.push_back(json::object(
        {{"name", json::text(topic.name)},
         {"domain", json::text(topic.domain)},
         {"made_by", known(word_of(topic.made_by))},
         {"of", known(topic.made_of)},
         {"format", known(topic.format)},
         {"cleanup", json::text(topic.cleanup)},
         {"retention_ms", topic.retention_ms ? json::integer(*topic.retention_ms) : json::Value{}},
         {"declared", json::boolean(topic.declared)},
         {"applied", json::boolean(topic.applied)},
         {"records", json::integer(static_cast<std::int64_t>(topic.records))},
         {"partitions", json::array(std::move(partitions))}}));
  }
  for (events::PendingState const& log : pending)
    logs.push_back(json::object(
        {{"domain", json::text(log.domain.text())},
         {"events", json::integer(static_cast<std::int64_t>(log.events))},
         {"oldest_ms", log.events > 0 ? json::integer(log.oldest_age.count()) : json::Value{}}}));
  return json::object(
      {{"topics", json::array(std::move(list))}, {"pending", json::array(std::move(logs))}});
}

}  // namespace hansa::cli
