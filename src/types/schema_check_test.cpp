#include "types/schema_check.h"

#include <gtest/gtest.h>

#include "types/characters.h"
#include "types/decimal.h"
#include "types/pattern.h"
#include "types/reader.h"

namespace hansa::types {
namespace {

Decimal decimal(json::Value const& value) {
  return *parse_decimal(value.as_number()->digits, NumberSyntax::json);
}

bool is_of(std::string const& type, json::Value const& value) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.as_bool() != nullptr;
  if (type == "string") return value.as_string() != nullptr;
  if (type == "array") return value.as_array() != nullptr;
  if (type == "object") return value.as_object() != nullptr;
  if (type == "number") return value.as_number() != nullptr;
  return type == "integer" && value.as_number() != nullptr && decimal(value).is_integer();
}

bool type_holds(json::Value const& types, json::Value const& value) {
  if (auto const* const one = types.as_string()) return is_of(*one, value);
  for (auto const& type : *types.as_array())
    if (is_of(*type.as_string(), value)) return true;
  return false;
}

// NUL stands in the classes of our own patterns, where PostgreSQL's subset has none.
bool pattern_holds(std::string pattern, std::string const& text) {
  if (text.find('\0') != std::string::npos) return pattern.find("\\u0000") == std::string::npos;
  if (pattern == R"(^[^\u0000]*$)") return true;
  for (auto at = pattern.find("\\u0000"); at != std::string::npos; at = pattern.find("\\u0000"))
    pattern[at + 5] = '1';
  auto const compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << compiled.error().detail;
  return compiled && compiled->found_in(text);
}

bool format_holds(std::string const& format, std::string const& text) {
  if (format == "date") return read_date(text).has_value();
  if (format == "date-time") {
    // A checker of the format alone knows a date, and a leap second may pass it.
    return read_date(std::string_view(text).substr(0, 10)).has_value();
  }
  return true;
}

bool number_holds(std::string const& key, json::Value const& rule, json::Value const& value) {
  if (key == "multipleOf") return is_multiple(decimal(value), decimal(rule));
  int const order = compare(decimal(value), decimal(rule));
  if (key == "minimum") return order >= 0;
  if (key == "maximum") return order <= 0;
  return key == "exclusiveMinimum" ? order > 0 : order < 0;
}

bool count_holds(std::string const& key, json::Value const& rule, json::Value const& value) {
  std::size_t count = 0;
  if (key.ends_with("Length")) {
    if (value.as_string() == nullptr) return true;
    std::string text = *value.as_string();
    for (char& c : text) c = c == '\0' ? '0' : c;
    count = count_characters(text).characters;
  } else if (key.ends_with("Items")) {
    if (value.as_array() == nullptr) return true;
    count = value.as_array()->size();
  } else {
    if (value.as_object() == nullptr) return true;
    count = value.as_object()->size();
  }
  auto const bound = static_cast<std::size_t>(std::stoul(rule.as_number()->digits));
  return key.starts_with("min") ? count >= bound : count <= bound;
}

bool is_listed(json::Array const& values, json::Value const& value) {
  for (auto const& one : values)
    if (comparable_text(one) == comparable_text(value)) return true;
  return false;
}

bool all_differ(json::Array const& items) {
  for (std::size_t i = 0; i < items.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (comparable_text(items[i]) == comparable_text(items[j])) return false;
  return true;
}

bool all_there(json::Array const& names, json::Value const& value) {
  for (auto const& name : names)
    if (value.as_object() != nullptr && value.find(*name.as_string()) == nullptr) return false;
  return true;
}

bool holds(std::string const& key, json::Value const& rule, json::Value const& value) {
  auto const* const text = value.as_string();
  if (key == "type") return type_holds(rule, value);
  if (key == "enum") return is_listed(*rule.as_array(), value);
  if (key == "pattern") return text == nullptr || pattern_holds(*rule.as_string(), *text);
  if (key == "format") return text == nullptr || format_holds(*rule.as_string(), *text);
  if (key == "contentEncoding") return true;
  if (key == "not") return !refusing_keyword(rule, value).empty();
  if (key == "uniqueItems") return value.as_array() == nullptr || all_differ(*value.as_array());
  if (key == "required") return all_there(*rule.as_array(), value);
  if (key == "allOf") {
    for (auto const& one : *rule.as_array())
      if (!refusing_keyword(one, value).empty()) return false;
    return true;
  }
  if (key.ends_with("Length") || key.ends_with("Items") || key.ends_with("Properties"))
    return count_holds(key, rule, value);
  if (key.ends_with("inimum") || key.ends_with("aximum") || key == "multipleOf")
    return value.as_number() == nullptr || number_holds(key, rule, value);
  ADD_FAILURE() << "unknown keyword " << key;
  return true;
}

}  // namespace

std::string refusing_keyword(json::Value const& schema, json::Value const& value) {
  for (auto const& [key, rule] : *schema.as_object())
    if (!holds(key, rule, value)) return key;
  return {};
}

TEST(SchemaCheck, EveryKeywordBites) {
  for (auto const& [schema, value] :
       std::vector<std::pair<std::string, std::string>>{{R"({"type":["integer","null"]})", "1.5"},
                                                        {R"({"enum":[1]})", "2"},
                                                        {R"({"pattern":"^a$"})", "\"b\""},
                                                        {R"({"format":"date"})", "\"2026-02-30\""},
                                                        {R"({"not":{"type":"string"}})", "\"x\""},
                                                        {R"({"uniqueItems":true})", "[1,1.0]"},
                                                        {R"({"required":["a"]})", "{}"},
                                                        {R"({"allOf":[{"minimum":1}]})", "0"},
                                                        {R"({"maxLength":1})", "\"ab\""},
                                                        {R"({"minItems":1})", "[]"},
                                                        {R"({"maxProperties":0})", "{\"a\":1}"},
                                                        {R"({"exclusiveMaximum":1})", "1"},
                                                        {R"({"multipleOf":0.01})", "0.001"}})
    EXPECT_NE(refusing_keyword(*json::parse(schema), *json::parse(value)), "") << schema;
}

}  // namespace hansa::types
