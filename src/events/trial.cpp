#include "events/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "events/verdict.h"
#include "log/decimal_text.h"
#include "plan/reaction_sql.h"

namespace hansa::events {
namespace {

using postgres::SqlError;
using std::chrono::steady_clock;

constexpr std::string_view dead_name = "dead letters";

std::string said(std::string_view sqlstate, std::string_view message) {
  return fmt::format("{} {}", sqlstate, message);
}

}  // namespace

Trial::Trial(mesh::Mesh const& mesh, mesh::Subscription const& subscription,
             mesh::ReactionTest const& test, postgres::Session& session, TrialOptions options)
    : mesh_(mesh),
      subscription_(subscription),
      topic_(*mesh.find_topic(subscription.topic)),
      test_(test),
      session_(session),
      options_(options),
      state_(mesh, subscription.domain, session),
      call_(plan::reaction_call(subscription)) {
  session_.script("begin");
}

Trial::~Trial() {
  try {
    session_.script("rollback");
  } catch (std::exception const&) {
    // A session that is lost has nothing to undo.
  }
}

std::optional<Trial::Refusal> Trial::prepare() {
  session_.execute("set constraints all immediate");
  state_.restart_identities();  // a test before this one may have drawn numbers
  if (auto refused = insert_given()) return refused;
  prepare_events();
  prepare_expected();
  session_.execute("savepoint given");
  return std::nullopt;
}

// Without events: only what the reaction does is looked at.
std::optional<Trial::Refusal> Trial::insert_given() {
  session_.execute("set local hansa.no_events = 'on'");
  for (mesh::TestRows const& rows : test_.given)
    for (mesh::TestRow const& row : rows.rows) {
      try {
        state_.insert(rows.object, row);
      } catch (SqlError const& error) {
        if (postgres::code_of(error.sqlstate()) == Code::database_unreachable) throw;
        return Refusal{row.where,
                       fmt::format("table {} refuses a row that is given: {}", rows.object.text(),
                                   said(error.sqlstate(), error.details().message))};
      }
    }
  session_.execute("set local hansa.no_events = 'off'");
  return std::nullopt;
}

void Trial::prepare_events() {
  auto const columns = event_columns_of(topic_, mesh::dead_columns);
  auto const& object = mesh_.object_of(topic_);
  keys_.reserve(test_.events.size());
  for (mesh::TestEvent const& event : test_.events) {
    keys_.push_back(event.key ? *event.key : state_.key_of(event.values, topic_));
    Record record{.offset = static_cast<std::int64_t>(events_.size()),
                  .timestamp_ms = event.time_ms,
                  .key = keys_.back(),
                  .value = event.json,
                  .id = event.id};
    if (event.op == "delete")
      record.value.reset();
    else if (event.op != "event")
      record.operation = event.op;
    events_.push_back({.record = record, .json = event.json});
    fields_.push_back(state_.canonical(event.values, columns, object));
  }
}

void Trial::prepare_expected() {
  auto const add = [this](std::string relation, std::vector<mesh::TestRow> const& rows,
                          auto const& read) {
    Expected& expected = expected_.emplace_back(Expected{std::move(relation), {}});
    for (mesh::TestRow const& row : rows) expected.rows.push_back(read(row));
  };
  for (mesh::TestRows const& rows : test_.tables) {
    auto const& object = state_.table(rows.object);
    std::vector<std::string> columns;
    for (mesh::Column const& column : object.columns) columns.push_back(column.name.text());
    add(table_relation(rows.object), rows.rows,
        [&](mesh::TestRow const& row) { return state_.canonical(row.values, columns, object); });
  }
  for (mesh::TestRows const& rows : test_.streams) {
    auto const& topic = *std::ranges::find_if(mesh_.topics, [&](mesh::Topic const& each) {
      return each.domain == subscription_.domain && each.object == rows.object;
    });
    auto const columns = event_columns_of(topic, mesh::stream_columns);
    add(stream_relation(rows.object), rows.rows,
        [&](mesh::TestRow const& row) { return partial_event(row, topic, columns); });
  }
  auto const columns = event_columns_of(topic_, mesh::dead_columns);
  add(std::string(dead_name), test_.dead, [&](mesh::TestRow const& row) {
    return state_.canonical(row.values, columns, mesh_.object_of(topic_));
  });
}

// A deletion may be written with the fields of its key, which its event has not.
PartialRow Trial::partial_event(mesh::TestRow const& row, mesh::Topic const& topic,
                                std::vector<std::string> const& columns) {
  auto values = row.values;
  auto const is = [](std::string_view name) {
    return [name](mesh::TestValue const& value) { return value.name == name; };
  };
  auto const op = std::ranges::find_if(values, is("_op"));
  bool const keyed = std::ranges::any_of(values, is("_key"));
  if (op != values.end() && op->text == "delete" && !keyed) {
    auto key = state_.key_of(values, topic);
    std::erase_if(values,
                  [](mesh::TestValue const& value) { return !value.name.starts_with('_'); });
    values.push_back({"_key", std::move(key)});
  }
  return state_.canonical(values, columns, mesh_.object_of(topic));
}

Observed Trial::run(Split const& split) {
  Run run{.deadline = steady_clock::now() + options_.timeout};
  state_.restart_identities();
  session_.execute(fmt::format("set local statement_timeout = {}", options_.timeout.count()));
  std::size_t first = 0;
  for (auto const count : split.sizes) {
    apply(run, first, count);
    first += count;
  }
  session_.execute("set local statement_timeout = 0");
  auto out = observe(run);
  session_.execute("rollback to savepoint given");
  return out;
}

void Trial::apply(Run& run, std::size_t first, std::size_t count) {
  if (options_.interrupted != nullptr && options_.interrupted->load())
    throw Failure(Code::interrupted, "interrupted");
  if (run.stopped.empty() && steady_clock::now() >= run.deadline) run.stopped = too_slow();
  if (!run.stopped.empty()) return;
  auto const events = std::span(events_).subspan(first, count);
  session_.execute("savepoint step");
  try {
    auto const failed = session_.execute(call_, {batch_json(events, topic_.name, 0)});
    session_.execute("release savepoint step");
    for (std::size_t row = 0; row < failed.size(); ++row)
      bury(run, first + log::to_number<std::size_t>(failed.value(row, 0)), failed.value(row, 1),
           failed.value(row, 2));
  } catch (SqlError const& error) {
    if (postgres::code_of(error.sqlstate()) == Code::database_unreachable) throw;
    session_.execute("rollback to savepoint step");
    recover(run, error, first, count);
  }
}

// As the reactor does: the half that holds the culprit is found by halving.
void Trial::recover(Run& run, SqlError const& error, std::size_t first, std::size_t count) {
  auto const& message = error.details().message;
  if (error.sqlstate() == timed_out) {
    run.stopped = too_slow();
  } else if (count > 1 && fewer_may_pass(error.sqlstate())) {
    apply(run, first, count / 2);
    apply(run, first + count / 2, count - count / 2);
  } else if (verdict_of(error.sqlstate()) != Verdict::event) {
    run.stopped = fmt::format(
        "{} stops the port: {}",
        count == 1 ? fmt::format("event {}", first + 1) : fmt::format("a batch of {}", count),
        said(error.sqlstate(), message));
  } else {
    bury(run, first, error.sqlstate(), message);
  }
}

std::string Trial::too_slow() const {
  auto const seconds = std::chrono::duration<double>(options_.timeout).count();
  return fmt::format("the reaction does not end within {} s", seconds);
}

void Trial::bury(Run& run, std::size_t event, std::string_view sqlstate, std::string_view reason) {
  run.dead.push_back({event, std::string(sqlstate), std::string(reason)});
  if (subscription_.on_error == mesh::Subscription::OnError::halt && run.stopped.empty())
    run.stopped = fmt::format("event {} stops the port: {}", event + 1, said(sqlstate, reason));
}

Observed Trial::observe(Run const& run) {
  Observed out{.stopped = run.stopped, .dead = dead_letters(run)};
  auto const keep = [&out](Result<std::vector<Relation>> read, std::vector<Relation>& into) {
    if (read)
      into = std::move(*read);
    else
      out.stopped = read.error().detail;
  };
  if (out.stopped.empty()) keep(state_.tables(), out.tables);
  if (out.stopped.empty()) keep(state_.emitted(), out.emitted);
  if (out.stopped.empty()) keep(state_.changed(), out.changed);
  return out;
}

Relation Trial::dead_letters(Run const& run) const {
  auto const text = [](std::string const& value) {
    std::string json;
    json::write_string(value, json);
    return Cell(std::move(json));
  };
  Relation out{.name = std::string(dead_name),
               .columns = event_columns_of(topic_, mesh::dead_columns)};
  out.incidental = {out.columns.size() - 1};
  for (Dead const& dead : run.dead) {
    Row row(topic_.fields.size());
    for (auto const& [column, cell] : fields_[dead.event]) row[column] = cell;
    row.push_back(text(test_.events[dead.event].op));
    row.push_back(keys_[dead.event].empty() ? Cell() : text(keys_[dead.event]));
    row.emplace_back(std::to_string(dead.event));
    row.push_back(text(dead.sqlstate));
    row.push_back(text(dead.reason));
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace hansa::events
