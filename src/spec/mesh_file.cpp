#include "spec/mesh_file.h"

#include <fmt/format.h>

#include "spec/mesh_shape.h"

namespace hansa::spec {

namespace {

constexpr std::int64_t format_known = 1;

void check_format(Document const& document, Diagnostics& diagnostics) {
  Node const* const format = document.root.find("hansa");
  if (format == nullptr) return;
  if (as_integer(*format).value_or(format_known) != format_known) {
    diagnostics.error(Code::unknown_standard, document.at(*format),
                      fmt::format("format {:.20} is not known to this hansa", format->text),
                      fmt::format("write `hansa: {}`", format_known));
  }
}

Text member_name(Document const& document, Member const& member) {
  return {member.key, document.at(member.place)};
}

EnvironmentSpec read_environment(Document const& document, Member const& member) {
  Node const& node = member.value;
  EnvironmentSpec environment{.name = member_name(document, member),
                              .url = text_at(document, node, "url"),
                              .listen = text_at(document, node, "listen"),
                              .advertised = text_at(document, node, "advertised"),
                              .postgres = text_at(document, node, "postgres"),
                              .registry = text_at(document, node, "registry")};
  if (Node const* const domains = node.find("domains")) {
    for (Member const& domain : domains->members) {
      environment.domain_postgres.emplace_back(member_name(document, domain),
                                               text_at(document, domain.value, "postgres"));
    }
  }
  if (Node const* const connections = node.find("connections")) {
    environment.connections = {as_integer(*connections).value_or(0), document.at(*connections)};
  }
  if (Node const* const seed = node.find("seed")) environment.seed = as_boolean(*seed);
  return environment;
}

TopicDefaults read_topic_defaults(Document const& document) {
  Node const* const defaults = document.root.find("defaults");
  Node const* const topic = defaults != nullptr ? defaults->find("topic") : nullptr;
  if (topic == nullptr) return {};
  auto const text = [&](std::string_view key) {
    Node const* const node = topic->find(key);
    return node != nullptr && as_text(*node) ? text_at(document, *topic, key) : Text{};
  };
  TopicDefaults read{.compatibility = text("compatibility"),
                     .retention = text("retention"),
                     .format = text("format"),
                     .cleanup = text("cleanup")};
  Node const* const partitions = topic->find("partitions");
  if (partitions != nullptr && as_integer(*partitions)) {
    read.partitions = {*as_integer(*partitions), document.at(*partitions)};
  }
  return read;
}

}  // namespace

MeshFile read_mesh_file(Document const& document, Diagnostics& diagnostics,
                        std::vector<FieldUse>& uses) {
  check_shape(document, mesh_shape, 0, diagnostics, uses);
  check_format(document, diagnostics);
  Node const& root = document.root;
  MeshFile mesh{.file = document.file,
                .name = text_at(document, root, "name"),
                .description = scalar_at(root, "description")};
  if (Node const* const classifications = root.find("classifications")) {
    for (Member const& member : classifications->members) {
      mesh.classifications[member.key] = scalar_at(member.value, "mask");
    }
  }
  mesh.topic = read_topic_defaults(document);
  if (Node const* const environments = root.find("environments")) {
    for (Member const& member : environments->members) {
      mesh.environments.push_back(read_environment(document, member));
    }
  }
  for (Member const& member : root.members) {
    if (member.key == "imports") {
      diagnostics.error(Code::not_supported_yet, document.at(member.place),
                        "imports of other repositories are not supported yet");
    } else if (member.key == "policies") {
      diagnostics.warning(Code::not_supported_yet, document.at(member.place),
                          "policies are not evaluated yet");
    }
  }
  return mesh;
}

DomainFile read_domain_file(Document const& document, Diagnostics& diagnostics,
                            std::vector<FieldUse>& uses) {
  check_shape(document, domain_shape, 0, diagnostics, uses);
  check_format(document, diagnostics);
  refuse_secrets(document, diagnostics);
  Node const& root = document.root;
  DomainFile domain{.file = document.file,
                    .name = text_at(document, root, "name"),
                    .description = scalar_at(root, "description"),
                    .contact = read_contact(root)};
  if (domain.description.empty()) domain.description = scalar_at(root, "purpose");
  return domain;
}

}  // namespace hansa::spec
