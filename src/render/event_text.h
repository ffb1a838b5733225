// Sentences about topics and ports, for the AsyncAPI document and the page of it. Pure. Names stand
// in backticks, as CommonMark has them; every name in them is one the mesh has checked.
#pragma once

#include <string>
#include <string_view>

#include "render/domain_events.h"

namespace hansa::render {

// The name for people: the business name, or the object's.
[[nodiscard]] std::string title_of(EventTopic const& topic);
// Where the events come from: "Every row of table `product` as it is after a change, ...".
[[nodiscard]] std::string origin_text(EventTopic const& topic);
// "The text of `product_id`."
[[nodiscard]] std::string key_text(EventTopic const& topic);
// How the value is written, and under which subject its schema is.
[[nodiscard]] std::string format_text(EventTopic const& topic);
// Which columns no event has; empty if it has all of them.
[[nodiscard]] std::string left_out_text(EventTopic const& topic);
// "7 days", "90 minutes", "for ever"; of a compacted topic what stays.
[[nodiscard]] std::string retention_text(mesh::Topic const& topic);
// "numeric(10,2)", "text": what a field's values are.
[[nodiscard]] std::string type_text(mesh::Column const& field);
// What else is to be known of it: its description, the values it may have, its classification.
[[nodiscard]] std::string field_text(mesh::Column const& field);
// What the port does with an event, where it begins and what becomes of one it cannot take.
[[nodiscard]] std::string reaction_text(mesh::Subscription const& port);

// Under which the registry keeps the schema of a topic's values.
[[nodiscard]] std::string subject_of(std::string_view topic);

}  // namespace hansa::render
