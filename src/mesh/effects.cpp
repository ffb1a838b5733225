#include "mesh/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

namespace hansa::mesh {

namespace {

FieldEffect::Effect effect_of(spec::Use use) {
  switch (use) {
    case spec::Use::enforced:
      return FieldEffect::Effect::enforced;
    case spec::Use::served:
      return FieldEffect::Effect::served;
    case spec::Use::documented:
      return FieldEffect::Effect::documented;
    case spec::Use::ignored:
      break;
  }
  return FieldEffect::Effect::ignored;
}

void append(std::vector<FieldEffect>& effects, spec::FieldUse const& use) {
  effects.push_back({use.where, use.path, effect_of(use.verdict.use), std::string(use.verdict.by)});
}

// Contracts some rest port names; what others say is not in any OpenAPI document.
std::set<std::string_view> served_ids(MeshSources const& sources) {
  std::set<std::string_view> ids;
  for (DomainSource const& domain : sources.domains) {
    for (ProductSource const& product : domain.products) {
      if (!product.product) continue;
      for (spec::Port const& port : product.product->output_ports) {
        if (port.type.value == "rest") ids.insert(port.contract_id.value);
      }
    }
  }
  return ids;
}

void append_contract(std::vector<FieldEffect>& effects, ContractSource const& source,
                     bool has_rest_port) {
  std::vector<std::string> topics;
  for (std::size_t i = 0; source.contract && i < source.contract->objects.size(); ++i) {
    if (source.contract->objects[i].physical_type.value == "topic") {
      topics.push_back(fmt::format("schema[{}].", i));
    }
  }
  for (spec::FieldUse const& use : source.uses) {
    append(effects, use);
    FieldEffect& effect = effects.back();
    bool const of_topic = std::ranges::any_of(
        topics, [&](std::string const& prefix) { return use.path.starts_with(prefix); });
    if (of_topic && effect.effect != FieldEffect::Effect::ignored) {
      effect.effect = FieldEffect::Effect::documented;
      effect.by = "topics are not published yet";
    } else if (effect.effect == FieldEffect::Effect::served && !has_rest_port) {
      effect.effect = FieldEffect::Effect::documented;
      effect.by = "no rest port serves this contract";
    }
  }
}

}  // namespace

std::vector<FieldEffect> field_effects(MeshSources const& sources) {
  std::vector<FieldEffect> effects;
  for (spec::FieldUse const& use : sources.uses) append(effects, use);
  std::set<std::string_view> const served = served_ids(sources);
  for (DomainSource const& domain : sources.domains) {
    for (ProductSource const& product : domain.products) {
      for (ContractSource const& contract : product.contracts) {
        bool const has_rest_port =
            contract.contract && served.contains(contract.contract->id.value);
        append_contract(effects, contract, has_rest_port);
      }
    }
  }
  return effects;
}

}  // namespace hansa::mesh
