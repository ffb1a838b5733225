#include "spec/odcs_shape.h"

#include <array>
#include <vector>

#include "spec/common_shapes.h"

namespace hansa::spec {

extern Shape const odcs_nested_property_shape;

namespace {

constexpr Verdict in_ddl{Use::enforced, "DDL, REST"};
constexpr Verdict no_quality{Use::documented, "quality is not measured yet"};
constexpr Verdict of_topics{Use::enforced, topics_verdict};
constexpr Verdict no_lineage{Use::documented, "lineage is not shown yet"};
constexpr Verdict no_levels{Use::documented, "service levels are not measured yet"};

Verdict quality_verdict(Node const& rule) {
  return is_value_check(rule) ? Verdict{Use::enforced, "CHECK constraint, REST 422"} : no_quality;
}

Verdict level_verdict(Node const& level) {
  Node const* const property = level.find("property");
  if (property == nullptr || property->text != "retention") return no_levels;
  Node const* const element = level.find("element");
  bool const of_rows = element != nullptr && element->text.find('.') != std::string::npos;
  return of_rows ? Verdict{Use::documented, "rows are not deleted by age yet"} : of_topics;
}

Verdict relationship_verdict(Node const& relationship) {
  Node const* const to = relationship.find("to");
  bool const crosses = to != nullptr && to->text.find('#') != std::string::npos;
  return crosses
             ? Verdict{Use::documented, "a logical reference; it never crosses as a foreign key"}
             : Verdict{Use::enforced, "FOREIGN KEY"};
}

constexpr std::array<std::string_view, 7> dimensions = {"accuracy",    "completeness", "conformity",
                                                        "consistency", "coverage",     "timeliness",
                                                        "uniqueness"};
constexpr std::array<std::string_view, 4> quality_types = {"text", "library", "sql", "custom"};
constexpr std::array<std::string_view, 5> metrics = {"nullValues", "missingValues", "invalidValues",
                                                     "duplicateValues", "rowCount"};
constexpr std::array<std::string_view, 1> relationship_types = {"foreignKey"};
constexpr std::array<std::string_view, 11> logical_types = {
    "string", "date",  "timestamp", "time", "number", "integer",
    "object", "array", "boolean",   "map",  "vector"};
constexpr std::array<std::string_view, 3> semantic_types = {"column", "measure", "dimension"};

constexpr Field decided(std::string_view key, Form form, Verdict (*decide)(Node const&),
                        std::span<std::string_view const> words = {}) {
  return {key, form, {}, nullptr, false, 0, words, decide};
}

constexpr std::array quality_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"name", Form::text, for_reading},
    {"description", Form::text, for_reading},
    decided("type", Form::text, quality_verdict, quality_types),
    decided("metric", Form::text, quality_verdict, metrics),
    decided("rule", Form::text, quality_verdict),
    decided("arguments", Form::any, quality_verdict),
    decided("query", Form::text, quality_verdict),
    decided("engine", Form::text, quality_verdict),
    decided("implementation", Form::any, quality_verdict),
    decided("mustBe", Form::any, quality_verdict),
    decided("mustNotBe", Form::any, quality_verdict),
    decided("mustBeGreaterThan", Form::number, quality_verdict),
    decided("mustBeGreaterOrEqualTo", Form::number, quality_verdict),
    decided("mustBeLessThan", Form::number, quality_verdict),
    decided("mustBeLessOrEqualTo", Form::number, quality_verdict),
    decided("mustBeBetween", Form::any, quality_verdict),
    decided("mustNotBeBetween", Form::any, quality_verdict),
    decided("dimension", Form::text, quality_verdict, dimensions),
    decided("severity", Form::text, quality_verdict),
    decided("unit", Form::text, quality_verdict),
    {"method", Form::text, for_reading},
    {"businessImpact", Form::text, for_reading},
    {"schedule", Form::text, no_quality},
    {"scheduler", Form::text, no_quality},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr Shape quality_shape{"a quality rule", quality_fields};

constexpr std::array relationship_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"type", Form::text, for_reading, nullptr, false, 0, relationship_types},
    {"to", Form::text_or_texts, {}, nullptr, true, 0, {}, relationship_verdict},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr Shape relationship_shape{"a relationship of a property", relationship_fields};
constexpr std::array object_relationship_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"type", Form::text, for_reading, nullptr, false, 0, relationship_types},
    {"from", Form::text_or_texts, {}, nullptr, true, 0, {}, relationship_verdict},
    {"to", Form::text_or_texts, {}, nullptr, true, 0, {}, relationship_verdict},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr Shape object_relationship_shape{"a relationship of an object",
                                          object_relationship_fields};

constexpr std::array enum_fields = std::to_array<Field>({
    {"value", Form::scalar, {Use::enforced, "CHECK constraint, REST 422"}, nullptr, true},
    {"label", Form::text, for_reading},
    {"id", Form::text, for_reading},
    {"description", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr Shape enum_shape{"a value of `enum`", enum_fields};

constexpr std::array map_fields = std::to_array<Field>({
    {"key", Form::one, {}, &odcs_nested_property_shape, true},
    {"value", Form::one, {}, &odcs_nested_property_shape, true},
});
constexpr Shape map_shape{"a map's key and value", map_fields};

constexpr std::array property_fields = std::to_array<Field>({
    {"id", Form::text, {Use::enforced, "the target of relationships"}},
    {"name", Form::text, in_ddl, nullptr, true},
    {"physicalName", Form::text, in_ddl},
    {"logicalType", Form::text, in_ddl, nullptr, false, 0, logical_types},
    {"logicalTypeOptions", Form::options, {}},
    {"physicalType", Form::text, in_ddl},
    {"description", Form::text, {Use::served, "OpenAPI, COMMENT"}},
    {"businessName", Form::text, in_openapi},
    {"primaryKey", Form::boolean, in_ddl},
    {"primaryKeyPosition", Form::integer, in_ddl},
    {"required", Form::boolean, in_ddl},
    {"unique", Form::boolean, in_ddl},
    {"partitioned", Form::boolean, of_topics},
    {"partitionKeyPosition", Form::integer, of_topics},
    {"classification", Form::text, {Use::documented, classification_verdict}},
    {"encryptedName", Form::text, {Use::documented, "columns are not encrypted yet"}},
    {"criticalDataElement", Form::boolean, for_reading},
    {"transformSourceObjects", Form::texts, no_lineage},
    {"transformLogic", Form::text, no_lineage},
    {"transformDescription", Form::text, no_lineage},
    {"examples", Form::any, in_openapi},
    {"relationships", Form::many, {}, &relationship_shape, false, 301},
    {"quality", Form::many, {}, &quality_shape},
    {"properties", Form::many, {}, &odcs_nested_property_shape},
    {"items", Form::one, {}, &odcs_nested_property_shape},
    {"tags", Form::texts, for_reading},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"deprecated", Form::boolean, in_openapi, nullptr, false, 302},
    {"synonyms", Form::many, for_reading, &synonym_shape, false, 302},
    {"semanticType", Form::text, for_reading, nullptr, false, 302, semantic_types},
    {"enum", Form::many, {}, &enum_shape, false, 302},
    {"map", Form::one, {}, &map_shape, false, 302},
    {"context", Form::text_or_one, for_reading, &context_shape, false, 302},
});

// Inside an object, array or map: the value is stored and served whole, its parts are for reading.
std::vector<Field> nested_fields() {
  std::vector<Field> fields(property_fields.begin(), property_fields.end());
  for (Field& field : fields) {
    field.verdict = {Use::documented, "the value is stored as jsonb; its parts are not checked"};
    field.required = false;
  }
  return fields;
}
std::vector<Field> const nested_property_fields = nested_fields();

constexpr std::array<std::string_view, 2> object_types = {"object", "blob"};
constexpr std::array object_fields = std::to_array<Field>({
    {"id", Form::text, {Use::enforced, "the target of relationships"}},
    {"name", Form::text, in_ddl, nullptr, true},
    {"physicalName", Form::text, in_ddl},
    {"logicalType", Form::text, for_reading, nullptr, false, 0, object_types},
    {"physicalType", Form::text, in_ddl},
    {"description", Form::text, {Use::served, "OpenAPI, COMMENT"}},
    {"businessName", Form::text, in_openapi},
    {"dataGranularityDescription", Form::text, for_reading},
    {"properties", Form::many, {}, &odcs_property_shape, true},
    {"relationships", Form::many, {}, &object_relationship_shape, false, 301},
    {"quality", Form::many, {}, &quality_shape},
    {"tags", Form::texts, for_reading},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"deprecated", Form::boolean, for_reading, nullptr, false, 302},
    {"synonyms", Form::many, for_reading, &synonym_shape, false, 302},
    {"context", Form::text_or_one, for_reading, &context_shape, false, 302},
});
constexpr Shape object_shape{"an object of `schema`", object_fields, Owner::object};

constexpr Verdict no_servers{Use::ignored, "addresses come from the environments of mesh.yaml"};
constexpr std::array server_fields = std::to_array<Field>({
    {"server", Form::text, no_servers, nullptr, true},
    {"type", Form::text, no_servers, nullptr, true},
    {"description", Form::text, no_servers},
    {"environment", Form::text, no_servers},
    {"roles", Form::many, {}, &role_shape},
});
constexpr Shape server_shape{"a server", server_fields, Owner::other, true};

constexpr std::array price_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"priceAmount", Form::number, for_reading},
    {"priceCurrency", Form::text, for_reading},
    {"priceUnit", Form::text, for_reading},
});
constexpr Shape price_shape{"a price", price_fields};

constexpr std::array level_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"property", Form::text, {}, nullptr, true, 0, {}, level_verdict},
    {"value", Form::any, {}, nullptr, true, 0, {}, level_verdict},
    {"valueExt", Form::scalar, no_levels},
    decided("unit", Form::text, level_verdict),
    decided("element", Form::text, level_verdict),
    {"driver", Form::text, for_reading},
    {"description", Form::text, for_reading},
    {"scheduler", Form::text, no_levels},
    {"schedule", Form::text, no_levels},
    {"customProperties", Form::extensions, {}, &custom_property_shape, false, 302},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape, false, 302},
});
constexpr Shape level_shape{"a service level", level_fields};

constexpr std::array<std::string_view, 1> kinds = {"DataContract"};
constexpr std::array contract_fields = std::to_array<Field>({
    fixable({"apiVersion", Form::text, {Use::enforced, "decides which fields are known"}}),
    fixable({"kind", Form::text, {Use::enforced, "must be this"}, nullptr, true, 0, kinds}),
    fixable({"id", Form::text, {Use::enforced, "must follow from the path; ports name it"}}),
    fixable({"version", Form::text, {Use::enforced, "its major is in routes and schemas"}}),
    {"status", Form::text, in_openapi},
    {"name", Form::text, in_openapi},
    {"tenant", Form::text, for_reading},
    {"domain", Form::text, {Use::enforced, "must agree with the folder"}},
    {"dataProduct", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"description", Form::one, {}, &open_description_shape},
    {"servers", Form::many, {}, &server_shape},
    {"schema", Form::many, {}, &object_shape, true},
    {"support", Form::many, {}, &support_shape},
    {"price", Form::one, {}, &price_shape},
    {"team", Form::one_or_many, {}, &team_shape},
    {"roles", Form::many, {}, &role_shape},
    {"slaDefaultElement", Form::text, no_levels},
    {"slaProperties", Form::many, {}, &level_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"contractCreatedTs", Form::text, for_reading},
    {"context", Form::text_or_one, for_reading, &context_shape, false, 302},
});

}  // namespace

constinit Shape const odcs_property_shape{"a property", property_fields, Owner::property};
Shape const odcs_nested_property_shape{"a nested property", nested_property_fields};
constinit Shape const odcs_shape{"a contract", contract_fields, Owner::contract};

bool is_value_check(Node const& rule) {
  auto const says = [&](std::string_view key, std::string_view text) {
    Node const* const node = rule.find(key);
    return node != nullptr && node->text == text;
  };
  Node const* const arguments = rule.find("arguments");
  return (says("metric", "invalidValues") || says("rule", "invalidValues")) &&
         says("mustBe", "0") && says("severity", "error") && arguments != nullptr &&
         arguments->find("validValues") != nullptr;
}

}  // namespace hansa::spec
