#include "events/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "events/batch.h"
#include "events/topics.h"
#include "events/verdict.h"
#include "json/value.h"
#include "log/decimal_text.h"
#include "plan/reaction_sql.h"
#include "types/moment.h"

namespace hansa::events {
namespace {

using log::to_number;
using postgres::SqlError;

constexpr std::size_t chunk_records = 500, chunk_bytes = 4U << 20U;
constexpr int tries_max = 5;
constexpr std::chrono::milliseconds retry_pause{50};

constexpr std::string_view limits =
    "set local statement_timeout = '30s'; set local lock_timeout = '10s'";
constexpr std::string_view read_outcomes =
    "select record_offset, outcome, (extract(epoch from done_at) * 1000)::bigint "
    "from hansa.dead_letter_done where topic = $1 and record_offset between $2 and $3";
// Who comes second waits here until the first has ended, and then finds the row.
constexpr std::string_view note_outcome =
    "insert into hansa.dead_letter_done (topic, record_offset, outcome) values ($1, $2, $3) "
    "on conflict do nothing";

std::string text_of(json::Value const& letter, std::string_view name) {
  auto const* const value = letter.find(name);
  auto const* const text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string{} : *text;
}

template <std::integral T>
T number_of(json::Value const& letter, std::string_view name) {
  auto const* const value = letter.find(name);
  auto const* const number = value == nullptr ? nullptr : value->as_number();
  T out = 0;
  if (number != nullptr)
    std::from_chars(number->digits.data(), number->digits.data() + number->digits.size(), out);
  return out;
}

std::int64_t milliseconds_of(std::string_view text) {
  auto const instant =
      types::read_instant(text, types::MomentSyntax::rfc3339, types::Offset::required);
  return instant ? *instant / 1000 : 0;
}

Incoming incoming(DeadLetter const& letter) {
  bool const tombstone = letter.event.empty();
  std::string_view operation = letter.operation;
  if (operation == "event") operation = {};
  return {
      .record = {.offset = letter.event_offset,
                 .timestamp_ms = letter.event_ms,
                 .key = letter.key,
                 .value = tombstone ? std::nullopt : std::optional<std::string_view>(letter.event),
                 .id = letter.id,
                 .operation = operation,
                 .trace = letter.trace},
      .json = letter.event};
}

std::unexpected<Error> done_before(DeadLetter const& letter) {
  return failure(Code::unknown_dead_letter,
                 fmt::format("dead letter {} was replayed or dropped before", letter.offset));
}

}  // namespace

DeadLetter read_dead_letter(Record const& record, std::string_view json) {
  DeadLetter letter{.offset = record.offset, .died_ms = record.timestamp_ms};
  auto const said = json::parse(json);
  if (!said) {
    letter.reason = "this dead letter cannot be read: " + said.error().detail;
    return letter;
  }
  letter.sqlstate = text_of(*said, "sqlstate");
  letter.reason = text_of(*said, "reason");
  letter.topic = text_of(*said, "topic");
  letter.key = text_of(*said, "key");
  letter.operation = text_of(*said, "op");
  letter.id = text_of(*said, "id");
  letter.trace = text_of(*said, "trace");
  letter.partition = number_of<std::int32_t>(*said, "partition");
  letter.event_offset = number_of<std::int64_t>(*said, "offset");
  letter.event_ms = milliseconds_of(text_of(*said, "time"));
  auto const* const event = said->find("event");
  if (event != nullptr && !event->is_null()) letter.event = json::to_text(*event);
  return letter;
}

DeadLetters::DeadLetters(mesh::Subscription const& port, postgres::Session& session)
    : port_(port), session_(session), source_(session) {}

std::int64_t DeadLetters::end() {
  source_.refresh({&port_.dead_letters, 1});
  return source_.bounds(port_.dead_letters, 0).next;
}

std::map<std::int64_t, DeadLetters::Outcome> DeadLetters::outcomes(std::int64_t first,
                                                                   std::int64_t last) {
  auto const rows = session_.execute(
      read_outcomes, {port_.dead_letters, std::to_string(first), std::to_string(last)});
  std::map<std::int64_t, Outcome> out;
  for (std::size_t row = 0; row < rows.size(); ++row)
    out.emplace(to_number<std::int64_t>(rows.value(row, 0)),
                Outcome{.word = std::string(rows.value(row, 1)),
                        .at_ms = to_number<std::int64_t>(rows.value(row, 2))});
  return out;
}

// The next ones from `offset` on, with what became of them. Empty: there are no more.
std::vector<DeadLetter> DeadLetters::read(std::int64_t offset) {
  if (offset >= end()) return {};
  std::vector<DeadLetter> letters;
  std::string json;
  auto const records = source_.read(port_.dead_letters, 0, offset, chunk_records, chunk_bytes);
  for (Record const& record : records) {
    json.clear();
    if (!source_.decode(record, json)) json.clear();
    letters.push_back(read_dead_letter(record, json));
  }
  if (letters.empty()) return letters;
  auto const done = outcomes(letters.front().offset, letters.back().offset);
  for (DeadLetter& letter : letters)
    if (auto const found = done.find(letter.offset); found != done.end()) {
      letter.outcome = found->second.word;
      letter.done_ms = found->second.at_ms;
    }
  return letters;
}

std::vector<DeadLetter> DeadLetters::open_from(std::int64_t offset) {
  while (true) {
    auto letters = read(offset);
    if (letters.empty()) return letters;
    offset = letters.back().offset + 1;
    std::erase_if(letters, [](DeadLetter const& letter) { return !letter.outcome.empty(); });
    if (!letters.empty()) return letters;
  }
}

Result<DeadLetter> DeadLetters::find(std::int64_t offset) {
  if (offset >= 0 && offset < end()) {
    auto letters = read(offset);
    if (!letters.empty() && letters.front().offset == offset) return std::move(letters.front());
  }
  return failure(
      Code::unknown_dead_letter,
      fmt::format("{} has no dead letter {}", port_address(port_), offset),
      fmt::format("`hansa events dlq list {}` shows those there are", port_address(port_)));
}

bool DeadLetters::note(std::int64_t offset, std::string_view outcome) {
  auto const noted = session_.execute(
      note_outcome, {port_.dead_letters, std::to_string(offset), std::string(outcome)});
  return noted.affected() == 1;
}

bool DeadLetters::drop(std::int64_t offset) { return note(offset, "dropped"); }

// The note comes first: of two who replay it, one waits there before the reaction runs.
void DeadLetters::replay_once(DeadLetter const& letter) {
  auto const call = plan::reaction_call(port_);
  auto const event = incoming(letter);
  session_.transaction([&] {
    session_.script(limits);
    if (!note(letter.offset, "replayed")) throw Failure(done_before(letter).error());
    auto const failed =
        session_.execute(call, {batch_json({&event, 1}, letter.topic, letter.partition)});
    if (failed.size() > 0)
      throw SqlError({.sqlstate = std::string(failed.value(0, 1)),
                      .message = std::string(failed.value(0, 2))});
  });
}

Result<void> DeadLetters::replay(DeadLetter const& letter) {
  if (!letter.replayable())
    return failure(Code::unreadable_event,
                   fmt::format("dead letter {} has no event that can be replayed: {}",
                               letter.offset, letter.reason),
                   "what could not be read cannot be applied; drop it");
  for (int tries = 1;; ++tries) {
    try {
      replay_once(letter);
      return {};
    } catch (SqlError const& error) {
      auto const code = postgres::code_of(error.sqlstate());
      if (code == Code::database_unreachable) throw;
      if (verdict_of(error.sqlstate()) == Verdict::retry && tries < tries_max) {
        std::this_thread::sleep_for(tries * retry_pause);
        continue;
      }
      return failure(
          code,
          fmt::format("{} refuses dead letter {} again: {} ({})", port_address(port_),
                      letter.offset, error.details().message, error.sqlstate()),
          "nothing was changed; mend the data or the reaction and replay it, or drop it");
    } catch (Failure const& failure) {
      if (failure.error().code != Code::unknown_dead_letter) throw;
      return std::unexpected(failure.error());
    }
  }
}

std::map<DeadLetters::EventPlace, std::string> DeadLetters::fates(
    std::set<EventPlace> const& places) {
  std::map<EventPlace, std::string> out;
  for (auto letters = read(0); !letters.empty(); letters = read(letters.back().offset + 1))
    for (DeadLetter const& letter : letters) {
      EventPlace const place{letter.partition, letter.event_offset};
      if (letter.topic != port_.topic || !places.contains(place)) continue;
      // One that was built anew may have died more than once: that it was replayed is what counts.
      auto& fate = out[place];
      if (fate != "replayed") fate = letter.outcome;
    }
  return out;
}

}  // namespace hansa::events
