#include "spec/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "spec/odcs_shape.h"
#include "spec/option_shapes.h"

namespace hansa::spec {

namespace {

Standard const& odcs() {
  static Standard const standard{
      "Bitol ODCS", "DataContract", {"v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"}};
  return standard;
}

std::vector<Relationship> read_relationships(Document const& document, Node const& owner) {
  std::vector<Relationship> relationships;
  for (Node const* entry : entries_at(owner, "relationships")) {
    relationships.push_back({texts_at(document, *entry, "from"), texts_at(document, *entry, "to"),
                             document.at(*entry)});
  }
  return relationships;
}

constexpr std::array<std::string_view, 8> operators = {
    "mustBe",         "mustNotBe",           "mustBeGreaterThan", "mustBeGreaterOrEqualTo",
    "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween",     "mustNotBeBetween"};

void need(Document const& document, Node const& rule, std::string_view key, std::string_view type,
          Diagnostics& diagnostics) {
  if (rule.find(key) != nullptr) return;
  diagnostics.error(
      Code::missing_key, document.at(rule),
      fmt::format("a quality rule of type {} needs the key `{}`", type, key),
      key == "metric" ? "one of nullValues, missingValues, invalidValues, duplicateValues, rowCount"
                      : "");
}

void check_quality(Document const& document, Node const& owner, Diagnostics& diagnostics) {
  for (Node const* rule : entries_at(owner, "quality")) {
    std::string const type = scalar_at(*rule, "type");
    bool const library = type == "library" || (type.empty() && rule->find("metric") != nullptr);
    if (library && rule->find("rule") == nullptr) {
      need(document, *rule, "metric", "library", diagnostics);
    }
    if (type == "sql") need(document, *rule, "query", "sql", diagnostics);
    if (type == "custom") {
      need(document, *rule, "engine", "custom", diagnostics);
      need(document, *rule, "implementation", "custom", diagnostics);
    }
    auto const used = std::ranges::count_if(
        operators, [&](std::string_view key) { return rule->find(key) != nullptr; });
    if ((library || type == "sql") && used != 1) {
      diagnostics.error(
          Code::invalid_value, document.at(*rule),
          fmt::format("a quality rule needs exactly one of {}", fmt::join(operators, ", ")));
    }
  }
}

std::vector<ValidValues> read_valid_values(Document const& document, Node const& owner) {
  std::vector<ValidValues> lists;
  for (Node const* rule : entries_at(owner, "quality")) {
    if (!is_value_check(*rule)) continue;
    Node const& values = *rule->find("arguments")->find("validValues");
    lists.push_back({values.items, document.at(values)});
  }
  if (Node const* const list = owner.find("enum"); list != nullptr && !list->items.empty()) {
    ValidValues values{{}, document.at(*list)};
    for (Node const* entry : entries_at(owner, "enum")) {
      if (Node const* const value = entry->find("value")) values.values.push_back(*value);
    }
    lists.push_back(std::move(values));
  }
  return lists;
}

std::vector<Text> read_definitions(Document const& document, Node const& owner) {
  std::vector<Text> definitions;
  for (Node const* entry : entries_at(owner, "authoritativeDefinitions")) {
    if (scalar_at(*entry, "type") == "definition") {
      definitions.push_back(text_at(document, *entry, "url"));
    }
  }
  return definitions;
}

// What the shape has refused is left out, so that no later step reports it once more.
void read_options(Node const& node, Property& property) {
  property.type_refused = !member_fits(node, odcs_property_shape, "logicalType") ||
                          !member_fits(node, odcs_property_shape, "physicalType");
  Node const* const options = node.find("logicalTypeOptions");
  if (options == nullptr) return;
  property.options = *options;
  Shape const& shape = option_shape(node);
  std::erase_if(property.options.members, [&](Member const& member) {
    bool const fits = member_fits(*options, shape, member.key);
    bool const types = member.key == "format" || member.key == "timezone";
    if (!fits && types) property.type_refused = true;
    return !fits;
  });
}

std::optional<Located<std::int64_t>> position_at(Document const& document, Node const& node,
                                                 std::string_view key) {
  Node const* const position = node.find(key);
  if (position == nullptr) return std::nullopt;
  return Located<std::int64_t>{as_integer(*position).value_or(-1), document.at(*position)};
}

Property read_property(Document const& document, Node const& node, Diagnostics& diagnostics) {
  auto const text = [&](std::string_view key) { return text_at(document, node, key); };
  Property property{.id = text("id"),
                    .name = text("name"),
                    .physical_name = text("physicalName"),
                    .logical_type = text("logicalType"),
                    .physical_type = text("physicalType"),
                    .description = text("description"),
                    .business_name = text("businessName"),
                    .classification = text("classification"),
                    .encrypted_name = text("encryptedName"),
                    .transform_logic = text("transformLogic"),
                    .required = flag_at(node, "required"),
                    .unique = flag_at(node, "unique"),
                    .primary_key = flag_at(node, "primaryKey"),
                    .partitioned = flag_at(node, "partitioned"),
                    .deprecated = flag_at(node, "deprecated")};
  if (!written(property.name)) property.name.where = document.at(node);
  read_options(node, property);
  property.primary_key_position = position_at(document, node, "primaryKeyPosition");
  property.partition_key_position = position_at(document, node, "partitionKeyPosition");
  if (Node const* const examples = node.find("examples")) property.examples = examples->items;
  check_quality(document, node, diagnostics);
  property.valid_values = read_valid_values(document, node);
  property.relationships = read_relationships(document, node);
  property.shared_definitions = read_definitions(document, node);
  property.transform_sources = texts_at(document, node, "transformSourceObjects");
  property.extensions = extensions_at(document, node);
  return property;
}

SchemaObject read_object(Document const& document, Node const& node, Diagnostics& diagnostics) {
  auto const text = [&](std::string_view key) { return text_at(document, node, key); };
  SchemaObject object{.id = text("id"),
                      .name = text("name"),
                      .physical_name = text("physicalName"),
                      .physical_type = text("physicalType"),
                      .description = text("description"),
                      .business_name = text("businessName"),
                      .relationships = read_relationships(document, node),
                      .extensions = extensions_at(document, node)};
  if (!written(object.name)) object.name.where = document.at(node);
  check_quality(document, node, diagnostics);
  for (Node const* property : entries_at(node, "properties")) {
    object.properties.push_back(read_property(document, *property, diagnostics));
  }
  return object;
}

void read_service_levels(Document const& document, Contract& contract, Diagnostics& diagnostics) {
  for (Node const* node : entries_at(document.root, "slaProperties")) {
    auto const text = [&](std::string_view key) { return scalar_at(*node, key); };
    auto const located = [&](std::string_view key) { return text_at(document, *node, key); };
    contract.service_levels.push_back({text("property"), text("valueExt"), text("driver"),
                                       text("description"), located("value"), located("unit"),
                                       located("element"), document.at(*node)});
    if (text("unit") == "m") {
      diagnostics.warning(Code::invalid_value, document.at(*node->find("unit")),
                          "`m` means minutes to some tools and months to others",
                          "write `minutes` or `months`");
    }
  }
}

void read_description(Document const& document, Contract& contract) {
  Node const* const description = document.root.find("description");
  if (description == nullptr || !description->is_map()) return;
  contract.purpose = scalar_at(*description, "purpose");
  contract.usage = scalar_at(*description, "usage");
  contract.limitations = scalar_at(*description, "limitations");
}

}  // namespace

ExtensionValue const* Property::extension(std::string_view key) const {
  return find(extensions, key);
}

ExtensionValue const* SchemaObject::extension(std::string_view key) const {
  return find(extensions, key);
}

std::optional<Contract> read_contract(Document const& document, Diagnostics& diagnostics,
                                      std::vector<FieldUse>& uses) {
  auto const version = standard_version(document, odcs(), diagnostics);
  if (!version) return std::nullopt;
  check_shape(document, odcs_shape, *version, diagnostics, uses);
  refuse_secrets(document, diagnostics);
  auto const text = [&](std::string_view key) { return text_at(document, document.root, key); };
  Contract contract{.file = document.file,
                    .id = text("id"),
                    .name = text("name"),
                    .version = text("version"),
                    .status = text("status"),
                    .domain = text("domain")};
  read_description(document, contract);
  for (Text const& tag : texts_at(document, document.root, "tags")) {
    contract.tags.push_back(tag.value);
  }
  contract.extensions = extensions_at(document, document.root);
  if (Node const* const servers = document.root.find("servers")) {
    diagnostics.warning(Code::not_enforced, document.at(*servers),
                        "`servers` of a contract is ignored",
                        "addresses come from the environments of mesh.yaml");
  }
  for (Node const* object : entries_at(document.root, "schema")) {
    contract.objects.push_back(read_object(document, *object, diagnostics));
  }
  read_service_levels(document, contract, diagnostics);
  return contract;
}

}  // namespace hansa::spec
