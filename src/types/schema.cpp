// JSON Schema 2020-12 of one value: what Reader takes from JSON, as far as a schema can say it.
#include <algorithm>

#include "types/characters.h"
#include "types/decimal.h"
#include "types/pattern.h"
#include "types/reader.h"
#include "types/type.h"

namespace hansa::types {
namespace {

constexpr std::string_view without_nul = R"(^[^\u0000]*$)";
constexpr std::string_view year = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
constexpr std::string_view month_and_day = "-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
constexpr std::string_view clock = R"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6}0*)?)";
constexpr std::string_view offset = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
// An offset at either end of time may lead out of the years 0001 to 9999.
constexpr std::string_view beyond_time = R"(^(0001-01-01.*\+|9999-12-31.*-[0-9]{2}:[0-9]{2}$))";
constexpr std::string_view uuid =
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
constexpr std::string_view base64 =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out = "^";
  for (auto const part : parts) out += part;
  return out += '$';
}

class Writer {
 public:
  Writer(Type const& type, Rules const& rules, Nullable nullable)
      : type_(type), rules_(rules), nullable_(nullable == Nullable::yes) {}

  json::Value run() {
    switch (type_.kind) {
      case Kind::boolean:
        add_type("boolean");
        break;
      case Kind::int16:
        add_integer("int16", "-32768", "32767");
        break;
      case Kind::int32:
        add_integer("int32", "-2147483648", "2147483647");
        break;
      case Kind::int64:
        add_integer("int64", "-9223372036854775808", "9223372036854775807");
        break;
      case Kind::numeric:
        add_numeric();
        break;
      case Kind::float32:
        add_float("float", "3.4028234663852886e38");
        break;
      case Kind::float64:
        add_float("double", "1.7976931348623157e308");
        break;
      case Kind::text:
        add_text();
        break;
      case Kind::uuid:
        add_string("uuid", std::string(uuid));
        break;
      case Kind::bytes:
        add_bytes();
        break;
      case Kind::date:
        add_string("date", joined({year, month_and_day}));
        break;
      // JSON Schema's format `time` asks for an offset, which this type has not.
      case Kind::time:
        add_string("", joined({clock}));
        break;
      case Kind::timestamp:
      case Kind::timestamptz:
        add_string("date-time", joined({year, month_and_day, "[Tt]", clock, offset}));
        add("not",
            json::object({{"type", json::text("string")}, {"pattern", json::text(beyond_time)}}));
        break;
      case Kind::json:
        add_document();
        break;
    }
    add_values();
    return json::object(std::move(members_));
  }

 private:
  void add(std::string name, json::Value value) {
    members_.emplace_back(std::move(name), std::move(value));
  }
  void add_count(std::string name, std::optional<std::uint32_t> count) {
    if (count) add(std::move(name), json::integer(*count));
  }

  void add_type(std::string_view name) {
    add("type", nullable_ ? json::array({json::text(name), json::text("null")}) : json::text(name));
  }

  void add_string(std::string_view format, std::string const& pattern) {
    add_type("string");
    if (!format.empty()) add("format", json::text(format));
    add("pattern", json::text(pattern));
  }

  // The stricter of the type's own bound and the rule's, inclusive; `sign` is 1 for the lower one.
  void add_bound(std::string name, std::string_view own, std::optional<std::string> const& rule,
                 int sign) {
    auto const mine = parse_decimal(own, NumberSyntax::lenient);
    auto const theirs = rule ? parse_decimal(*rule, NumberSyntax::lenient) : std::nullopt;
    if (theirs && (!mine || compare(*theirs, *mine) * sign > 0))
      add(std::move(name), json::number(to_plain_text(*theirs)));
    else if (mine)
      add(std::move(name), json::number(own));
  }

  void add_bounds(std::string_view lowest, std::string_view highest) {
    add_bound("minimum", lowest, rules_.minimum, 1);
    add_bound("maximum", highest, rules_.maximum, -1);
    add_bound("exclusiveMinimum", "", rules_.exclusive_minimum, 1);
    add_bound("exclusiveMaximum", "", rules_.exclusive_maximum, -1);
  }

  // `own`: the step the type itself asks for, e.g. 0.01; empty for none.
  void add_step(std::string const& own) {
    auto const rule = rules_.multiple_of ? parse_decimal(*rules_.multiple_of, NumberSyntax::lenient)
                                         : std::nullopt;
    bool const usable = rule && !rule->is_zero() && !rule->negative && rule->digits.size() <= 18;
    auto const mine = parse_decimal(own, NumberSyntax::lenient);
    if (!usable) {
      if (mine) add("multipleOf", json::number(own));
      return;
    }
    add("multipleOf", json::number(to_plain_text(*rule)));
    if (!mine || is_multiple(*rule, *mine)) return;
    add("allOf", json::array({json::object({{"multipleOf", json::number(own)}})}));
  }

  void add_integer(std::string_view format, std::string_view lowest, std::string_view highest) {
    add_type("integer");
    add("format", json::text(format));
    add_bounds(lowest, highest);
    add_step("");
  }

  void add_numeric() {
    if (type_.precision == 0) {
      add_type("number");
      add_bounds("", "");
      return add_step("");
    }
    std::string highest(type_.precision, '9');
    if (type_.scale > 0) highest.insert(highest.size() - type_.scale, ".");
    if (highest.front() == '.') highest.insert(0, "0");
    add_type(type_.scale == 0 ? "integer" : "number");
    add_bounds("-" + highest, highest);
    add_step(type_.scale == 0 ? "" : to_plain_text(power_of_ten(-type_.scale)));
  }

  void add_float(std::string_view format, std::string const& highest) {
    add_type("number");
    add("format", json::text(format));
    add_bounds("-" + highest, highest);
    add_step("");
  }

  void add_text() {
    add_type("string");
    add_count("minLength", rules_.min_length);
    add_count("maxLength", rules_.max_length);
    auto const* const format = rules_.format ? find_format(*rules_.format) : nullptr;
    // Checkers of `hostname` refuse labels with hyphens in third and fourth place, which exist.
    if (format != nullptr && format->name != "hostname") add("format", json::text(format->name));
    // One pattern stands in `pattern`, others beside it: all have to match.
    std::vector<std::string_view> patterns;
    bool const enforced = rules_.pattern && Pattern::compile(*rules_.pattern);
    if (enforced) patterns.push_back(*rules_.pattern);
    if (format != nullptr) patterns.push_back(format->pattern);
    if (format != nullptr && !format->length.empty()) patterns.push_back(format->length);
    if (format == nullptr && rules_.valid_values.empty()) patterns.push_back(without_nul);
    if (patterns.empty()) return;
    add("pattern", json::text(patterns.front()));
    json::Array others;
    for (std::size_t i = 1; i < patterns.size(); ++i)
      others.push_back(json::object({{"pattern", json::text(patterns[i])}}));
    if (!others.empty()) add("allOf", json::array(std::move(others)));
  }

  // Lengths count bytes, the schema counts characters of base64: four for every three begun.
  void add_bytes() {
    add_type("string");
    add("format", json::text("byte"));
    add("contentEncoding", json::text("base64"));
    add("pattern", json::text(base64));
    auto const characters = [](std::uint32_t bytes) {
      return (static_cast<std::int64_t>(bytes) + 2) / 3 * 4;
    };
    if (rules_.min_length) add("minLength", json::integer(characters(*rules_.min_length)));
    if (rules_.max_length) add("maxLength", json::integer(characters(*rules_.max_length)));
  }

  void add_document() {
    if (type_.shape == JsonShape::object) add_type("object");
    if (type_.shape == JsonShape::array) add_type("array");
    add_count("minItems", rules_.min_items);
    add_count("maxItems", rules_.max_items);
    if (rules_.unique_items) add("uniqueItems", json::boolean(true));
    add_count("minProperties", rules_.min_properties);
    add_count("maxProperties", rules_.max_properties);
    json::Array names;
    for (auto const& name : rules_.required_properties) names.push_back(json::text(name));
    if (!names.empty()) add("required", json::array(std::move(names)));
  }

  void add_values() {
    json::Array values;
    for (auto const& text : rules_.valid_values) {
      auto value = canonical(text, type_);
      if (!value) continue;
      std::string written;
      if (type_.kind == Kind::boolean) value = *value == "true" ? "t" : "f";
      write_json(type_.kind == Kind::json ? text : *value, type_, written);
      if (auto parsed = json::parse(written)) values.push_back(*std::move(parsed));
    }
    if (rules_.valid_values.empty()) return;
    if (nullable_) values.push_back({});
    add("enum", json::array(std::move(values)));
  }

  Type const& type_;
  Rules const& rules_;
  bool nullable_;
  json::Object members_;
};

}  // namespace

json::Value json_schema(Type const& type, Rules const& rules, Nullable nullable) {
  return Writer(type, rules, nullable).run();
}

}  // namespace hansa::types
