// What follows from elsewhere and is missing or stale in a file, as minimal edits of its text.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "mesh/load.h"
#include "mesh/sources.h"
#include "mesh/text_edit.h"
#include "spec/yaml.h"

namespace hansa::mesh {

namespace {

// A root key every file of a standard carries, and its value when nobody wrote one.
struct Header {
  std::string_view key;
  std::string value;
  bool is_derived;  // a different value is stale
};

class FileFixer {
 public:
  FileFixer(spec::Document const& document, std::string_view text)
      : document_(document), edits_(text) {}

  // `order` is the order in which the headers stand in a file.
  void headers(std::vector<Header> const& order) {
    spec::Node const& root = document_.root;
    for (std::size_t i = 0; i < order.size(); ++i) {
      Header const& header = order[i];
      spec::Node const* const found = root.find(header.key);
      if (found == nullptr) {
        std::string_view after;
        for (std::size_t before = 0; before < i; ++before) {
          if (root.find(order[before].key) != nullptr) after = order[before].key;
        }
        note(edits_.insert(root, after, header.key, header.value), "add `{}: {}`", header.key,
             header.value);
      } else if (header.is_derived && found->is_scalar() && found->text != header.value) {
        note(edits_.replace(*found, header.value), "`{}` is `{}`", header.key, header.value);
      }
    }
  }

  // The standard lets an object's logicalType be nothing else.
  void object_types() {
    for (spec::Node const* object : spec::entries_at(document_.root, "schema")) {
      if (object->find("logicalType") != nullptr || object->find("name") == nullptr) continue;
      note(edits_.insert(*object, "name", "logicalType", "object"), "add `{}: {}`", "logicalType",
           "object");
    }
  }

  // `renamed`: contract ids that are stale themselves, with what they will be.
  void ports(std::string_view list, std::map<std::string, std::uint32_t> const& majors,
             std::map<std::string, std::string> const& renamed) {
    for (spec::Node const* port : spec::entries_at(document_.root, list)) {
      if (auto const id = renamed.find(spec::scalar_at(*port, "contractId")); id != renamed.end()) {
        note(edits_.replace(*port->find("contractId"), id->second), "`{}` is `{}`", "contractId",
             id->second);
      }
      auto const major = majors.find(spec::scalar_at(*port, "contractId"));
      if (major == majors.end()) continue;
      std::string const value = fmt::format("'{}'", major->second);
      spec::Node const* const version = port->find("version");
      if (version == nullptr) {
        note(edits_.insert(*port, "name", "version", value), "add `{}: {}`", "version", value);
      } else if (version->is_scalar() && spec::major_of(version->text) != major->second) {
        note(edits_.replace(*version, value), "`{}` is {}", "version", value);
      }
    }
  }

  // The fix, if there is one and the text it gives is still YAML.
  void finish(std::vector<Fix>& fixes) const {
    if (edits_.empty()) return;
    std::string text = edits_.apply();
    Diagnostics diagnostics;
    if (!spec::parse_yaml(document_.file, text, diagnostics) || diagnostics.has_errors()) return;
    fixes.push_back({document_.file, std::move(text), reason_});
  }

 private:
  template <class... Args>
  void note(bool done, fmt::format_string<Args...> format, Args&&... args) {
    if (!done) return;
    if (!reason_.empty()) reason_ += ", ";
    reason_ += fmt::format(format, std::forward<Args>(args)...);
  }

  spec::Document const& document_;
  TextEdits edits_;
  std::string reason_;
};

class Fixer {
 public:
  explicit Fixer(MeshSources const& sources) : sources_(sources) {}

  std::vector<Fix> run() {
    fix("mesh.yaml", [](FileFixer& file) { file.headers({{"hansa", "1", false}}); });
    for (DomainSource const& domain : sources_.domains) {
      if (!domain.well_named) continue;
      for (ProductSource const& product : domain.products) {
        for (ContractSource const& contract : product.contracts) {
          if (contract.stem.empty() || !contract.contract) continue;
          std::string const derived = contract_id(domain.name, contract.stem, contract.major);
          std::string const& written = contract.contract->id.value;
          majors_.emplace(written, contract.major);
          majors_.emplace(derived, contract.major);
          if (!written.empty() && written != derived) renamed_.emplace(written, derived);
        }
      }
    }
    for (DomainSource const& domain : sources_.domains) {
      if (!domain.well_named) continue;
      for (ProductSource const& product : domain.products) fix_product(domain, product);
    }
    return std::move(fixes_);
  }

 private:
  void fix_product(DomainSource const& domain, ProductSource const& product) {
    if (product.product_files.size() == 1 && product.product) {
      fix(product.product_files.front(), [&](FileFixer& file) {
        file.headers({{"apiVersion", "v1.0.0", false},
                      {"kind", "DataProduct", false},
                      {"id", fmt::format("{}-{}", domain.name, product.name), false},
                      {"status", "active", false}});
        file.ports("outputPorts", majors_, renamed_);
        file.ports("inputPorts", majors_, renamed_);
      });
    }
    for (ContractSource const& expectation : product.expectations) {
      if (!expectation.contract) continue;
      std::string const id =
          fmt::format("{}-{}-expects-{}", domain.name, product.name, expectation.stem);
      fix(expectation.file, [&](FileFixer& file) {
        file.headers({{"apiVersion", "v3.1.0", false},
                      {"kind", "DataContract", false},
                      {"id", id, false},
                      {"version", "1.0.0", false},
                      {"status", "active", false}});
      });
    }
    for (ContractSource const& contract : product.contracts) {
      if (contract.stem.empty() || !contract.contract) continue;
      fix(contract.file, [&](FileFixer& file) {
        file.headers({{"apiVersion", "v3.1.0", false},
                      {"kind", "DataContract", false},
                      {"id", contract_id(domain.name, contract.stem, contract.major), true},
                      {"version", fmt::format("{}.0.0", contract.major), false},
                      {"status", "active", false}});
        file.object_types();
      });
    }
  }

  template <class F>
  void fix(std::string const& file, F&& make) {
    auto const text = sources_.folder.texts.find(file);
    if (text == sources_.folder.texts.end()) return;
    Diagnostics diagnostics;
    auto const document = spec::parse_yaml(file, text->second, diagnostics);
    if (!document || diagnostics.has_errors() || !document->root.is_map()) return;
    FileFixer fixer(*document, text->second);
    make(fixer);
    fixer.finish(fixes_);
  }

  MeshSources const& sources_;
  std::map<std::string, std::uint32_t> majors_;
  std::map<std::string, std::string> renamed_;
  std::vector<Fix> fixes_;
};

}  // namespace

std::vector<Fix> fixes(std::filesystem::path const& folder) {
  Diagnostics diagnostics;
  MeshSources const sources = read_sources(folder, diagnostics);
  return Fixer(sources).run();
}

}  // namespace hansa::mesh
