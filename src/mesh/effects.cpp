#include "mesh/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "spec/common_shapes.h"

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

// Contracts some port of the type names.
std::set<std::string_view> ids_of(MeshSources const& sources, std::string_view port_type) {
  std::set<std::string_view> ids;
  for (DomainSource const& domain : sources.domains) {
    for (ProductSource const& product : domain.products) {
      if (!product.product) continue;
      for (spec::Port const& port : product.product->output_ports) {
        if (port.type.value == port_type) ids.insert(port.contract_id.value);
      }
    }
  }
  return ids;
}

std::string_view last_key(std::string_view path) { return path.substr(path.rfind('.') + 1); }

// What decides the schema of an event.
bool shapes_events(std::string_view path) {
  constexpr std::array<std::string_view, 7> keys = {
      "name", "physicalName", "logicalType", "format", "physicalType", "timezone", "required"};
  return std::ranges::find(keys, last_key(path)) != keys.end();
}

// What a contract's fields do depends on the ports that name it.
class ContractEffects {
 public:
  ContractEffects(ContractSource const& source, bool has_rest_port, bool has_kafka_port)
      : source_(source), has_rest_port_(has_rest_port), has_kafka_port_(has_kafka_port) {
    for (std::size_t i = 0; source.contract && i < source.contract->objects.size(); ++i) {
      spec::SchemaObject const& object = source.contract->objects[i];
      if (object.physical_type.value != "topic") continue;
      topics_.push_back({fmt::format("schema[{}].", i), emission_is_made(object)});
    }
  }

  void append_to(std::vector<FieldEffect>& effects) const {
    for (spec::FieldUse const& use : source_.uses) {
      append(effects, use);
      FieldEffect& effect = effects.back();
      auto const topic = std::ranges::find_if(
          topics_, [&](TopicObject const& each) { return use.path.starts_with(each.prefix); });
      if (effect.effect == FieldEffect::Effect::ignored) continue;
      if (effect.by == spec::topics_verdict || effect.by == spec::classification_verdict) {
        of_topics(effect);
      } else if (topic != topics_.end()) {
        of_topic_object(use, topic->is_copied, effect);
      } else if (effect.effect == FieldEffect::Effect::served && !has_rest_port_) {
        document(effect, "no rest port serves this contract");
      }
    }
  }

 private:
  struct TopicObject {
    std::string prefix;
    bool is_copied;  // column for column, unless there is an emission
  };

  static bool emission_is_made(spec::SchemaObject const& object) {
    return std::ranges::any_of(object.properties, [](spec::Property const& property) {
      return !property.transform_sources.empty();
    });
  }

  static void document(FieldEffect& effect, std::string_view why) {
    effect.effect = FieldEffect::Effect::documented;
    effect.by = why;
  }

  void of_topics(FieldEffect& effect) const {
    bool const classification = effect.by == spec::classification_verdict;
    if (has_kafka_port_ && classification) {
      effect.effect = FieldEffect::Effect::enforced;
      effect.by = "left out of events where its word has a mask";
    } else if (!has_kafka_port_ && !classification) {
      document(effect, no_port);
    }
  }

  void of_topic_object(spec::FieldUse const& use, bool is_copied, FieldEffect& effect) const {
    bool const in_key = last_key(use.path).starts_with("primaryKey");
    bool const copies = is_copied && use.path.find("transformSourceObjects") != std::string::npos;
    if (!has_kafka_port_) {
      document(effect, no_port);
    } else if (in_key || copies || shapes_events(use.path)) {
      effect.effect = FieldEffect::Effect::enforced;
      effect.by = in_key   ? "key of the topic, unless `partitioned` says another"
                  : copies ? "copied into events, unless there is an emission"
                           : "schema of the topic";
    } else if (effect.effect == FieldEffect::Effect::served) {
      document(effect, "said to people");
    } else if (effect.effect != FieldEffect::Effect::documented) {
      document(effect, "events are not checked against it");
    }
  }

  static constexpr std::string_view no_port = "no kafka port publishes this contract";

  ContractSource const& source_;
  bool has_rest_port_, has_kafka_port_;
  std::vector<TopicObject> topics_;
};

// What a consumer says it needs is compared with the producer's contract, and that is all.
void append_expectation(std::vector<FieldEffect>& effects, ContractSource const& source) {
  for (spec::FieldUse const& use : source.uses) {
    append(effects, use);
    FieldEffect& effect = effects.back();
    bool const compared = use.path.starts_with("schema[0]") && shapes_events(use.path);
    effect.effect = compared ? FieldEffect::Effect::enforced : FieldEffect::Effect::documented;
    effect.by = compared ? "compared with the producer's contract" : "said to people";
  }
}

}  // namespace

std::vector<FieldEffect> field_effects(MeshSources const& sources) {
  std::vector<FieldEffect> effects;
  for (spec::FieldUse const& use : sources.uses) append(effects, use);
  auto const served = ids_of(sources, "rest");
  auto const published = ids_of(sources, "kafka");
  for (DomainSource const& domain : sources.domains) {
    for (ProductSource const& product : domain.products) {
      for (ContractSource const& contract : product.contracts) {
        std::string const id = contract.contract ? contract.contract->id.value : "";
        ContractEffects(contract, served.contains(id), published.contains(id)).append_to(effects);
      }
      for (ContractSource const& expectation : product.expectations) {
        append_expectation(effects, expectation);
      }
    }
  }
  return effects;
}

}  // namespace hansa::mesh
