#include "mesh/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "mesh/attached_files.h"
#include "mesh/contracts.h"
#include "mesh/environments.h"
#include "mesh/indexes.h"
#include "mesh/names.h"
#include "mesh/ports.h"
#include "mesh/references.h"
#include "mesh/subscriptions.h"
#include "mesh/topic_names.h"
#include "mesh/topics.h"

namespace hansa::mesh {

namespace {

std::string file_name(std::string const& path) { return path.substr(path.rfind('/') + 1); }

class MeshResolver {
 public:
  MeshResolver(MeshSources const& sources, Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}

  Mesh resolve() {
    mesh_.folder = sources_.folder.root;
    resolve_head();
    for (DomainSource const& domain : sources_.domains) resolve_domain(domain);
    collect_drafts();
    check_owners();
    for (ContractDraft const& draft : drafts_) {
      resolve_references(draft, targets_, diagnostics_);
    }
    resolve_all_indexes();
    resolve_products();
    resolve_topics({sources_, drafts_, topic_names_, diagnostics_}, mesh_);
    resolve_subscriptions({sources_, index_, topic_names_, diagnostics_}, mesh_);
    check_files();
    return std::move(mesh_);
  }

 private:
  void resolve_head() {
    if (!sources_.mesh) return;
    spec::MeshFile const& file = *sources_.mesh;
    mesh_.name = MeshName(file.name.value);
    if (spec::written(file.name)) {
      check_name(NameKind::mesh, file.name.value, file.name.where, diagnostics_);
    }
    mesh_.description = file.description;
    mesh_.classifications = file.classifications;
    std::set<std::string> domains;
    for (DomainSource const& domain : sources_.domains) {
      if (domain.well_named) domains.insert(domain.name);
    }
    mesh_.environments = resolve_environments(file, domains, diagnostics_);
  }

  void resolve_domain(DomainSource const& source) {
    Domain domain;
    domain.name = DomainName(source.name);
    domain.file = source.file;
    if (source.domain) {
      spec::DomainFile const& file = *source.domain;
      domain.description = file.description;
      domain.team = file.contact.team;
      for (auto const& member : file.contact.members) {
        domain.members.push_back({member.username, member.name, member.role});
      }
      for (auto const& channel : file.contact.support) {
        domain.support.push_back({channel.channel, channel.url, channel.tool, channel.scope});
      }
      if (spec::written(file.name) && file.name.value != source.name) {
        diagnostics_.error(Code::mismatch, file.name.where,
                           fmt::format("the folder's name is `{}`", source.name),
                           "leave `name` out; it follows from the folder");
      }
    }
    ContractContext const context{sources_, mesh_.classifications, targets_, diagnostics_};
    for (ProductSource const& product : source.products) {
      for (ContractSource const& contract : product.contracts) {
        if (contract.contract) {
          domain.contracts.push_back(resolve_contract(contract, source, product, context));
          specs_.emplace(contract.file, &*contract.contract);
        } else {
          targets_.add_unreadable(source.name, file_name(contract.file));
        }
        index_.implied.insert(contract_id(source.name, contract.stem, contract.major));
      }
    }
    mesh_.domains.push_back(std::move(domain));
  }

  // Only now, when no vector grows any more, may drafts point into the mesh.
  void collect_drafts() {
    for (Domain& domain : mesh_.domains) {
      for (Contract& contract : domain.contracts) {
        drafts_.push_back({specs_.at(contract.file), &contract});
        targets_.add(drafts_.back());
        index_.contracts.emplace(contract.id.text(), &contract);
      }
    }
  }

  void check_owners() {
    std::map<std::string, SourceRange> ids;
    std::map<std::pair<std::string, std::string>, std::pair<Major, SourceRange>> objects;
    std::map<std::pair<std::string, std::string>, SourceRange> tables;
    for (ContractDraft const& draft : drafts_) {
      Contract const& contract = *draft.contract;
      std::string const& domain = contract.domain.text();
      claim(ids, contract.id.text(), draft.source->id.where, "contract id", contract.id.text());
      for (Object const& object : contract.objects) {
        auto const [first, is_new] = objects.emplace(std::pair(domain, object.name.text()),
                                                     std::pair(contract.major, object.where));
        if (!is_new) {
          second_object(object, contract, first->second.first, first->second.second);
          continue;
        }
        if (object.kind == ObjectKind::topic) {
          topic_names_.claim(object.physical_name, object.where, diagnostics_);
        } else {
          claim(tables, std::pair(domain, object.physical_name), object.where, "table",
                object.physical_name);
        }
      }
    }
  }

  void second_object(Object const& object, Contract const& contract, Major first_major,
                     SourceRange const& first) {
    if (contract.major == first_major) {
      diagnostics_.error(
          Code::two_owners, object.where,
          fmt::format("a second object `{}` in v{} of domain `{}`", object.name.text(),
                      number(contract.major), contract.domain.text()),
          fmt::format("the first is at {}:{}", first.file, first.line));
    } else {
      diagnostics_.error(
          Code::not_supported_yet, object.where,
          fmt::format("two majors of `{}` side by side are not supported yet", object.name.text()),
          fmt::format("the other is at {}:{}", first.file, first.line));
    }
  }

  template <class Key>
  void claim(std::map<Key, SourceRange>& owners, Key const& key, SourceRange const& where,
             std::string_view what, std::string const& name) {
    auto const [owner, is_new] = owners.emplace(key, where);
    if (is_new || name.empty()) return;
    diagnostics_.error(
        Code::two_owners, where, fmt::format("a second {} `{:.120}`", what, name),
        fmt::format("the first is at {}:{}", owner->second.file, owner->second.line));
  }

  void resolve_all_indexes() {
    std::map<std::string, std::set<std::string>> taken;
    for (ContractDraft const& draft : drafts_) {
      for (Object const& object : draft.contract->objects) {
        if (object.kind == ObjectKind::table) {
          taken[draft.contract->domain.text()].insert(object.physical_name);
        }
      }
    }
    for (ContractDraft const& draft : drafts_) {
      for (std::size_t i = 0; i < draft.contract->objects.size(); ++i) {
        Object& object = draft.contract->objects[i];
        if (object.kind != ObjectKind::table) continue;
        resolve_indexes(draft.source->objects[i], draft.source->file, object,
                        taken[draft.contract->domain.text()], diagnostics_);
      }
    }
  }

  void resolve_products() {
    std::map<std::string, SourceRange> ids;
    PortOwners owners;
    for (std::size_t i = 0; i < sources_.domains.size(); ++i) {
      for (ProductSource const& product : sources_.domains[i].products) {
        if (!product.product) continue;
        spec::Text const& id = product.product->id;
        claim(ids, id.value, id.where, "product id", id.value);
        mesh_.domains[i].products.push_back(
            resolve_product(product, sources_.domains[i].name, index_, owners, diagnostics_));
      }
    }
  }

  void check_files() {
    for (std::size_t i = 0; i < sources_.domains.size(); ++i) {
      for (ProductSource const& product : sources_.domains[i].products) {
        check_attached_files({sources_.folder, product, mesh_.domains[i].contracts, mesh_.topics},
                             diagnostics_);
      }
    }
  }

  MeshSources const& sources_;
  Diagnostics& diagnostics_;
  Mesh mesh_;
  std::map<std::string, spec::Contract const*> specs_;
  std::vector<ContractDraft> drafts_;
  ReferenceTargets targets_;
  ContractIndex index_;
  TopicNames topic_names_;
};

}  // namespace

std::optional<Mesh> resolve(MeshSources const& sources, Diagnostics& diagnostics) {
  Mesh mesh = MeshResolver(sources, diagnostics).resolve();
  if (diagnostics.has_errors()) return std::nullopt;
  return mesh;
}

}  // namespace hansa::mesh
