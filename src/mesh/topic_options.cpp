#include "mesh/topic_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "spec/event_words.h"

namespace hansa::mesh {

namespace {

constexpr std::int64_t partitions_max = 1000;

struct Unit {
  std::string_view word;
  std::int64_t milliseconds;
};
constexpr std::int64_t second = 1000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::array units = std::to_array<Unit>({
    {"milliseconds", 1},
    {"ms", 1},
    {"seconds", second},
    {"s", second},
    {"minutes", 60 * second},
    {"hours", 3600 * second},
    {"h", 3600 * second},
    {"days", day},
    {"d", day},
    {"weeks", 7 * day},
    {"w", 7 * day},
    {"months", 30 * day},
    {"years", 365 * day},
    {"y", 365 * day},
});
constexpr std::int64_t retention_max = 100 * 365 * day;

Unit const* find_unit(std::string_view word) {
  auto const found = std::ranges::find_if(units, [word](Unit const& unit) {
    bool const plural = unit.word.size() > 2;
    return unit.word == word || (plural && unit.word.substr(0, unit.word.size() - 1) == word);
  });
  return found == units.end() ? nullptr : &*found;
}

template <class Enum, std::size_t n>
std::optional<Enum> find_word(std::array<std::string_view, n> const& words, std::string_view word) {
  auto const found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

std::optional<std::uint32_t> check_partitions(std::int64_t partitions, SourceRange where,
                                              Diagnostics& diagnostics) {
  if (partitions >= 1 && partitions <= partitions_max) {
    return static_cast<std::uint32_t>(partitions);
  }
  diagnostics.error(Code::invalid_value, std::move(where),
                    fmt::format("a topic has 1 to {} partitions", partitions_max));
  return std::nullopt;
}

class Options {
 public:
  Options(TopicSource const& source, TopicDefaults const& defaults, Topic& topic,
          Diagnostics& diagnostics)
      : source_(source), defaults_(defaults), topic_(topic), diagnostics_(diagnostics) {}

  void resolve() {
    topic_.partitions = defaults_.partitions;
    if (auto const* const partitions = source_.object.extension("hansa.partitions")) {
      auto const value = spec::as_integer(partitions->value);
      if (value) {
        topic_.partitions =
            check_partitions(*value, at(*partitions), diagnostics_).value_or(defaults_.partitions);
      }
    }
    topic_.format =
        said<EventFormat>("hansa.format", spec::event_format_words).value_or(defaults_.format);
    topic_.compatibility = compatibility();
    resolve_cleanup();
    resolve_retention();
  }

 private:
  [[nodiscard]] SourceRange at(spec::ExtensionValue const& extension) const {
    spec::Place const& place = extension.value.place;
    return {source_.contract.file, place.line, place.column, place.length};
  }

  template <class Enum, std::size_t n>
  std::optional<Enum> said(std::string_view key,
                           std::array<std::string_view, n> const& words) const {
    auto const* const extension = source_.object.extension(key);
    if (extension == nullptr) return std::nullopt;
    return find_word<Enum>(words, extension->value.text);
  }

  [[nodiscard]] Compatibility compatibility() const {
    constexpr std::string_view key = "hansa.compatibility";
    if (auto const own = said<Compatibility>(key, spec::compatibility_words)) return *own;
    auto const* const shared = find(source_.contract.extensions, key);
    if (shared == nullptr) return defaults_.compatibility;
    return find_word<Compatibility>(spec::compatibility_words, shared->value.text)
        .value_or(defaults_.compatibility);
  }

  void resolve_cleanup() {
    bool const changes = topic_.source == Topic::Source::changes;
    auto const own = said<Cleanup>("hansa.cleanup", spec::cleanup_words);
    topic_.cleanup = own       ? *own
                     : changes ? Cleanup::compact
                               : defaults_.cleanup.value_or(Cleanup::remove);
    if (topic_.cleanup == Cleanup::remove || !topic_.key.empty()) return;
    if (own) {
      diagnostics_.error(Code::mismatch, at(*source_.object.extension("hansa.cleanup")),
                         fmt::format("topic `{}` has no key to compact by", topic_.name),
                         "write `primaryKey: true` or `partitioned: true` on a property");
    }
    topic_.cleanup = Cleanup::remove;
  }

  // Whether a service level speaks of this topic: names its object, or no element at all and the
  // object is a topic.
  [[nodiscard]] bool concerns(spec::ServiceLevelProperty const& level) const {
    if (level.property != "retention") return false;
    std::string_view rest = level.element.value;
    if (rest.empty()) return topic_.source != Topic::Source::changes;
    while (!rest.empty()) {
      std::size_t const comma = std::min(rest.find(','), rest.size());
      std::string_view element = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      while (element.starts_with(' ')) element.remove_prefix(1);
      while (element.ends_with(' ')) element.remove_suffix(1);
      if (element == topic_.object.text()) return true;
    }
    return false;
  }

  void resolve_retention() {
    if (topic_.cleanup != Cleanup::compact) topic_.retention = defaults_.retention.time;
    spec::ServiceLevelProperty const* first = nullptr;
    for (spec::ServiceLevelProperty const& level : source_.contract.service_levels) {
      if (!concerns(level)) continue;
      if (first == nullptr) {
        first = &level;
        take(level);
      } else {
        diagnostics_.error(Code::two_owners, level.where,
                           fmt::format("a second retention of topic `{}`", topic_.name),
                           fmt::format("the first is at line {}", first->where.line));
      }
    }
  }

  void take(spec::ServiceLevelProperty const& level) {
    auto retention = parse_retention(level.value.value, level.unit.value);
    bool const has_unit = spec::written(level.unit);
    SourceRange const& where = has_unit                     ? level.unit.where
                               : spec::written(level.value) ? level.value.where
                                                            : level.where;
    if (!retention) {
      diagnostics_.error(retention.error().code, where, std::move(retention.error().detail),
                         std::move(retention.error().hint));
    } else if (topic_.cleanup != Cleanup::compact) {
      topic_.retention = retention->time;
    } else if (retention->time) {
      diagnostics_.warning(
          Code::not_enforced, where,
          fmt::format("topic `{}` is compacted: it keeps the last event of each key for ever",
                      topic_.name),
          "hansa.cleanup: 'compact,delete' lets events also grow too old");
    }
  }

  TopicSource const& source_;
  TopicDefaults const& defaults_;
  Topic& topic_;
  Diagnostics& diagnostics_;
};

}  // namespace

Result<Retention> parse_retention(std::string_view value, std::string_view unit) {
  if (value == "unlimited" && unit.empty()) return Retention{};
  std::int64_t number = 0;
  auto const* const end = value.data() + value.size();
  auto const [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1) {
    return failure(Code::invalid_value,
                   fmt::format("a retention is a whole number from 1, not `{:.40}`", value),
                   "7 and the unit days, or `unlimited`");
  }
  Unit const* const known = find_unit(unit);
  if (known == nullptr) {
    return failure(Code::invalid_value,
                   unit.empty() ? std::string("a retention needs a unit")
                                : fmt::format("`{:.40}` is no unit of a retention", unit),
                   "seconds, minutes, hours, days, weeks, months (30 days) or years (365 days)");
  }
  if (number > retention_max / known->milliseconds) {
    return failure(Code::invalid_value, "a retention of more than 100 years",
                   "`unlimited` keeps events for ever");
  }
  return Retention{std::chrono::milliseconds(number * known->milliseconds)};
}

TopicDefaults resolve_topic_defaults(spec::TopicDefaults const& source, Diagnostics& diagnostics) {
  TopicDefaults defaults;
  if (source.partitions) {
    defaults.partitions =
        check_partitions(source.partitions->value, source.partitions->where, diagnostics)
            .value_or(1);
  }
  defaults.compatibility =
      find_word<Compatibility>(spec::compatibility_words, source.compatibility.value)
          .value_or(defaults.compatibility);
  defaults.format = find_word<EventFormat>(spec::event_format_words, source.format.value)
                        .value_or(defaults.format);
  defaults.cleanup = find_word<Cleanup>(spec::cleanup_words, source.cleanup.value);
  if (spec::written(source.retention)) {
    std::string_view const text = source.retention.value;
    std::size_t const blank = std::min(text.find(' '), text.size());
    auto retention =
        parse_retention(text.substr(0, blank), text.substr(std::min(blank + 1, text.size())));
    if (retention) {
      defaults.retention = *retention;
    } else {
      diagnostics.error(retention.error().code, source.retention.where,
                        std::move(retention.error().detail), std::move(retention.error().hint));
    }
  }
  return defaults;
}

void resolve_topic_options(TopicSource const& source, TopicDefaults const& defaults, Topic& topic,
                           Diagnostics& diagnostics) {
  Options(source, defaults, topic, diagnostics).resolve();
}

}  // namespace hansa::mesh
