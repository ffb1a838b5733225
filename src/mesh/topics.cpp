#include "mesh/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "mesh/emissions.h"
#include "mesh/keys.h"
#include "mesh/topic_options.h"

namespace hansa::mesh {

namespace {

// "order_placed" to "OrderPlaced".
std::string pascal_case(std::string_view name) {
  std::string out;
  bool capital = true;
  for (char const c : name) {
    bool const lower = c >= 'a' && c <= 'z';
    if (c != '_') out += capital && lower ? static_cast<char>(c - 'a' + 'A') : c;
    capital = c == '_';
  }
  return out;
}

class Resolver {
 public:
  Resolver(TopicContext const& context, Mesh& mesh) : context_(context), mesh_(mesh) {
    spec::TopicDefaults const said =
        context.sources.mesh ? context.sources.mesh->topic : spec::TopicDefaults{};
    defaults_ = resolve_topic_defaults(said, context.diagnostics);
    for (ContractDraft const& draft : context.drafts) {
      drafts_.emplace(draft.contract->id.text(), &draft);
    }
  }

  void run() {
    for (Domain const& domain : mesh_.domains) {
      DomainTables const tables(domain);
      for (Product const& product : domain.products) {
        for (OutputPort const& port : product.output_ports) {
          if (port.type == PortType::kafka)
            publish(product, tables, *drafts_.at(port.contract.text()));
        }
      }
    }
    std::ranges::sort(mesh_.topics, [](Topic const& a, Topic const& b) {
      return std::tie(a.domain, a.product, a.name) < std::tie(b.domain, b.product, b.name);
    });
  }

 private:
  void error(Code code, SourceRange where, std::string message, std::string hint = {}) {
    context_.diagnostics.error(code, std::move(where), std::move(message), std::move(hint));
  }

  void publish(Product const& product, DomainTables const& tables, ContractDraft const& draft) {
    for (std::size_t i = 0; i < draft.source->objects.size(); ++i) {
      Object& object = draft.contract->objects[i];
      if (object.kind == ObjectKind::view) continue;
      Topic topic = identify(product, *draft.contract, object);
      spec::SchemaObject const& source = draft.source->objects[i];
      choose_fields(draft, source, object, topic);
      if (object.kind == ObjectKind::table) {
        resolve_changes(source, object, topic);
      } else {
        resolve_events(draft, source, object, tables, topic);
      }
      check_key(source, object, topic);
      resolve_topic_options({*draft.source, source}, defaults_, topic, context_.diagnostics);
      mesh_.topics.push_back(std::move(topic));
    }
  }

  Topic identify(Product const& product, Contract const& contract, Object const& object) {
    std::string const& domain = contract.domain.text();
    std::string const& name = object.name.text();
    std::uint32_t const major = number(contract.major);
    bool const changes = object.kind == ObjectKind::table;
    return {.name = changes ? fmt::format("{}-{}-v{}", domain, name, major) : object.physical_name,
            .domain = contract.domain,
            .product = product.name,
            .contract = contract.id,
            .major = contract.major,
            .version = contract.version,
            .object = object.name,
            .source = changes ? Topic::Source::changes : Topic::Source::clients,
            .record_name = pascal_case(name),
            .record_namespace = fmt::format("{}.{}.v{}", mesh_.name.text(), domain, major),
            .event_source = fmt::format("/{}/{}", domain, product.name.text()),
            .event_type = fmt::format("{}.{}.v{}", domain, name, major),
            .where = object.where};
  }

  // Whether readers must not see the column as it is: its word has a mask, it has one of its own,
  // or it is to be encrypted.
  bool is_classified(spec::Property const& property, Column const& column) const {
    auto const word = mesh_.classifications.find(column.classification);
    bool const masked = word != mesh_.classifications.end() && !word->second.empty();
    return masked || property.extension("hansa.mask") != nullptr ||
           spec::written(property.encrypted_name);
  }

  void choose_fields(ContractDraft const& draft, spec::SchemaObject const& source,
                     Object const& object, Topic& topic) {
    for (std::size_t i = 0; i < source.properties.size(); ++i) {
      spec::Property const& property = source.properties[i];
      Column const& column = object.columns[i];
      auto const* const in_events = property.extension("hansa.inEvents");
      bool const plain = in_events != nullptr && in_events->value.text == "plain";
      if (!is_classified(property, column)) {
        topic.fields.push_back(column.name);
      } else if (plain) {
        spec::Place const& place = in_events->value.place;
        context_.diagnostics.warning(
            Code::not_supported_yet, {draft.source->file, place.line, place.column, place.length},
            fmt::format("every reader of topic `{}` sees `{}` as it is, and no policy judges that "
                        "yet",
                        topic.name, column.name.text()),
            "leave hansa.inEvents out to keep it out of events");
        topic.fields.push_back(column.name);
      } else {
        if (spec::written(property.encrypted_name)) {
          context_.diagnostics.note(
              Code::not_supported_yet, property.encrypted_name.where,
              fmt::format("`{}` is left out of events until columns are encrypted",
                          column.name.text()));
        }
        topic.left_out.push_back(column.name);
      }
    }
  }

  void resolve_changes(spec::SchemaObject const& source, Object const& object, Topic& topic) {
    context_.names.claim(topic.name, object.where, context_.diagnostics);
    topic.key = object.primary_key;
    if (!object.managed) {
      error(Code::mismatch, object.where,
            fmt::format("the changes of table `{}`, which Hansa does not manage, are not seen",
                        object.name.text()),
            "leave hansa.managed out, or give the kafka port a contract without this table");
    }
    for (spec::Property const& property : source.properties) {
      if (!property.partitioned) continue;
      error(Code::not_supported_yet, property.name.where,
            "a kafka port on a partitioned table is not supported yet",
            "leave `partitioned` out; change events are keyed by the primary key");
    }
  }

  void resolve_events(ContractDraft const& draft, spec::SchemaObject const& source, Object& object,
                      DomainTables const& tables, Topic& topic) {
    topic.key = resolve_event_key(source, object, context_.diagnostics);
    Contract const& contract = *draft.contract;
    std::string const name =
        fmt::format("domains/{}/{}/emit/{}.v{}.sql", contract.domain.text(),
                    contract.product.text(), object.name.text(), number(contract.major));
    EmissionContext const context{mesh_, tables, context_.diagnostics};
    if (context_.sources.folder.has(name)) {
      topic.source = Topic::Source::emission;
      if (auto const file = find_sql(context_.sources.folder, name)) {
        topic.emission = read_emission(*file, topic, context);
      }
    } else if (has_sources(source)) {
      topic.source = Topic::Source::emission;
      topic.emission = make_emission(source, object, topic, context);
    }
    if (topic.key.empty() && topic.source == Topic::Source::emission) {
      error(Code::missing_primary_key, object.where,
            fmt::format("topic `{}` has no key, which orders its events", topic.name),
            "write `partitioned: true` or `primaryKey: true` on the property events belong "
            "together by");
    }
  }

  // A key is written out for every reader, and its text must be the same for ever.
  void check_key(spec::SchemaObject const& source, Object const& object, Topic const& topic) {
    for (std::size_t i = 0; i < object.columns.size(); ++i) {
      ColumnName const& name = object.columns[i].name;
      bool const in_key = std::ranges::find(topic.key, name) != topic.key.end();
      bool const hidden = std::ranges::find(topic.left_out, name) != topic.left_out.end();
      if (in_key && hidden) {
        error(Code::mismatch, source.properties[i].name.where,
              fmt::format("`{}` is classified and in the key of topic `{}`, which all its readers "
                          "see",
                          name.text(), topic.name),
              "choose another key, or write hansa.inEvents: plain");
      }
    }
    if (topic.fields.empty()) {
      error(Code::mismatch, object.where,
            fmt::format("events of topic `{}` would be empty: every column is classified",
                        topic.name));
    }
  }

  TopicContext const& context_;
  Mesh& mesh_;
  TopicDefaults defaults_;
  std::map<std::string, ContractDraft const*> drafts_;
};

}  // namespace

void resolve_topics(TopicContext const& context, Mesh& mesh) { Resolver(context, mesh).run(); }

}  // namespace hansa::mesh
