#include "cli/letters_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/printable.h"
#include "cli/text_table.h"
#include "events/batch.h"
#include "events/topics.h"

namespace hansa::cli {
namespace {

using events::DeadLetter;

constexpr std::size_t reasons_max = 5;

std::string reason_of(DeadLetter const& letter) {
  return fmt::format("{} ({})", printable(letter.reason), printable(letter.sqlstate));
}

// The most frequent reasons, where several letters share them.
std::string reasons_text(std::vector<DeadLetter> const& letters) {
  std::map<std::string, std::size_t> counts;
  for (DeadLetter const& letter : letters) ++counts[reason_of(letter)];
  if (counts.size() == letters.size()) return {};
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](auto const& row) { return row.second; });
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), reasons_max); ++i)
    out += fmt::format("  {} x {}\n", sorted[i].second, sorted[i].first);
  return out;
}

json::Value known(std::string_view text) {
  return text.empty() ? json::Value{} : json::text(as_utf8(text));
}

json::Value value_of(DeadLetter const& letter) {
  if (letter.event.empty()) return {};
  auto value = json::parse(letter.event);
  return value ? *std::move(value) : json::Value{};
}

}  // namespace

std::string letters_text(std::vector<OpenLetters> const& ports, Colour colour) {
  using enum TextTable::Align;
  std::string out;
  for (OpenLetters const& open : ports) {
    if (open.letters.empty()) continue;
    TextTable table({{"OFFSET", right}, {"TIME"}, {"KEY"}, {"SQLSTATE"}, {"EVENT"}, {"REASON"}});
    for (DeadLetter const& letter : open.letters)
      table.add(
          {std::to_string(letter.offset), events::time_text(letter.died_ms), printable(letter.key),
           printable(letter.sqlstate),
           fmt::format("{} {}@{}", printable(letter.topic), letter.partition, letter.event_offset),
           printable(letter.reason)});
    out += fmt::format("{}{}: {}{} dead letter{}\n", out.empty() ? "" : "\n",
                       events::port_address(*open.port), open.more ? "the first " : "",
                       open.letters.size(), open.letters.size() == 1 ? "" : "s");
    out += table.text(colour) + reasons_text(open.letters);
  }
  return out.empty() ? "no dead letters\n" : out;
}

json::Value letters_json(std::vector<OpenLetters> const& ports) {
  json::Array list;
  bool more = false;
  for (OpenLetters const& open : ports) {
    more = more || open.more;
    for (DeadLetter const& letter : open.letters) list.push_back(letter_json(*open.port, letter));
  }
  return json::object(
      {{"dead_letters", json::array(std::move(list))}, {"more", json::boolean(more)}});
}

std::string letter_text(mesh::Subscription const& port, DeadLetter const& letter) {
  auto out = fmt::format(
      "dead letter {} of {}\n"
      "  died      {}\n"
      "  reason    {}\n"
      "  event     {} {}@{}, {}\n"
      "  made      {}\n"
      "  key       {}\n",
      letter.offset, events::port_address(port), events::time_text(letter.died_ms),
      reason_of(letter), printable(letter.topic), letter.partition, letter.event_offset,
      printable(letter.operation), events::time_text(letter.event_ms), printable(letter.key));
  if (!letter.id.empty()) out += fmt::format("  id        {}\n", printable(letter.id));
  if (!letter.trace.empty()) out += fmt::format("  trace     {}\n", printable(letter.trace));
  if (!letter.outcome.empty())
    out +=
        fmt::format("  {:<9} {}\n", printable(letter.outcome), events::time_text(letter.done_ms));
  if (!letter.event.empty()) {
    // Line by line: what would move the cursor is escaped, the line breaks of the form are not.
    auto const text = json::to_pretty_text(value_of(letter));
    for (std::size_t at = 0; at <= text.size();) {
      auto const end = std::min(text.find('\n', at), text.size());
      out += printable(std::string_view(text).substr(at, end - at)) + "\n";
      at = end + 1;
    }
  } else {
    out += letter.replayable() ? "(a tombstone: the key is gone)\n"
                               : "(the event could not be read; it cannot be replayed)\n";
  }
  return out;
}

json::Value letter_json(mesh::Subscription const& port, DeadLetter const& letter) {
  return json::object(
      {{"port", json::text(events::port_address(port))},
       {"offset", json::integer(letter.offset)},
       {"time", json::text(events::time_text(letter.died_ms))},
       {"sqlstate", known(letter.sqlstate)},
       {"reason", known(letter.reason)},
       {"replayable", json::boolean(letter.replayable())},
       {"outcome", known(letter.outcome)},
       {"done",
        letter.outcome.empty() ? json::Value{} : json::text(events::time_text(letter.done_ms))},
       {"event", json::object({{"topic", known(letter.topic)},
                               {"partition", json::integer(letter.partition)},
                               {"offset", json::integer(letter.event_offset)},
                               {"time", json::text(events::time_text(letter.event_ms))},
                               {"key", json::text(as_utf8(letter.key))},
                               {"op", known(letter.operation)},
                               {"id", known(letter.id)},
                               {"trace", known(letter.trace)},
                               {"value", value_of(letter)}})}});
}

}  // namespace hansa::cli
