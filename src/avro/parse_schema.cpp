// A schema's JSON to its graph.
#include <array>
#include <map>
#include <set>

#include "avro/defaults.h"
#include "avro/forms.h"
#include "avro/schema.h"
#include "types/decimal.h"

namespace hansa::avro {
namespace {

// A name is repeated wherever its type is referred to, so its length multiplies.
constexpr std::size_t name_bytes_max = 1024;
// Types nest with up to four JSON values a level (object, fields, field, type).
constexpr json::ParseLimits json_limits{
    .depth_max = 4 * schema_depth_max + 8, .bytes_max = schema_bytes_max, .values_max = 500'000};

std::unexpected<Error> invalid(std::string detail) {
  return failure(Code::invalid_value, "Avro schema: " + std::move(detail));
}

bool is_full_name(std::string_view name) {
  if (name.size() > name_bytes_max) return false;
  for (;;) {
    auto const dot = name.find('.');
    if (!is_name(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string_view space_of(std::string_view full_name) {
  auto const dot = full_name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : full_name.substr(0, dot);
}

std::string joined(std::string_view space, std::string_view name) {
  if (space.empty() || name.contains('.')) return std::string(name);
  return std::string(space) + "." + std::string(name);
}

Result<std::string> text_member(json::Value const& object, std::string_view key) {
  auto const* member = object.find(key);
  auto const* text = member != nullptr ? member->as_string() : nullptr;
  if (text == nullptr) return invalid("`" + std::string(key) + "` has to be a string");
  return *text;
}

std::optional<std::uint32_t> count_member(json::Value const& object, std::string_view key) {
  auto const* member = object.find(key);
  auto const* number = member != nullptr ? member->as_number() : nullptr;
  if (number == nullptr) return std::nullopt;
  auto const value = types::parse_decimal(number->digits, types::NumberSyntax::json);
  auto const integer = value ? types::to_int64(*value) : std::nullopt;
  if (!integer || *integer < 0 || *integer > INT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*integer);
}

// Whether decimal(precision) fits a fixed of so many bytes.
bool fits_fixed(std::uint32_t precision, std::uint32_t size) {
  // log10(2) as a fraction, rounded down: too strict by no digit below 1000.
  return precision <= (8ULL * size - 1) * 30'102'999 / 100'000'000;
}

void read_decimal(json::Value const& object, SchemaNode& node) {
  auto const precision = count_member(object, "precision");
  auto const scale = object.find("scale") == nullptr ? 0U : count_member(object, "scale");
  if (!precision || !scale || *precision < 1 || *precision > 1000 || *scale > *precision) return;
  bool const fits = node.form == Form::bytes || (node.form == Form::fixed && node.size > 0 &&
                                                 fits_fixed(*precision, node.size));
  if (!fits) return;
  node.logical = Logical::decimal;
  node.precision = *precision;
  node.scale = *scale;
}

void read_logical(json::Value const& object, SchemaNode& node) {
  struct Row {
    std::string_view key, word;
    Form form;
    Logical logical;
  };
  static constexpr std::array rows = {
      Row{"logicalType", "uuid", Form::string, Logical::uuid},
      Row{"logicalType", "date", Form::int32, Logical::date},
      Row{"logicalType", "time-millis", Form::int32, Logical::time_millis},
      Row{"logicalType", "time-micros", Form::int64, Logical::time_micros},
      Row{"logicalType", "timestamp-millis", Form::int64, Logical::timestamp_millis},
      Row{"logicalType", "timestamp-micros", Form::int64, Logical::timestamp_micros},
      Row{"logicalType", "local-timestamp-millis", Form::int64, Logical::local_timestamp_millis},
      Row{"logicalType", "local-timestamp-micros", Form::int64, Logical::local_timestamp_micros},
      Row{"hansa.type", "numeric", Form::string, Logical::numeric_text},
      Row{"hansa.type", "json", Form::string, Logical::json_text},
  };
  for (auto const& row : rows) {
    auto const* member = object.find(row.key);
    auto const* word = member != nullptr ? member->as_string() : nullptr;
    if (word != nullptr && *word == row.word && node.form == row.form) node.logical = row.logical;
  }
  auto const* member = object.find("logicalType");
  auto const* word = member != nullptr ? member->as_string() : nullptr;
  if (word == nullptr) return;
  if (*word == "decimal") read_decimal(object, node);
  if (node.form != Form::fixed) return;
  if (*word == "uuid" && node.size == 16) node.logical = Logical::uuid;
  if (*word == "duration" && node.size == 12) node.logical = Logical::duration;
}

class SchemaParser {
 public:
  Result<Schema> parse(json::Value const& document) {
    HANSA_TRY(schema_.root, type(document, "", 0));
    return std::move(schema_);
  }

 private:
  NodeId add(SchemaNode node) {
    schema_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(schema_.nodes.size() - 1);
  }

  Result<NodeId> type(json::Value const& value, std::string const& space, std::size_t depth) {
    if (depth > schema_depth_max)
      return failure(Code::too_complex,
                     "Avro schema: types nested deeper than " + std::to_string(schema_depth_max));
    if (auto const* name = value.as_string()) return named(*name, space);
    if (auto const* branches = value.as_array()) return choice(*branches, space, depth);
    if (value.as_object() == nullptr) return invalid("a type is a string, an object or an array");
    auto const* word = value.find("type");
    if (word == nullptr) return invalid("`type` is missing");
    if (word->as_string() == nullptr) return type(*word, space, depth + 1);
    auto const form = find_form(*word->as_string());
    if (!form) return named(*word->as_string(), space);
    SchemaNode node{.form = *form};
    if (is_primitive(*form)) {
      read_logical(value, node);
      return add(std::move(node));
    }
    if (*form == Form::array || *form == Form::map) {
      auto const* part = value.find(*form == Form::array ? "items" : "values");
      if (part == nullptr) return invalid("an array has `items`, a map has `values`");
      HANSA_TRY(auto const id, type(*part, space, depth + 1));
      node.parts.push_back(id);
      return add(std::move(node));
    }
    return definition(value, std::move(node), space, depth);
  }

  Result<NodeId> named(std::string const& name, std::string const& space) {
    if (auto const form = find_form(name); form && is_primitive(*form)) return add({.form = *form});
    auto found = names_.find(joined(space, name));
    if (found == names_.end()) found = names_.find(name);
    if (found == names_.end()) return invalid("unknown type `" + name.substr(0, 200) + "`");
    return found->second;
  }

  Result<NodeId> choice(json::Array const& branches, std::string const& space, std::size_t depth) {
    SchemaNode node{.form = Form::choice};
    std::set<std::pair<Form, std::string_view>> seen;
    for (auto const& branch : branches) {
      HANSA_TRY(auto const id, type(branch, space, depth + 1));
      auto const form = schema_.at(id).form;
      if (form == Form::choice) return invalid("a union directly within a union");
      // The name of a node moves with the vector of nodes; the key of names_ stays.
      auto const& name = schema_.at(id).name;
      std::string_view const key = name.empty() ? "" : std::string_view(names_.find(name)->first);
      if (!seen.emplace(form, key).second)
        return invalid("a union has two branches of " + std::string(form_name(form)) + " " + name);
      node.parts.push_back(id);
    }
    return add(std::move(node));
  }

  Result<NodeId> definition(json::Value const& value, SchemaNode node, std::string const& space,
                            std::size_t depth) {
    HANSA_TRY(auto const name, text_member(value, "name"));
    std::string own_space = space;
    if (value.find("namespace") != nullptr) {
      HANSA_TRY(own_space, text_member(value, "namespace"));
    }
    node.name = joined(own_space, name);
    if (!is_full_name(node.name) || find_form(node.name))
      return invalid("`" + node.name.substr(0, 200) + "` is no name for a type");
    own_space = space_of(node.name);
    HANSA_TRY(node.aliases, aliases(value, own_space));
    if (node.form == Form::enumeration) HANSA_CHECK_OK(symbols(value, node));
    if (node.form == Form::fixed) {
      auto const size = count_member(value, "size");
      if (!size) return invalid("`size` of " + node.name + " is no count of bytes");
      node.size = *size;
      read_logical(value, node);
    }
    auto const full_name = node.name;
    bool const is_record = node.form == Form::record;
    auto const id = add(std::move(node));
    if (!names_.emplace(full_name, id).second) return invalid(full_name + " is defined twice");
    if (is_record) HANSA_CHECK_OK(fields(value, id, own_space, depth));
    return id;
  }

  Result<std::vector<std::string>> aliases(json::Value const& value, std::string_view space) {
    std::vector<std::string> found;
    auto const* member = value.find("aliases");
    if (member == nullptr) return found;
    if (member->as_array() == nullptr) return invalid("`aliases` has to be an array");
    for (auto const& alias : *member->as_array()) {
      auto const* text = alias.as_string();
      if (text == nullptr || !is_full_name(*text)) return invalid("an alias is no name");
      found.push_back(joined(space, *text));
    }
    return found;
  }

  static Result<void> symbols(json::Value const& value, SchemaNode& node) {
    auto const* member = value.find("symbols");
    if (member == nullptr || member->as_array() == nullptr)
      return invalid("`symbols` of " + node.name + " has to be an array");
    std::set<std::string_view> seen;
    for (auto const& symbol : *member->as_array()) {
      auto const* text = symbol.as_string();
      if (text == nullptr || !is_name(*text) || text->size() > name_bytes_max)
        return invalid("a symbol of " + node.name + " is no name");
      if (!seen.insert(*text).second)
        return invalid("symbol `" + *text + "` of " + node.name + " stands twice");
      node.symbols.push_back(*text);
    }
    if (value.find("default") == nullptr) return {};
    HANSA_TRY(node.default_symbol, text_member(value, "default"));
    if (!seen.contains(*node.default_symbol))
      return invalid("the default of " + node.name + " is none of its symbols");
    return {};
  }

  Result<void> fields(json::Value const& value, NodeId id, std::string const& space,
                      std::size_t depth) {
    auto const* member = value.find("fields");
    if (member == nullptr || member->as_array() == nullptr)
      return invalid("`fields` of " + schema_.at(id).name + " has to be an array");
    std::vector<SchemaField> found;
    std::set<std::string> seen;
    for (auto const& one : *member->as_array()) {
      if (one.as_object() == nullptr || one.find("type") == nullptr)
        return invalid("a field of " + schema_.at(id).name + " has no `type`");
      HANSA_TRY(auto const name, text_member(one, "name"));
      if (!is_name(name) || name.size() > name_bytes_max)
        return invalid("`" + name.substr(0, 200) + "` is no name for a field");
      if (!seen.insert(name).second)
        return invalid("field `" + name + "` of " + schema_.at(id).name + " stands twice");
      HANSA_TRY(auto const type_id, type(*one.find("type"), space, depth + 1));
      SchemaField field{.name = name, .type = type_id};
      HANSA_TRY(field.aliases, aliases(one, ""));
      if (auto const* given = one.find("default")) field.default_value = *given;
      found.push_back(std::move(field));
    }
    schema_.nodes[id].fields = std::move(found);
    return {};
  }

  Schema schema_;
  std::map<std::string, NodeId, std::less<>> names_;
};

}  // namespace

Result<Schema> parse_schema(std::string_view document, Defaults defaults) {
  HANSA_TRY(auto const value, json::parse(document, json_limits));
  HANSA_TRY(auto schema, SchemaParser().parse(value));
  if (defaults == Defaults::checked) HANSA_CHECK_OK(check_defaults(schema));
  return schema;
}

}  // namespace hansa::avro
