#include "mesh/dead_letters.h"

namespace hansa::mesh {

namespace {

using types::Kind;

// An event of the largest size there may be, with what went wrong beside it.
constexpr std::uint32_t message_bytes_max = 2U << 20U;

enum class Presence : std::uint8_t { always, at_times };

Column field(std::string name, Kind kind, std::string description,
             Presence presence = Presence::always) {
  Column column;
  column.name = ColumnName(std::move(name));
  column.physical_name = column.name.text();
  column.type.kind = kind;
  column.required = presence == Presence::always;
  column.description = std::move(description);
  return column;
}

}  // namespace

DeadLetters dead_letters_of(Subscription const& subscription) {
  DeadLetters out;
  auto& object = out.object;
  object.name = ObjectName(subscription.port + "_dead");
  object.physical_name = subscription.dead_letters;
  object.kind = ObjectKind::topic;
  object.description = "Events of topic `" + subscription.topic + "` that the reaction of port `" +
                       subscription.port + "` could not take.";
  object.columns = {
      field("reason", Kind::text, "Why the reaction could not take the event."),
      field("sqlstate", Kind::text, "The SQLSTATE of the error."),
      field("topic", Kind::text, "The topic the event stands in."),
      field("partition", Kind::int32, "Its partition there."),
      field("offset", Kind::int64, "Its offset there."),
      field("key", Kind::text, "Its key, which is this record's too."),
      field("time", Kind::timestamptz, "When it was made."),
      field("op", Kind::text, "What it told: create, update, delete or event.", Presence::at_times),
      field("id", Kind::text, "Its CloudEvents id.", Presence::at_times),
      field("trace", Kind::text, "Its traceparent.", Presence::at_times),
      field("event", Kind::json, "Its value; null for a tombstone and for what was not readable.",
            Presence::at_times)};
  object.where = subscription.where;

  auto& topic = out.topic;
  topic.name = subscription.dead_letters;
  topic.domain = subscription.domain;
  topic.product = subscription.product;
  topic.major = Major{1};
  topic.object = object.name;
  topic.source = Topic::Source::emission;
  for (auto const& column : object.columns) topic.fields.push_back(column.name);
  topic.key = {ColumnName("key")};
  topic.format = EventFormat::json;
  topic.compatibility = Compatibility::none;
  topic.message_bytes_max = message_bytes_max;
  topic.record_name = "DeadLetter";
  topic.event_source = "/" + subscription.domain.text() + "/" + subscription.product.text();
  topic.event_type = subscription.domain.text() + "." + object.name.text() + ".v1";
  topic.where = subscription.where;
  return out;
}

}  // namespace hansa::mesh
