#include "spec/odps_shape.h"

#include <array>

#include "spec/common_shapes.h"

namespace hansa::spec {

namespace {

constexpr Verdict in_ports{Use::enforced, "decides which contracts are served, and how"};
constexpr Verdict in_subscription{Use::enforced, "subscribes to the contract's topic"};
constexpr Verdict no_lineage{Use::documented, "lineage is not shown yet"};
constexpr Verdict no_management{Use::documented, "the platform serves its own management ports"};

Verdict output_port_verdict(Node const& port) {
  Node const* const type = port.find("type");
  return type != nullptr && type->text == "kafka" ? Verdict{Use::enforced, "publishes topics"}
                                                  : in_ports;
}

constexpr Field decided(std::string_view key, bool required) {
  return {key, Form::text, {}, nullptr, required, 0, {}, output_port_verdict};
}

constexpr std::array input_port_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"name", Form::text, in_subscription, nullptr, true},
    fixable({"version", Form::text, in_subscription}),
    {"contractId", Form::text, in_subscription, nullptr, true},
    {"deprecated", Form::boolean, for_reading, nullptr, false, 101},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr Shape input_port_shape{"an input port", input_port_fields, Owner::input_port};

constexpr std::array sbom_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"type", Form::text, for_reading},
    {"url", Form::text, for_reading},
});
constexpr Shape sbom_shape{"an SBOM", sbom_fields};
constexpr std::array input_contract_fields = std::to_array<Field>({
    {"id", Form::text, no_lineage, nullptr, true},
    {"version", Form::text, no_lineage, nullptr, true},
});
constexpr Shape input_contract_shape{"an input contract", input_contract_fields};

constexpr std::array<std::string_view, 3> port_types = {"rest", "sql", "kafka"};
constexpr std::array output_port_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    decided("name", true),
    {"description", Form::text, in_openapi},
    {"type", Form::text, {}, nullptr, true, 0, port_types, output_port_verdict},
    fixable(decided("version", true)),
    decided("contractId", true),
    {"sbom", Form::many, {}, &sbom_shape},
    {"inputContracts", Form::many, {}, &input_contract_shape},
    {"deprecated", Form::boolean, for_reading, nullptr, false, 101},
    {"synonyms", Form::many, {}, &synonym_shape, false, 101},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"context", Form::one, {}, &context_shape, false, 101},
});
constexpr Shape output_port_shape{"an output port", output_port_fields, Owner::output_port};

constexpr std::array management_port_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"name", Form::text, no_management, nullptr, true},
    {"content", Form::text, no_management, nullptr, true},
    {"type", Form::text, no_management},
    {"url", Form::text, no_management},
    {"channel", Form::text, no_management},
    {"description", Form::text, for_reading},
    {"deprecated", Form::boolean, for_reading, nullptr, false, 101},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr Shape management_port_shape{"a management port", management_port_fields};

constexpr std::array<std::string_view, 1> kinds = {"DataProduct"};
constexpr std::array product_fields = std::to_array<Field>({
    fixable({"apiVersion", Form::text, {Use::enforced, "decides which fields are known"}}),
    fixable({"kind", Form::text, {Use::enforced, "must be this"}, nullptr, true, 0, kinds}),
    fixable({"id", Form::text, {Use::enforced, "two products never share it"}}),
    {"name", Form::text, in_openapi},
    {"version", Form::text, for_reading},
    {"status", Form::text, for_reading},
    {"domain", Form::text, {Use::enforced, "must agree with the folder"}},
    {"tenant", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"description", Form::one, {}, &closed_description_shape},
    {"inputPorts", Form::many, {}, &input_port_shape},
    {"outputPorts", Form::many, {}, &output_port_shape},
    {"managementPorts", Form::many, {}, &management_port_shape},
    {"support", Form::many, {}, &support_shape},
    {"team", Form::one_or_many, {}, &team_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"productCreatedTs", Form::text, for_reading},
    {"type", Form::text, for_reading, nullptr, false, 101},
    {"deprecated", Form::boolean, for_reading, nullptr, false, 101},
    {"synonyms", Form::many, {}, &synonym_shape, false, 101},
    {"context", Form::one, {}, &context_shape, false, 101},
});

}  // namespace

constinit Shape const odps_shape{"a product", product_fields, Owner::product};

}  // namespace hansa::spec
