#include "events/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "json/value.h"

namespace hansa::events {
namespace {

void add(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format(",\"{}\":", name);
  if (value.empty())
    out += "null";
  else
    json::write_string(value, out);
}

std::string_view operation(Incoming const& event) {
  if (!event.record.value) return "delete";
  return event.record.operation.empty() ? "event" : event.record.operation;
}

// Also where it is empty: a dead letter says something of each, or the log would refuse it.
void add_text(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format(",\"{}\":", name);
  json::write_string(value, out);
}

}  // namespace

std::string time_text(std::int64_t timestamp_ms) {
  constexpr std::int64_t first = -62'135'596'800'000, last = 253'402'300'799'999;
  std::chrono::sys_time<std::chrono::milliseconds> const time{
      std::chrono::milliseconds(std::clamp(timestamp_ms, first, last))};
  auto const day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day const date{day};
  std::chrono::hh_mm_ss const clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()},
                     unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string batch_json(std::span<Incoming const> events, std::string_view topic,
                       std::int32_t partition) {
  std::string out = "[";
  for (Incoming const& event : events) {
    if (out.size() > 1) out += ',';
    // The value is an object's text: its fields stay as they are, ours are put behind them.
    std::string_view fields = event.json;
    if (fields.size() > 2) {
      out.append(fields.substr(0, fields.size() - 1)).push_back(',');
    } else {
      out.push_back('{');
    }
    out += fmt::format("\"_partition\":{},\"_offset\":{}", partition, event.record.offset);
    add(out, "_op", operation(event));
    add(out, "_key", event.record.key);
    add(out, "_topic", topic);
    add(out, "_time", time_text(event.record.timestamp_ms));
    add(out, "_id", event.record.id);
    add(out, "_trace", event.record.trace);
    out += '}';
  }
  out += ']';
  return out;
}

std::string dead_letter_json(Incoming const& event, std::string_view topic, std::int32_t partition,
                             std::string_view sqlstate, std::string_view reason) {
  std::string out = fmt::format("{{\"partition\":{},\"offset\":{}", partition, event.record.offset);
  add_text(out, "reason", reason);
  add_text(out, "sqlstate", sqlstate);
  add_text(out, "topic", topic);
  add_text(out, "key", event.record.key);
  add_text(out, "time", time_text(event.record.timestamp_ms));
  add_text(out, "op", operation(event));
  add(out, "id", event.record.id);
  add(out, "trace", event.record.trace);
  out += ",\"event\":";
  out += event.json.empty() ? "null" : event.json;
  out += '}';
  return out;
}

}  // namespace hansa::events
