#include "mesh/contracts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "mesh/columns.h"
#include "mesh/keys.h"
#include "mesh/names.h"

namespace hansa::mesh {

namespace {

class ContractResolver {
 public:
  ContractResolver(ContractSource const& source, DomainSource const& domain,
                   ProductSource const& product, ContractContext const& context)
      : source_(source),
        spec_(*source.contract),
        domain_(domain),
        product_(product),
        context_(context) {}

  Contract resolve() {
    contract_.file = source_.file;
    contract_.domain = DomainName(domain_.name);
    contract_.product = ProductName(product_.name);
    resolve_identity();
    contract_.name = spec_.name.value;
    contract_.status = spec_.status.value;
    contract_.description = spec_.purpose;
    contract_.usage = spec_.usage;
    contract_.limitations = spec_.limitations;
    contract_.tags = spec_.tags;
    for (spec::SchemaObject const& object : spec_.objects) {
      contract_.objects.push_back(resolve_object(object));
    }
    for (spec::ServiceLevelProperty const& level : spec_.service_levels) resolve_level(level);
    return std::move(contract_);
  }

 private:
  void error(Code code, SourceRange where, std::string message, std::string hint = {}) {
    context_.diagnostics.error(code, std::move(where), std::move(message), std::move(hint));
  }

  void resolve_identity() {
    contract_.id = ContractId(spec_.id.value);
    std::string const derived = contract_id(domain_.name, source_.stem, source_.major);
    bool const derivable = domain_.well_named && !source_.stem.empty();
    if (spec::written(spec_.id) && derivable && spec_.id.value != derived) {
      error(Code::mismatch, spec_.id.where, "the id does not follow from the file's path",
            fmt::format("write `{}`, or let check --fix do it", derived));
    }
    contract_.version = spec_.version.value;
    contract_.major = Major{source_.major};
    if (spec::written(spec_.version)) {
      auto const major = spec::major_of(spec_.version.value);
      if (!major) {
        error(Code::invalid_value, spec_.version.where,
              fmt::format("`{:.40}` is no version", spec_.version.value),
              "versions are major.minor.patch");
      } else if (*major != source_.major && !source_.stem.empty()) {
        error(Code::mismatch, spec_.version.where,
              fmt::format("the version's major is {}, the file's name says v{}", *major,
                          source_.major));
      }
    }
    if (spec::written(spec_.domain) && spec_.domain.value != domain_.name) {
      error(Code::mismatch, spec_.domain.where,
            fmt::format("the contract stands in domain `{}`", domain_.name),
            "leave `domain` out; it follows from the folder");
    }
  }

  ObjectKind resolve_kind(spec::SchemaObject const& source) {
    std::string const& type = source.physical_type.value;
    if (type.empty() || type == "table") return ObjectKind::table;
    if (type == "topic") return ObjectKind::topic;
    if (type == "view") {
      error(Code::not_supported_yet, source.physical_type.where,
            "derived tables (physicalType: view) are not supported yet");
      return ObjectKind::view;
    }
    std::string_view const near = nearest(type, {"table", "topic", "view"});
    error(Code::invalid_value, source.physical_type.where,
          fmt::format("`{:.40}` is no kind of object", type),
          near.empty() ? "a table or a topic" : fmt::format("did you mean `{}`?", near));
    return ObjectKind::table;
  }

  Object resolve_object(spec::SchemaObject const& source) {
    Object object;
    object.name = ObjectName(source.name.value);
    object.where = source.name.where;
    object.kind = resolve_kind(source);
    object.description = source.description.value;
    object.business_name = source.business_name.value;
    check_name(NameKind::object, source.name.value, source.name.where, context_.diagnostics);
    resolve_physical_name(source, object);
    resolve_extensions(source, object);
    resolve_columns(source, object);
    if (object.kind != ObjectKind::view) {
      resolve_primary_key(source, object, context_.diagnostics);
    }
    if (object.kind == ObjectKind::table) {
      std::string const seed = fmt::format("{}seed/{}.csv", product_.folder, source.name.value);
      if (context_.sources.folder.has(seed)) object.seed_file = seed;
    }
    return object;
  }

  void resolve_physical_name(spec::SchemaObject const& source, Object& object) {
    bool const topic = object.kind == ObjectKind::topic;
    object.physical_name =
        topic ? fmt::format("{}-{}-v{}", domain_.name, source.name.value, source_.major)
              : source.name.value;
    if (!spec::written(source.physical_name)) return;
    object.physical_name = source.physical_name.value;
    check_name(topic ? NameKind::topic : NameKind::physical_table, object.physical_name,
               source.physical_name.where, context_.diagnostics);
  }

  void resolve_extensions(spec::SchemaObject const& source, Object& object) {
    if (auto const* const managed = source.extension("hansa.managed")) {
      object.managed = spec::as_boolean(managed->value).value_or(true);
    }
    if (auto const* const renamed = source.extension("hansa.renamedFrom")) {
      object.renamed_from = renamed->value.text;
      spec::Place const& place = renamed->value.place;
      check_name(NameKind::physical_table, object.renamed_from,
                 {source_.file, place.line, place.column, place.length}, context_.diagnostics);
    }
  }

  void resolve_columns(spec::SchemaObject const& source, Object& object) {
    std::map<std::string, std::uint32_t> names;
    std::map<std::string, std::uint32_t> physical;
    ColumnContext const context{source_.file, context_.classifications, object.kind,
                                context_.diagnostics};
    for (spec::Property const& property : source.properties) {
      auto [column, typed] = resolve_column(property, context);
      if (!typed) context_.targets.add_untyped(column.where);
      only_once(names, column.name.text(), property.name.where);
      bool const own = spec::written(property.physical_name);
      SourceRange const& where = own ? property.physical_name.where : property.name.where;
      auto const [first, is_new] = physical.emplace(column.physical_name, where.line);
      if (!is_new && column.name.text() != column.physical_name) {
        error(Code::two_owners, where,
              fmt::format("a second column stored as `{:.80}`", column.physical_name),
              fmt::format("the first is at line {}", first->second));
      }
      object.columns.push_back(std::move(column));
    }
    if (source.properties.empty()) {
      error(Code::missing_key, source.name.where,
            fmt::format("`{}` has no properties", source.name.value),
            "a property is a column: - {name: id, logicalType: integer, primaryKey: true}");
    }
    if (source.properties.size() > columns_max) {
      error(Code::yaml_limit, source.name.where,
            fmt::format("`{}` has more than {} properties", source.name.value, columns_max));
    }
    check_renames(source, object);
  }

  void only_once(std::map<std::string, std::uint32_t>& seen, std::string const& name,
                 SourceRange const& where) {
    auto const [first, is_new] = seen.emplace(name, where.line);
    if (is_new) return;
    error(Code::two_owners, where, fmt::format("a second column `{:.80}`", name),
          fmt::format("the first is at line {}", first->second));
  }

  void check_renames(spec::SchemaObject const& source, Object const& object) {
    for (std::size_t i = 0; i < object.columns.size(); ++i) {
      std::string const& old = object.columns[i].renamed_from;
      bool const lives = !old.empty() && std::ranges::any_of(object.columns, [&](auto const& each) {
        return each.physical_name == old;
      });
      if (lives) {
        error(Code::mismatch, source.properties[i].extension("hansa.renamedFrom")->key.where,
              fmt::format("`{}` is renamed from `{}`, which still stands here",
                          object.columns[i].name.text(), old));
      }
    }
  }

  void resolve_level(spec::ServiceLevelProperty const& level) {
    contract_.service_levels.push_back({level.property, level.value.value, level.value_ext,
                                        level.unit.value, level.element.value, level.driver,
                                        level.description});
    std::string_view rest = level.element.value;
    while (!rest.empty()) {
      std::size_t const comma = std::min(rest.find(','), rest.size());
      std::string_view element = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      while (element.starts_with(' ')) element.remove_prefix(1);
      while (element.ends_with(' ')) element.remove_suffix(1);
      if (!element.empty() && !names_element(element)) {
        error(Code::missing_reference, level.element.where,
              fmt::format("the contract has no `{:.120}`", element),
              "an element is <object> or <object>.<column>");
      }
    }
  }

  [[nodiscard]] bool names_element(std::string_view element) const {
    std::size_t const dot = element.find('.');
    auto const object = std::ranges::find_if(contract_.objects, [&](Object const& each) {
      return each.name.text() == element.substr(0, dot);
    });
    if (object == contract_.objects.end()) return false;
    return dot == std::string_view::npos || object->find(element.substr(dot + 1)) != nullptr;
  }

  static constexpr std::size_t columns_max = 1000;  // PostgreSQL allows 1,600 at most

  ContractSource const& source_;
  spec::Contract const& spec_;
  DomainSource const& domain_;
  ProductSource const& product_;
  ContractContext const& context_;
  Contract contract_;
};

}  // namespace

Contract resolve_contract(ContractSource const& source, DomainSource const& domain,
                          ProductSource const& product, ContractContext const& context) {
  return ContractResolver(source, domain, product, context).resolve();
}

}  // namespace hansa::mesh
