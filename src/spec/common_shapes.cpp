#include "spec/common_shapes.h"

#include <array>

namespace hansa::spec {

namespace {

constexpr std::array custom_property_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"property", Form::text, for_reading, nullptr, true},
    {"value", Form::any, for_reading, nullptr, false},
    {"description", Form::text, for_reading},
    {"vendor", Form::text, for_reading, nullptr, false, 302},
});
constexpr std::array definition_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"url", Form::text, for_reading, nullptr, true},
    {"type", Form::text, for_reading, nullptr, true},
    {"description", Form::text, for_reading},
});
constexpr std::array synonym_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"synonym", Form::text, for_reading, nullptr, true},
    {"description", Form::text, for_reading},
    {"locale", Form::text, for_reading},
    {"source", Form::text, for_reading},
    {"status", Form::text, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr std::array statement_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"question", Form::text, for_reading, nullptr, true},
    {"answer", Form::text, for_reading},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr Shape statement_shape{"a verified statement", statement_fields};
constexpr std::array constraint_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"constraint", Form::text, for_reading, nullptr, true},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr Shape constraint_shape{"a constraint", constraint_fields};
constexpr std::array context_fields = std::to_array<Field>({
    {"instructions", Form::text, for_reading},
    {"verifiedStatements", Form::many, {}, &statement_shape},
    {"constraints", Form::many, {}, &constraint_shape},
});
constexpr std::array member_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"username", Form::text, for_reading, nullptr, true},
    {"name", Form::text, for_reading},
    {"description", Form::text, for_reading},
    {"role", Form::text, for_reading},
    {"dateIn", Form::text, for_reading},
    {"dateOut", Form::text, for_reading},
    {"replacedByUsername", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr std::array team_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"name", Form::text, for_reading},
    {"description", Form::text, for_reading},
    {"members", Form::many, {}, &member_shape},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr std::array support_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"channel", Form::text, for_reading, nullptr, true},
    {"url", Form::text, for_reading},
    {"description", Form::text, for_reading},
    {"tool", Form::text, for_reading},
    {"scope", Form::text, for_reading},
    {"invitationUrl", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
});
constexpr Verdict no_roles{Use::documented, "access control is not there yet"};
constexpr std::array role_fields = std::to_array<Field>({
    {"id", Form::text, for_reading},
    {"role", Form::text, no_roles, nullptr, true},
    {"description", Form::text, for_reading},
    {"access", Form::text, no_roles},
    {"firstLevelApprovers", Form::text, no_roles},
    {"secondLevelApprovers", Form::text, no_roles},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});
constexpr std::array description_fields = std::to_array<Field>({
    {"purpose", Form::text, in_openapi},
    {"limitations", Form::text, in_openapi},
    {"usage", Form::text, in_openapi},
    {"authoritativeDefinitions", Form::many, {}, &authoritative_definition_shape},
    {"customProperties", Form::extensions, {}, &custom_property_shape},
});

}  // namespace

constinit Shape const custom_property_shape{"a custom property", custom_property_fields};
constinit Shape const authoritative_definition_shape{"an authoritative definition",
                                                     definition_fields};
constinit Shape const synonym_shape{"a synonym", synonym_fields};
constinit Shape const context_shape{"a context", context_fields};
constinit Shape const member_shape{"a team member", member_fields};
constinit Shape const team_shape{"a team", team_fields, Owner::other, false, &member_shape};
constinit Shape const support_shape{"a support channel", support_fields};
constinit Shape const role_shape{"a role", role_fields};
constinit Shape const open_description_shape{"a description", description_fields, Owner::other,
                                             true};
constinit Shape const closed_description_shape{"a description", description_fields};

}  // namespace hansa::spec
