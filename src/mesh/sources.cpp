#include "mesh/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "mesh/names.h"
#include "spec/yaml.h"

namespace hansa::mesh {

namespace {

constexpr std::string_view contract_suffix = ".odcs.yaml";
constexpr std::string_view product_suffix = ".odps.yaml";

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    std::size_t const end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

struct ContractFileName {
  std::string stem;
  std::uint32_t major = 0;
};

// "product.v1.odcs.yaml" to product and 1.
std::optional<ContractFileName> parse_contract_file(std::string_view name) {
  name.remove_suffix(contract_suffix.size());
  std::size_t const dot = name.rfind(".v");
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view const digits = name.substr(dot + 2);
  std::uint32_t major = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), major);
  bool const padded = digits.size() > 1 && digits.starts_with('0');
  if (error != std::errc{} || end != digits.data() + digits.size() || padded || major > 9999) {
    return std::nullopt;
  }
  return ContractFileName{std::string(name.substr(0, dot)), major};
}

class Reader {
 public:
  Reader(MeshSources& sources, Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}

  void read() {
    for (std::string const& file : sources_.folder.files) take(file);
    for (auto& [name, domain] : domains_) {
      finish(domain);
      sources_.domains.push_back(std::move(domain));
    }
    if (sources_.mesh && sources_.domains.empty()) {
      diagnostics_.note(Code::missing_file, {"mesh.yaml"}, "the mesh has no domain yet",
                        "next: domains/<domain>/domain.yaml, with a `description` and a `team`");
    }
  }

 private:
  std::optional<spec::Document> parse(std::string const& file) {
    auto const text = sources_.folder.texts.find(file);
    if (text == sources_.folder.texts.end()) return std::nullopt;
    return spec::parse_yaml(file, text->second, diagnostics_);
  }

  void take(std::string const& file) {
    auto const parts = split_path(file);
    if (file == "mesh.yaml") {
      if (auto const document = parse(file)) {
        sources_.mesh = spec::read_mesh_file(*document, diagnostics_, sources_.uses);
      }
    } else if (parts[0] == "domains" && parts.size() >= 3) {
      take_of_domain(file, parts);
    } else if (parts[0] == "imports") {
      once(imports_, Code::not_supported_yet, Severity::error, file,
           "imports of other repositories are not supported yet");
    } else if (parts[0] == "governance") {
      take_of_governance(file);
    } else if (file == "mesh.yml" || (parts[0] == "domains" && file.ends_with(".yaml"))) {
      out_of_place(file, "a mesh has mesh.yaml and domains/<domain>/domain.yaml");
    } else if (file.ends_with(contract_suffix) || file.ends_with(product_suffix)) {
      diagnostics_.warning(Code::unexpected_file, {file}, "the file is not part of the mesh",
                           "contracts and products stand in domains/<domain>/<product>/");
    }
  }

  void take_of_governance(std::string const& file) {
    if (file.ends_with(".rego")) {
      once(policies_, Code::not_supported_yet, Severity::warning, file,
           "policies are not evaluated yet");
    } else if (file.ends_with(".yaml")) {
      if (auto const document = parse(file)) {
        diagnostics_.warning(Code::not_supported_yet, {file},
                             "shared definitions are not expanded yet");
      }
    }
  }

  void take_of_domain(std::string const& file, std::vector<std::string_view> const& parts) {
    std::string const name(parts[1]);
    DomainSource& domain = domains_[name];
    domain.name = name;
    domain.file = fmt::format("domains/{}/domain.yaml", name);
    if (file == domain.file) {
      if (auto const document = parse(file)) {
        domain.domain = spec::read_domain_file(*document, diagnostics_, sources_.uses);
      }
    } else if (parts[2] == "policies") {
      if (file.ends_with(".rego")) {
        once(policies_, Code::not_supported_yet, Severity::warning, file,
             "policies are not evaluated yet");
      }
    } else if (parts.size() >= 4) {
      take_of_product(product(domain, std::string(parts[2])), file, parts);
    } else if (file.ends_with(".yaml") || file.ends_with(".yml")) {
      out_of_place(file, "a domain has domain.yaml, and products in folders of their own");
    }
  }

  ProductSource& product(DomainSource& domain, std::string const& name) {
    auto const found = std::ranges::find(domain.products, name, &ProductSource::name);
    if (found != domain.products.end()) return *found;
    return domain.products.emplace_back(
        ProductSource{name, fmt::format("domains/{}/{}/", domain.name, name), {}, {}, {}, {}});
  }

  void take_of_product(ProductSource& product, std::string const& file,
                       std::vector<std::string_view> const& parts) {
    std::string_view const name = parts.back();
    if (parts.size() > 4) {  // seed/, emit/, on/, sql/: joined to ports and objects later
      if (parts.size() == 5 && parts[3] == "on" && name.ends_with(contract_suffix)) {
        take_expectation(product, file, name);
      } else if (name.ends_with(product_suffix) ||
                 (name.ends_with(contract_suffix) && parts[3] != "on")) {
        out_of_place(file, "contracts and products stand directly in the product's folder");
      }
      return;
    }
    if (name.ends_with(product_suffix)) {
      take_product_file(product, file);
    } else if (name.ends_with(contract_suffix)) {
      take_contract_file(product, file, name);
    } else if (name.ends_with(".yaml") || name.ends_with(".yml")) {
      out_of_place(file, "a product has <product>.odps.yaml and <object>.v<major>.odcs.yaml");
    }
  }

  void take_product_file(ProductSource& product, std::string const& file) {
    product.product_files.push_back(file);
    if (product.product_files.size() > 1) {
      diagnostics_.error(Code::two_owners, {file}, "a second product in one folder",
                         fmt::format("the first is {}", product.product_files.front()));
      return;
    }
    if (auto const document = parse(file)) {
      product.product = spec::read_product(*document, diagnostics_, sources_.uses);
    }
  }

  void take_contract_file(ProductSource& product, std::string const& file, std::string_view name) {
    auto parsed = parse_contract_file(name);
    if (!parsed) {
      diagnostics_.error(Code::invalid_name, {file}, "the file's name says no major",
                         "contracts are named <object>.v<major>.odcs.yaml");
    } else {
      if (!check_name(NameKind::stem, parsed->stem, {file}, diagnostics_)) parsed->stem.clear();
    }
    ContractSource contract{
        file, parsed ? parsed->stem : std::string{}, parsed ? parsed->major : 0, {}, {}};
    if (auto const document = parse(file)) {
      contract.contract = spec::read_contract(*document, diagnostics_, contract.uses);
    }
    product.contracts.push_back(std::move(contract));
  }

  void take_expectation(ProductSource& product, std::string const& file, std::string_view name) {
    name.remove_suffix(contract_suffix.size());
    ContractSource expectation{file, std::string(name), 0, {}, {}};
    if (auto const document = parse(file)) {
      expectation.contract = spec::read_contract(*document, diagnostics_, expectation.uses);
    }
    product.expectations.push_back(std::move(expectation));
  }

  void finish(DomainSource& domain) {
    bool const has_file = sources_.folder.has(domain.file);
    SourceRange const where =
        has_file ? SourceRange{domain.file} : SourceRange{"domains/" + domain.name};
    domain.well_named = check_name(NameKind::domain, domain.name, where, diagnostics_);
    if (!has_file) {
      diagnostics_.error(Code::missing_file, {domain.file}, "the domain has no domain.yaml",
                         "write its team and support there");
    }
    std::erase_if(domain.products, [](ProductSource const& product) {
      return product.product_files.empty() && product.contracts.empty();
    });
    for (ProductSource& product : domain.products) {
      check_name(NameKind::product, product.name, {product.folder}, diagnostics_);
      std::ranges::stable_sort(product.contracts, {}, &ContractSource::major);
      if (product.product_files.empty()) {
        diagnostics_.error(Code::missing_file,
                           {fmt::format("{}{}.odps.yaml", product.folder, product.name)},
                           "the folder has no product file", "write its ports there");
      } else if (domain.well_named && product.contracts.empty()) {
        diagnostics_.note(Code::missing_file, {product.product_files.front()},
                          "the product has no contract yet",
                          fmt::format("next: {}<object>.v1.odcs.yaml, which describes a table, and "
                                      "a port above that names it",
                                      product.folder));
      }
    }
    if (has_file && domain.well_named && domain.products.empty()) {
      diagnostics_.note(
          Code::missing_file, where, "the domain has no product yet",
          fmt::format("next: domains/{}/<product>/<product>.odps.yaml, and a contract beside it",
                      domain.name));
    }
  }

  void out_of_place(std::string const& file, std::string hint) {
    diagnostics_.error(Code::unexpected_file, {file}, "a YAML file that Hansa does not read",
                       std::move(hint));
  }

  void once(bool& said, Code code, Severity severity, std::string const& file,
            std::string message) {
    if (!said) diagnostics_.add({severity, code, {file}, std::move(message), {}});
    said = true;
  }

  MeshSources& sources_;
  Diagnostics& diagnostics_;
  std::map<std::string, DomainSource> domains_;
  bool policies_ = false;
  bool imports_ = false;
};

// Whether the folder is worth walking. It is not when it is there and holds no mesh.yaml: then it
// is most likely somebody's home or the repository around the mesh.
bool may_be_mesh(std::filesystem::path const& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return true;
  auto const status = std::filesystem::symlink_status(folder / "mesh.yaml", error);
  return status.type() != std::filesystem::file_type::not_found;
}

}  // namespace

std::string contract_id(std::string_view domain, std::string_view stem, std::uint32_t major) {
  return fmt::format("{}-{}-v{}", domain, stem, major);
}

MeshSources read_sources(std::filesystem::path const& folder, Diagnostics& diagnostics) {
  MeshSources sources;
  if (!may_be_mesh(folder)) {
    diagnostics.error(Code::missing_file, {"mesh.yaml"},
                      "no mesh.yaml here; a mesh is a folder that holds one",
                      "write one with `hansa init DIR`, or name the folder of your mesh");
    return sources;
  }
  sources.folder = spec::read_folder(folder, diagnostics);
  Reader(sources, diagnostics).read();
  return sources;
}

}  // namespace hansa::mesh
