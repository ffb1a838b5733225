#include "mesh/rules.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "mesh/json_value.h"

namespace hansa::mesh {

namespace {

class RuleReader {
 public:
  RuleReader(spec::Property const& property, types::Type const& type, std::string const& file,
             Diagnostics& diagnostics)
      : property_(property), type_(type), file_(file), diagnostics_(diagnostics) {}

  types::Rules read() {
    types::Rules rules;
    rules.min_length = count("minLength");
    rules.max_length = count("maxLength");
    rules.min_items = count("minItems");
    rules.max_items = count("maxItems");
    rules.min_properties = count("minProperties");
    rules.max_properties = count("maxProperties");
    rules.pattern = text("pattern");
    if (property_.logical_type.value == "string") rules.format = text("format");
    rules.minimum = bound("minimum");
    rules.maximum = bound("maximum");
    rules.exclusive_minimum = bound("exclusiveMinimum");
    rules.exclusive_maximum = bound("exclusiveMaximum");
    rules.multiple_of = bound("multipleOf");
    if (spec::Node const* const unique = option("uniqueItems")) {
      rules.unique_items = spec::as_boolean(*unique).value_or(false);
    }
    if (spec::Node const* const required = option("required")) {
      for (spec::Node const& name : required->items) {
        rules.required_properties.push_back(name.text);
      }
    }
    ordered("minLength", rules.min_length, "maxLength", rules.max_length);
    ordered("minItems", rules.min_items, "maxItems", rules.max_items);
    ordered("minProperties", rules.min_properties, "maxProperties", rules.max_properties);
    rules.valid_values = valid_values();
    return rules;
  }

 private:
  spec::Node const* option(std::string_view key) const { return property_.options.find(key); }

  SourceRange at(spec::Node const& node) const {
    return {file_, node.place.line, node.place.column, node.place.length};
  }

  void refuse(spec::Node const& node, std::string message) {
    diagnostics_.error(Code::invalid_value, at(node), std::move(message));
  }

  std::optional<std::string> text(std::string_view key) const {
    spec::Node const* const node = option(key);
    if (node == nullptr || !node->is_scalar()) return std::nullopt;
    return node->text;
  }

  std::optional<std::uint32_t> count(std::string_view key) {
    spec::Node const* const node = option(key);
    if (node == nullptr) return std::nullopt;
    auto const value = spec::as_integer(*node);
    if (!value) return std::nullopt;
    if (*value < 0 || *value > std::numeric_limits<std::int32_t>::max()) {
      refuse(*node, fmt::format("`{}` is a number from 0 to {}", key,
                                std::numeric_limits<std::int32_t>::max()));
      return std::nullopt;
    }
    return static_cast<std::uint32_t>(*value);
  }

  std::optional<std::string> bound(std::string_view key) {
    spec::Node const* const node = option(key);
    if (node == nullptr || !node->is_scalar()) return std::nullopt;
    auto value = types::from_json(to_json(*node), type_, {});
    if (!value) {
      // A date's or time's bound is text in the standard, and may lack the offset JSON demands.
      auto plain = types::from_text(node->text, type_, nullptr);
      if (plain) return std::move(*plain);
      refuse(*node,
             fmt::format("`{}` is no {}: {}", key, types::to_text(type_), value.error().detail));
      return std::nullopt;
    }
    return std::move(*value);
  }

  void ordered(std::string_view low_key, std::optional<std::uint32_t> const& low,
               std::string_view high_key, std::optional<std::uint32_t> const& high) {
    if (low && high && *low > *high) {
      refuse(*option(low_key), fmt::format("`{}` is more than `{}`", low_key, high_key));
    }
  }

  std::vector<std::string> valid_values() {
    std::vector<std::string> values;
    if (property_.valid_values.empty()) return values;
    if (property_.valid_values.size() > 1) {
      diagnostics_.error(Code::mismatch, property_.valid_values[1].where,
                         "a second list of allowed values for one property");
    }
    spec::ValidValues const& list = property_.valid_values.front();
    if (list.values.empty()) {
      diagnostics_.error(Code::invalid_value, list.where, "the list of allowed values is empty");
    }
    for (spec::Node const& node : list.values) {
      auto value = types::from_json(to_json(node), type_, {});
      if (!value || !*value) {
        refuse(node, "the value does not fit: " + (value ? "null" : value.error().detail));
        continue;
      }
      values.push_back(std::move(**value));
    }
    return values;
  }

  spec::Property const& property_;
  types::Type const& type_;
  std::string const& file_;
  Diagnostics& diagnostics_;
};

}  // namespace

types::Rules resolve_rules(spec::Property const& property, types::Type const& type,
                           std::string const& file, Diagnostics& diagnostics) {
  return RuleReader(property, type, file, diagnostics).read();
}

}  // namespace hansa::mesh
