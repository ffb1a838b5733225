#include "render/event_text.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "render/event_schemas.h"

namespace hansa::render {

namespace {

using Source = mesh::Topic::Source;

template <class Names, class Text>
std::string listed(Names const& names, Text const& text) {
  std::string out;
  for (auto const& name : names) out += (out.empty() ? "" : ", ") + text(name);
  return out;
}

template <class Tag>
std::string quoted(Name<Tag> const& name) {
  return "`" + name.text() + "`";
}

std::string emission_text(mesh::Emission const& emission) {
  std::vector<std::string_view> words;
  if (emission.on_insert) words.emplace_back("inserted into");
  if (emission.on_update) words.emplace_back("updated in");
  if (emission.on_delete) words.emplace_back("deleted from");
  std::string when;
  for (std::size_t i = 0; i < words.size(); ++i) {
    when += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    when += words[i];
  }
  return fmt::format("Made in the same transaction when rows are {} table {}.", when,
                     quoted(emission.table));
}

std::string duration_text(std::chrono::milliseconds time) {
  struct Unit {
    std::int64_t ms;
    std::string_view name;
  };
  static constexpr std::array<Unit, 5> units = {{{86'400'000, "day"},
                                                 {3'600'000, "hour"},
                                                 {60'000, "minute"},
                                                 {1'000, "second"},
                                                 {1, "millisecond"}}};
  for (auto const& unit : units) {
    if (time.count() % unit.ms != 0) continue;
    auto const count = time.count() / unit.ms;
    return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return {};
}

}  // namespace

std::string title_of(EventTopic const& topic) {
  auto const& object = topic.object;
  return object.business_name.empty() ? object.name.text() : object.business_name;
}

std::string origin_text(EventTopic const& topic) {
  if (topic.dead_letters != nullptr) {
    return "Made in the transaction in which the port passes over the event.";
  }
  if (topic.topic.emission) return emission_text(*topic.topic.emission);
  if (topic.topic.source == Source::changes) {
    return fmt::format(
        "Every row of table {} as it is after a change, and a tombstone when it is gone; "
        "whoever changes it, in the same transaction.",
        quoted(topic.object.name));
  }
  return fmt::format("Written by clients of domain {}, which choose the headers.",
                     quoted(topic.topic.domain));
}

std::string key_text(EventTopic const& topic) {
  auto const schema = key_schema(topic.object, topic.topic);
  return *schema.find("description")->as_string();
}

std::string format_text(EventTopic const& topic) {
  auto const& each = topic.topic;
  if (each.format == mesh::EventFormat::json) return "JSON.";
  return fmt::format(
      "Avro in Confluent's framing: a zero byte, the schema's id as four bytes big-endian, the "
      "data. The schema is registered under `{}`.",
      subject_of(each.name));
}

std::string left_out_text(EventTopic const& topic) {
  if (topic.topic.left_out.empty()) return {};
  auto const named = [&](ColumnName const& name) {
    auto const* column = topic.object.find(name.text());
    auto const word = column == nullptr ? std::string{} : column->classification;
    return word.empty() ? quoted(name) : fmt::format("{} ({})", quoted(name), word);
  };
  return fmt::format(
      "Left out, because every reader of a topic gets the same bytes and these are classified: "
      "{}.",
      listed(topic.topic.left_out, named));
}

std::string retention_text(mesh::Topic const& topic) {
  auto const time = topic.retention ? duration_text(*topic.retention) : "for ever";
  switch (topic.cleanup) {
    case mesh::Cleanup::remove:
      return time;
    case mesh::Cleanup::compact:
      return "the last event of each key, for ever";
    case mesh::Cleanup::compact_and_remove:
      break;
  }
  return topic.retention ? fmt::format("the last event of each key, {}", time)
                         : "the last event of each key, for ever";
}

std::string type_text(mesh::Column const& field) { return types::to_text(field.type); }

std::string field_text(mesh::Column const& field) {
  auto out = field.description;
  auto const say = [&](std::string const& sentence) {
    static constexpr std::string_view ends = ".!?:;";
    if (!out.empty()) out += ends.contains(out.back()) ? " " : ". ";
    out += sentence;
  };
  if (!field.rules.valid_values.empty()) {
    auto const text = [](std::string const& value) { return value; };
    say(fmt::format("One of: {}.", listed(field.rules.valid_values, text)));
  }
  if (!field.classification.empty()) say(fmt::format("Classified {}.", field.classification));
  if (field.deprecated) say("Deprecated.");
  return out;
}

std::string reaction_text(mesh::Subscription const& port) {
  auto const& reaction = port.reaction;
  auto const projection = reaction.kind == mesh::Reaction::Kind::projection;
  auto out = reaction.batch == 0
                 ? std::string("Applied one by one, each exactly once")
                 : fmt::format("Applied up to {} at once, each exactly once", reaction.batch);
  if (!reaction.writes.empty()) {
    out += fmt::format(", {} {}", projection ? "to build" : "to change",
                       listed(reaction.writes, [](auto const& name) { return quoted(name); }));
  }
  out += port.from == mesh::Subscription::From::earliest
             ? "; from the first event on."
             : "; from the first event after the port was made on.";
  out += port.on_error == mesh::Subscription::OnError::dead_letter
             ? fmt::format(" What it cannot take goes to `{}`.", port.dead_letters)
             : " An event it cannot take stops it.";
  return out;
}

std::string subject_of(std::string_view topic) { return std::string(topic) + "-value"; }

}  // namespace hansa::render
