#include "cli/ports_view.h"

#include <fmt/format.h>

#include "cli/how_long.h"
#include "cli/printable.h"
#include "cli/terminal.h"
#include "cli/text_table.h"
#include "events/batch.h"
#include "events/topics.h"

namespace hansa::cli {
namespace {

using events::PartitionState;
using events::PortState;

std::string ago(std::int64_t moment_ms, Time now) {
  auto const now_ms = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch();
  auto const span = now_ms - std::chrono::milliseconds(moment_ms);
  return how_long(std::max(span, std::chrono::milliseconds{})) + " ago";
}

std::string number(std::int64_t value) {
  return with_commas(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)));
}

std::string state_of(PortState const& port, PartitionState const& partition) {
  if (port.other_log) return "of another log";
  if (port.halt) return "HALTED";
  if (!partition.place) return "not started";
  if (partition.lost() > 0) return fmt::format("{} lost to retention", number(partition.lost()));
  return port.at_work ? "" : "nobody works on it";
}

std::string halt_text(PortState const& port, Time now, Colour colour) {
  auto const paint = [colour](std::string_view code) {
    return colour == Colour::on ? code : std::string_view{};
  };
  auto const& halt = *port.halt;
  return fmt::format(
      "\n{}{} HALTED{} {}, at partition {}, offset {}{}\n  {}\n"
      "  tried again {}; mend it and it goes on by itself\n",
      paint("\x1b[1;31m"), events::port_address(*port.port), paint("\x1b[0m"),
      ago(halt.since_ms, now), halt.partition, halt.offset,
      halt.sqlstate.empty() ? "" : fmt::format(" (SQLSTATE {})", printable(halt.sqlstate)),
      printable(halt.reason), ago(halt.tried_ms, now));
}

json::Value moment(std::optional<std::int64_t> ms) {
  return ms ? json::text(events::time_text(*ms)) : json::Value{};
}

json::Value partition_json(PartitionState const& partition) {
  return json::object({{"partition", json::integer(partition.partition)},
                       {"place", partition.place ? json::integer(*partition.place) : json::Value{}},
                       {"start", json::integer(partition.bounds.start)},
                       {"end", json::integer(partition.bounds.next)},
                       {"lag", json::integer(partition.lag())},
                       {"lost", json::integer(partition.lost())},
                       {"moved", moment(partition.moved_ms)}});
}

json::Value halt_json(PortState const& port) {
  if (!port.halt) return {};
  auto const& halt = *port.halt;
  return json::object(
      {{"partition", json::integer(halt.partition)},
       {"offset", json::integer(halt.offset)},
       {"sqlstate", halt.sqlstate.empty() ? json::Value{} : json::text(halt.sqlstate)},
       {"reason", json::text(halt.reason)},
       {"since", moment(halt.since_ms)},
       {"tried", moment(halt.tried_ms)}});
}

}  // namespace

std::string ports_text(std::vector<PortState> const& ports, Time now, Colour colour) {
  using enum TextTable::Align;
  if (ports.empty()) return "no product of this mesh has an input port\n";
  TextTable table({{"PORT"},
                   {"TOPIC"},
                   {"PARTITION", right},
                   {"PLACE", right},
                   {"END", right},
                   {"LAG", right},
                   {"LAST PROGRESS"},
                   {""}});
  std::string halts;
  for (PortState const& port : ports) {
    auto const address = events::port_address(*port.port);
    if (port.partitions.empty())
      table.add({address, port.port->topic, "", "", "", "", "",
                 "the topic is not in its database: apply"});
    for (PartitionState const& partition : port.partitions)
      table.add({address, port.port->topic, std::to_string(partition.partition),
                 partition.place ? std::to_string(*partition.place) : "-",
                 std::to_string(partition.bounds.next), number(partition.lag()),
                 partition.moved_ms ? ago(*partition.moved_ms, now) : "-",
                 state_of(port, partition)});
    if (port.halt) halts += halt_text(port, now, colour);
  }
  return table.text(colour) + halts;
}

json::Value ports_json(std::vector<PortState> const& ports) {
  json::Array list;
  for (PortState const& port : ports) {
    json::Array partitions;
    std::int64_t lag = 0;
    for (PartitionState const& partition : port.partitions) {
      partitions.push_back(partition_json(partition));
      lag += partition.lag();
    }
    list.push_back(json::object({{"port", json::text(events::port_address(*port.port))},
                                 {"topic", json::text(port.port->topic)},
                                 {"group", json::text(port.port->group)},
                                 {"kind", json::text(to_text(port.port->reaction.kind))},
                                 {"at_work", json::boolean(port.at_work)},
                                 {"other_log", json::boolean(port.other_log)},
                                 {"lag", json::integer(lag)},
                                 {"halted", halt_json(port)},
                                 {"partitions", json::array(std::move(partitions))}}));
  }
  return json::object({{"ports", json::array(std::move(list))}});
}

}  // namespace hansa::cli
