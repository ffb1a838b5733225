#include "events/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "events/members.h"
#include "json/value.h"

namespace hansa::events {
namespace {

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  if (value.empty())
    out += "null";
  else
    json::write_string(value, out);
}

std::string_view operation(Incoming const& event) {
  if (!event.record.value) return "delete";
  return event.record.operation.empty() ? "event" : event.record.operation;
}

// Also where it is empty: a key may be, and a dead letter says something of each.
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
                       std::int32_t partition, std::optional<std::span<ColumnName const>> only) {
  auto const wanted = [only](std::string_view name) {
    return !only || std::ranges::find(*only, name, &ColumnName::text) != only->end();
  };
  bool const partitions = wanted("_partition"), offsets = wanted("_offset"), ops = wanted("_op");
  bool const keys = wanted("_key"), topics = wanted("_topic"), times = wanted("_time");
  bool const ids = wanted("_id");
  std::string out = "[";
  for (Incoming const& event : events) {
    if (out.size() > 1) out += ',';
    out += '{';
    auto const begin = out.size();
    if (only)
      append_members(event.json, *only, out);
    else if (event.json.size() > 2)
      out.append(event.json, 1, event.json.size() - 2);
    // The first of ours has a comma before it, too many where there is no field.
    auto const end = out.size();
    if (partitions) out.append(",\"_partition\":").append(std::to_string(partition));
    if (offsets) out.append(",\"_offset\":").append(std::to_string(event.record.offset));
    if (ops) add(out, "_op", operation(event));
    if (keys) add_text(out, "_key", event.record.key);
    if (topics) add(out, "_topic", topic);
    if (times) add(out, "_time", time_text(event.record.timestamp_ms));
    if (ids) add(out, "_id", event.record.id);
    if (!only || !event.record.trace.empty()) add(out, "_trace", event.record.trace);
    if (end == begin && out.size() > end) out.erase(end, 1);
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
