#include "mesh/reaction_tests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "mesh/json_value.h"
#include "mesh/written_rows.h"
#include "spec/reaction_test_file.h"
#include "spec/yaml.h"
#include "types/moment.h"

namespace hansa::mesh {

namespace {

// 2026-01-01T00:00:00Z. Events that say nothing else follow each other by a second.
constexpr std::int64_t first_time_ms = 1'767'225'600'000;

struct Stream {
  Topic const* topic;
  Object const* object;
};

class Judge {
 public:
  Judge(Mesh const& mesh, Subscription const& port, std::string const& file,
        Diagnostics& diagnostics)
      : port_(port),
        rows_(file, diagnostics),
        topic_(*mesh.find_topic(port.topic)),
        object_(mesh.object_of(topic_)) {
    for (Contract const& contract : mesh.find_domain(port.domain.text())->contracts)
      for (Object const& object : contract.objects)
        if (object.kind == ObjectKind::table) tables_.push_back(&object);
    for (Topic const& topic : mesh.topics)
      if (topic.domain == port.domain && topic.source != Topic::Source::clients)
        streams_.push_back({&topic, &mesh.object_of(topic)});
  }

  ReactionTest read(spec::WrittenTest const& written) {
    ReactionTest test{.name = written.name.value, .where = written.name.where};
    check_name(written.name);
    for (spec::WrittenRows const& rows : written.given)
      if (auto read = table(rows, Purpose::given)) test.given.push_back(std::move(*read));
    for (spec::Node const& node : written.events)
      test.events.push_back(event(node, test.events.size()));
    check_events(written);
    for (spec::WrittenRows const& rows : written.tables)
      if (auto read = table(rows, Purpose::expected)) test.tables.push_back(std::move(*read));
    for (spec::WrittenRows const& rows : written.streams)
      if (auto read = stream(rows)) test.streams.push_back(std::move(*read));
    for (spec::Node const& node : written.dead) test.dead.push_back(dead(node));
    return test;
  }

 private:
  enum class Purpose : std::uint8_t { given, expected };

  void check_name(spec::Text const& name) {
    if (!spec::written(name)) return;
    if (name.value.empty()) rows_.error(name.where, "a test needs a name", "say what it shows");
    if (!names_.insert(name.value).second)
      rows_.error(name.where, fmt::format("a second test `{:.80}`", name.value));
  }

  void check_events(spec::WrittenTest const& written) {
    if (written.events_where.line == 0) return;
    if (written.events.empty())
      rows_.error(written.events_where, "a test needs an event", "write what the port receives");
    if (written.events.size() > test_events_max)
      rows_.error(written.events_where, fmt::format("more than {} events", test_events_max));
  }

  void check_count(spec::WrittenRows const& written) {
    if (written.rows.size() > test_rows_max)
      rows_.error(written.name.where, fmt::format("more than {} rows", test_rows_max));
  }

  std::optional<TestRows> table(spec::WrittenRows const& written, Purpose purpose) {
    auto const& name = written.name;
    auto const found = std::ranges::find_if(
        tables_, [&](Object const* object) { return object->name.text() == name.value; });
    if (found == tables_.end()) {
      std::vector<std::string_view> words;
      for (Object const* object : tables_) words.push_back(object->name.text());
      rows_.unknown(
          name.where,
          fmt::format("domain `{}` has no table `{:.80}`", port_.domain.text(), name.value),
          name.value, words);
      return std::nullopt;
    }
    check_count(written);
    Object const& object = **found;
    RowForm const form{.thing = fmt::format("table `{}`", object.name.text()),
                       .part = "column",
                       .object = &object,
                       .rules = true};
    TestRows rows{object.name, {}, name.where};
    for (spec::Node const& node : written.rows) {
      rows.rows.push_back({rows_.values(node, form), rows_.at(node.place)});
      if (purpose == Purpose::given) require_columns(rows.rows.back(), node, object);
    }
    return rows;
  }

  void require_columns(TestRow const& row, spec::Node const& node, Object const& object) {
    for (Column const& column : object.columns) {
      std::string const& name = column.name.text();
      if (!column.required) continue;
      bool const written = node.find(name) != nullptr;
      auto const* const value = find(row.values, name);
      bool const missing =
          written ? value != nullptr && !value->text : !column.identity && !column.default_value;
      if (missing)
        rows_.error(row.where,
                    fmt::format("a row of table `{}` needs `{}`", object.name.text(), name));
    }
  }

  std::optional<TestRows> stream(spec::WrittenRows const& written) {
    auto const& name = written.name;
    auto const found = std::ranges::find_if(
        streams_, [&](Stream const& each) { return each.topic->object.text() == name.value; });
    if (found == streams_.end()) {
      std::vector<std::string_view> words;
      for (Stream const& each : streams_) words.push_back(each.topic->object.text());
      rows_.unknown(
          name.where,
          fmt::format("domain `{}` appends no events `{:.80}`", port_.domain.text(), name.value),
          name.value, words);
      return std::nullopt;
    }
    check_count(written);
    Topic const& topic = *found->topic;
    RowForm const form{.thing = fmt::format("an event of topic `{}`", topic.name),
                       .part = "field",
                       .object = found->object,
                       .fields = &topic.fields,
                       .own = stream_columns};
    TestRows rows{topic.object, {}, name.where};
    for (spec::Node const& node : written.rows) {
      rows.rows.push_back({rows_.values(node, form), rows_.at(node.place)});
      check_operation(node, topic);
    }
    return rows;
  }

  TestEvent event(spec::Node const& node, std::size_t number) {
    auto const form = form_of_events(given_columns);
    TestEvent event{.where = rows_.at(node.place)};
    event.values = rows_.values(node, form);
    auto const own = [&](std::string_view name, std::string other) {
      auto const* const value = find(event.values, name);
      return value == nullptr ? std::move(other) : value->text.value_or("");
    };
    event.op = own("_op", std::string(operations_of(topic_).front()));
    event.id = own("_id", fmt::format("{}-{}", topic_.domain.text(), number + 1));
    if (find(event.values, "_key") != nullptr) event.key = own("_key", {});
    event.time_ms = first_time_ms + static_cast<std::int64_t>(number) * 1000;
    if (auto const* const time = node.find("_time")) read_time(*time, own("_time", {}), event);
    check_operation(node, topic_);
    std::erase_if(event.values, [&](TestValue const& value) { return form.is_own(value.name); });
    if (event.op != "delete") read_fields(node, event);
    return event;
  }

  void read_time(spec::Node const& node, std::string const& text, TestEvent& event) {
    auto const instant =
        types::read_instant(text, types::MomentSyntax::rfc3339, types::Offset::required);
    if (instant)
      event.time_ms = *instant / 1000;
    else
      rows_.error(rows_.at(node.place), fmt::format("`_time` {}", instant.error()));
  }

  void read_fields(spec::Node const& node, TestEvent& event) {
    json::Object members;
    for (ColumnName const& field : topic_.fields) {
      auto const* const written = node.find(field.text());
      bool const missing = written == nullptr || written->is_null();
      if (missing && object_.find(field.text())->required)
        rows_.error(event.where,
                    fmt::format("an event of topic `{}` needs `{}`", topic_.name, field.text()));
      if (!missing) members.emplace_back(field.text(), to_json(*written));
    }
    event.json = json::to_text(json::object(std::move(members)));
  }

  TestRow dead(spec::Node const& node) {
    if (port_.on_error == Subscription::OnError::halt)
      rows_.error(rows_.at(node.place), "this port has no dead letters: an error stops it",
                  "its `hansa.onError` is `halt`");
    return {rows_.values(node, form_of_events(dead_columns)), rows_.at(node.place)};
  }

  [[nodiscard]] RowForm form_of_events(std::span<std::string_view const> own) const {
    return {.thing = fmt::format("an event of topic `{}`", topic_.name),
            .part = "field",
            .object = &object_,
            .fields = &topic_.fields,
            .own = own};
  }

  void check_operation(spec::Node const& node, Topic const& topic) {
    auto const* const op = node.find("_op");
    if (op == nullptr) return;
    auto const words = operations_of(topic);
    if (std::ranges::find(words, op->text) == words.end())
      rows_.unknown(rows_.at(op->place),
                    fmt::format("no event of topic `{}` has `_op` `{:.80}`", topic.name, op->text),
                    op->text, words);
    if (op->text == "delete") check_deletion(node, topic);
  }

  // What is gone is known by its key alone.
  void check_deletion(spec::Node const& node, Topic const& topic) {
    bool const keyed = node.find("_key") != nullptr;
    auto const of_key = [&](std::string_view name) {
      return std::ranges::find(topic.key, name, &ColumnName::text) != topic.key.end();
    };
    for (spec::Member const& member : node.members) {
      if (member.key.starts_with('_') || (of_key(member.key) && !keyed)) continue;
      rows_.error(rows_.at(member.place),
                  fmt::format("a deletion has its key and no `{:.80}`", member.key));
    }
    bool const whole =
        !topic.key.empty() && std::ranges::all_of(topic.key, [&](ColumnName const& name) {
          auto const* const written = node.find(name.text());
          return written != nullptr && !written->is_null();
        });
    if (!keyed && !whole)
      rows_.error(rows_.at(node.place), "a deletion needs its key",
                  "write the fields of the key, or `_key`");
  }

  Subscription const& port_;
  RowReader rows_;
  Topic const& topic_;
  Object const& object_;  // of the topic
  std::vector<Object const*> tables_;
  std::vector<Stream> streams_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<std::string_view> operations_of(Topic const& topic) {
  switch (topic.source) {
    case Topic::Source::changes:
      return {"create", "update", "delete"};
    case Topic::Source::emission:
      return {"event"};
    case Topic::Source::clients:
      break;
  }
  return {"event", "delete"};
}

std::vector<PortTests> read_reaction_tests(Mesh const& mesh, SourceTexts const& texts,
                                           Diagnostics& diagnostics) {
  std::vector<PortTests> out;
  for (Subscription const& port : mesh.subscriptions) {
    auto const text = texts.find(port.reaction.test_file);
    if (text == texts.end()) continue;
    auto const& [file, yaml] = *text;
    auto errors = diagnostics.error_count();
    auto const document = spec::parse_yaml(file, yaml, diagnostics);
    if (!document) continue;
    auto const written = spec::read_reaction_tests(*document, diagnostics);
    if (written.tests.empty() && diagnostics.error_count() == errors)
      diagnostics.error(Code::invalid_test, {file}, "there is no test in it");
    PortTests tests{port.domain, port.product, port.port, file, {}};
    Judge judge(mesh, port, file, diagnostics);
    for (spec::WrittenTest const& each : written.tests) {
      errors = diagnostics.error_count();
      auto test = judge.read(each);
      if (diagnostics.error_count() == errors) tests.tests.push_back(std::move(test));
    }
    out.push_back(std::move(tests));
  }
  return out;
}

}  // namespace hansa::mesh
