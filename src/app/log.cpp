#include "app/log.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "json/value.h"

namespace hansa::app {
namespace {

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "";
}

void add_text(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out.append(",\"").append(key).append("\":");
  json::write_string(value, out);
}

std::string fields_of(RequestServed const& served) {
  std::string out;
  add_text(out, "method", served.method);
  add_text(out, "route", served.route);
  add_text(out, "domain", served.domain);
  add_text(out, "product", served.product);
  add_text(out, "object", served.object);
  add_text(out, "error", served.error_name);
  if (served.status >= 500) add_text(out, "cause", served.cause);
  add_text(out, "trace_id", served.trace_id);
  out += fmt::format(",\"status\":{},\"rows\":{},\"bytes\":{},\"ms\":{:.3f}", served.status,
                     served.rows, served.body_bytes,
                     std::chrono::duration<double, std::milli>(served.elapsed).count());
  return out;
}

}  // namespace

void JsonLog::write(LogLevel level, std::string_view message, std::string fields) noexcept {
  try {
    auto line = fmt::format(
        "{{\"time\":\"{}\",\"level\":\"{}\",\"message\":", to_text(clock_.now()), word(level));
    json::write_string(message, line);
    line.append(fields).append("}\n");
    put(line);
  } catch (std::bad_alloc const&) {
    put("{\"level\":\"error\",\"message\":\"out of memory\"}\n");
  }
}

// One write call a line, so that lines of several processes do not mix. A pipe that poll() calls
// writable takes PIPE_BUF bytes without blocking; a longer line goes in such parts. A full disk
// loses the line only.
void JsonLog::put(std::string_view line) noexcept {
  std::lock_guard const lock(mutex_);
  pollfd ready{.fd = options_.fd, .events = POLLOUT, .revents = 0};
  if (::poll(&ready, 1, 0) == 0) {
    ++lost_;
    return;
  }
  if (lost_ > 0) {
    char note[96];
    auto const end = fmt::format_to_n(
        note, sizeof note,
        "{{\"level\":\"warning\",\"message\":\"the log's reader stalled\",\"lines_lost\":{}}}\n",
        lost_);
    lost_ = 0;
    std::ignore = ::write(options_.fd, note, end.size);
  }
  while (!line.empty() && ::poll(&ready, 1, 0) != 0) {
    auto const written =
        ::write(options_.fd, line.data(), std::min<std::size_t>(line.size(), PIPE_BUF));
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void JsonLog::observe(Event const& event) noexcept {
  if (auto const* const served = std::get_if<RequestServed>(&event)) {
    bool const failed = served->status >= 500;
    bool const slow = served->elapsed > options_.slow_request;
    if (!failed && !slow && !options_.requests) return;
    write(failed ? LogLevel::error : (slow ? LogLevel::warning : LogLevel::info),
          failed ? "request failed" : (slow ? "slow request" : "request"), fields_of(*served));
    return;
  }
  std::string fields;
  if (auto const* const lost = std::get_if<DatabaseLost>(&event)) {
    add_text(fields, "domain", lost->domain);
    add_text(fields, "reason", lost->reason);
    write(LogLevel::error, "database connection lost", std::move(fields));
  } else if (auto const* const restored = std::get_if<DatabaseRestored>(&event)) {
    add_text(fields, "domain", restored->domain);
    write(LogLevel::info, "database connection restored", std::move(fields));
  } else if (auto const* const notice = std::get_if<Notice>(&event)) {
    add_text(fields, "detail", notice->detail);
    write(notice->level, notice->message, std::move(fields));
  } else {
    write_of_events(event);
  }
}

// What a log of events does all the time is for metrics; here is what somebody has to know.
void JsonLog::write_of_events(Event const& event) noexcept {
  std::string fields;
  auto const milliseconds = [&fields](std::string_view key, Duration value) {
    fields += fmt::format(",\"{}\":{:.1f}", key,
                          std::chrono::duration<double, std::milli>(value).count());
  };
  if (auto const* const gateway = std::get_if<GatewayLease>(&event)) {
    fields += fmt::format(",\"epoch\":{}", gateway->epoch);
    write(LogLevel::info, gateway->held ? "serves Kafka clients" : "serves Kafka clients no longer",
          std::move(fields));
  } else if (auto const* const lease = std::get_if<SequencerLease>(&event)) {
    add_text(fields, "database_of", lease->database);
    write(LogLevel::info, lease->held ? "sequences events" : "sequences events no longer",
          std::move(fields));
  } else if (auto const* const stalled = std::get_if<LogStalled>(&event)) {
    add_text(fields, "domain", stalled->domain);
    add_text(fields, "holders", stalled->holders);
    milliseconds("waited_ms", stalled->waited);
    write(LogLevel::warning, "open transactions keep a domain's events waiting", std::move(fields));
  } else if (auto const* const stopped = std::get_if<LogStopped>(&event)) {
    add_text(fields, "domain", stopped->domain);
    add_text(fields, "error", stopped->error_name);
    add_text(fields, "reason", stopped->reason);
    write(LogLevel::error, "the log of a domain stands still", std::move(fields));
  } else if (auto const* const halted = std::get_if<PortHalted>(&event)) {
    add_text(fields, "domain", halted->domain);
    add_text(fields, "port", halted->port);
    add_text(fields, "topic", halted->topic);
    add_text(fields, "sqlstate", halted->sqlstate);
    add_text(fields, "reason", halted->reason);
    fields += fmt::format(",\"partition\":{},\"offset\":{}", halted->partition, halted->offset);
    write(LogLevel::error, "an input port stands still", std::move(fields));
  } else if (auto const* const advanced = std::get_if<PortAdvanced>(&event)) {
    if (advanced->dead == 0 && advanced->skipped == 0) return;
    add_text(fields, "domain", advanced->domain);
    add_text(fields, "port", advanced->port);
    add_text(fields, "topic", advanced->topic);
    fields += fmt::format(",\"dead\":{},\"skipped\":{}", advanced->dead, advanced->skipped);
    write(LogLevel::warning,
          advanced->skipped > 0 ? "retention took events before a port read them"
                                : "events went to the dead letters",
          std::move(fields));
  }
}

}  // namespace hansa::app
