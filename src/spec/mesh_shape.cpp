#include "spec/mesh_shape.h"

#include <array>

#include "spec/common_shapes.h"
#include "spec/event_words.h"

namespace hansa::spec {

namespace {

constexpr Verdict in_program{Use::enforced, "read by up, serve, plan and apply"};
constexpr Verdict no_kafka{Use::documented, "events stay in PostgreSQL for now"};
constexpr Verdict of_topics{Use::enforced, "topics that do not say otherwise"};
constexpr Verdict no_access{Use::documented, "access control is not there yet"};
constexpr Verdict no_policies{Use::documented, "policies are not evaluated yet"};
constexpr Verdict no_imports{Use::ignored, "imports are not supported yet"};

constexpr std::array classification_fields = std::to_array<Field>({
    {"mask", Form::text, {Use::documented, "masks come with access control"}},
    {"description", Form::text, for_reading},
});
constexpr Shape classification_shape{"a classification", classification_fields};

constexpr std::array topic_fields = std::to_array<Field>({
    {"partitions", Form::integer, of_topics},
    {"compatibility", Form::text, of_topics, nullptr, false, 0, compatibility_words},
    {"retention", Form::text, of_topics},
    {"format", Form::text, of_topics, nullptr, false, 0, event_format_words},
    {"cleanup", Form::text, of_topics, nullptr, false, 0, cleanup_words},
});
constexpr Shape topic_shape{"the defaults of topics", topic_fields};
constexpr std::array default_fields = std::to_array<Field>({
    {"topic", Form::one, {}, &topic_shape},
});
constexpr Shape default_shape{"the defaults", default_fields};

constexpr std::array kafka_fields = std::to_array<Field>({
    {"bootstrap", Form::text, no_kafka},
    {"replicas", Form::integer, no_kafka},
    {"username", Form::text, no_kafka},
    {"password", Form::text, no_kafka},
});
constexpr Shape kafka_shape{"a Kafka cluster", kafka_fields};
constexpr std::array oidc_fields = std::to_array<Field>({
    {"issuer", Form::text, no_access},
    {"audience", Form::text, no_access},
    {"roles", Form::text, no_access},
});
constexpr Shape oidc_shape{"an OIDC provider", oidc_fields};
constexpr std::array domain_override_fields = std::to_array<Field>({
    {"postgres", Form::text, in_program},
});
constexpr Shape domain_override_shape{"a domain of an environment", domain_override_fields};
constexpr std::array environment_fields = std::to_array<Field>({
    {"description", Form::text, for_reading},
    {"url", Form::text, in_program},
    {"listen", Form::text, in_program},
    {"advertised", Form::text, in_program},
    {"postgres", Form::text, in_program},
    {"connections", Form::integer, in_program},
    {"seed", Form::boolean, in_program},
    {"domains", Form::named, {}, &domain_override_shape},
    {"kafka", Form::text_or_one, no_kafka, &kafka_shape},
    {"registry", Form::text, in_program},
    {"oidc", Form::one, {}, &oidc_shape},
    {"opa", Form::text, no_policies},
});
constexpr Shape environment_shape{"an environment", environment_fields};

constexpr std::array policy_fields = std::to_array<Field>({
    {"off", Form::texts, no_policies},
    {"shadow", Form::texts, no_policies},
});
constexpr Shape policy_shape{"the policies", policy_fields};

constexpr std::array mesh_fields = std::to_array<Field>({
    fixable({"hansa", Form::integer, {Use::enforced, "must be a known format of this file"}}),
    {"name", Form::text, {Use::enforced, "names the database's roles"}, nullptr, true},
    {"description", Form::text, in_openapi},
    {"tenant", Form::text, for_reading},
    {"classifications", Form::named, {}, &classification_shape},
    {"defaults", Form::one, {}, &default_shape},
    {"environments", Form::named, {}, &environment_shape},
    {"policies", Form::one, {}, &policy_shape},
    {"imports", Form::any, no_imports},
});

constexpr std::array domain_fields = std::to_array<Field>({
    {"hansa", Form::integer, {Use::enforced, "must be a known format of this file"}},
    {"name", Form::text, {Use::enforced, "must agree with the folder"}},
    {"purpose", Form::text, in_openapi},
    {"description", Form::text, in_openapi},
    {"tenant", Form::text, for_reading},
    {"tags", Form::texts, for_reading},
    {"team", Form::one_or_many, {}, &team_shape},
    {"support", Form::many, {}, &support_shape},
});

}  // namespace

constinit Shape const mesh_shape{"mesh.yaml", mesh_fields};
constinit Shape const domain_shape{"a domain", domain_fields};

}  // namespace hansa::spec
