#include "cli/record_view.h"

#include <fmt/format.h>

#include "cli/printable.h"
#include "events/batch.h"
#include "json/value.h"

namespace hansa::cli {
namespace {

std::string_view paint_of(std::string_view operation) {
  if (operation == "create") return "\x1b[32m";
  if (operation == "update") return "\x1b[33m";
  if (operation == "delete") return "\x1b[31m";
  return "\x1b[36m";
}

// What comes from others may be no UTF-8, which JSON cannot hold.
void add(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format(",\"{}\":", name);
  if (value.empty())
    out += "null";
  else
    json::write_string(as_utf8(value), out);
}

}  // namespace

std::string_view operation_of(events::OwnedRecord const& record) {
  if (!record.value) return "delete";
  return record.operation.empty() ? "event" : std::string_view(record.operation);
}

std::string record_line(events::OwnedRecord const& record, RecordValue const& value,
                        Colour colour) {
  auto const paint = [colour](std::string_view code) {
    return colour == Colour::on ? code : std::string_view{};
  };
  auto const operation = operation_of(record);
  auto out =
      fmt::format("{}{}  {}@{}{}  {}{:<6}{}  {}{}{}", paint("\x1b[2m"),
                  events::time_text(record.timestamp_ms), record.partition, record.offset,
                  paint("\x1b[0m"), paint(paint_of(operation)), printable(operation),
                  paint("\x1b[0m"), paint("\x1b[1m"), printable(record.key), paint("\x1b[0m"));
  if (!value)
    out += fmt::format("  {}cannot be read: {}{}", paint("\x1b[31m"),
                       printable(value.error().detail), paint("\x1b[0m"));
  else if (!value->empty())
    out += "  " + printable(*value);
  return out;
}

std::string record_json(std::string_view topic, events::OwnedRecord const& record,
                        RecordValue const& value) {
  std::string out = "{\"topic\":";
  json::write_string(as_utf8(topic), out);
  out += fmt::format(",\"partition\":{},\"offset\":{},\"time\":\"{}\"", record.partition,
                     record.offset, events::time_text(record.timestamp_ms));
  out += ",\"key\":";
  json::write_string(as_utf8(record.key), out);
  add(out, "op", operation_of(record));
  add(out, "id", record.id);
  add(out, "source", record.source);
  add(out, "type", record.type);
  add(out, "trace", record.trace);
  add(out, "actor", record.actor);
  if (value)
    out += ",\"value\":" + (value->empty() ? "null" : *value);
  else
    add(out, "error", value.error().detail);
  return out + "}";
}

}  // namespace hansa::cli
