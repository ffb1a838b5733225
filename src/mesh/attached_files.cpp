#include "mesh/attached_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace hansa::mesh {

namespace {

// What may stand in a product's seed/, emit/ and on/.
struct Expected {
  std::set<std::string> seeds;      // "product.csv"
  std::set<std::string> emissions;  // "order_placed.v1.sql"
  std::set<std::string> reactions;  // "order_placed.sql"
};

Expected expected_files(ProductSource const& product, std::span<Contract const> contracts) {
  Expected expected;
  for (Contract const& contract : contracts) {
    if (contract.product.text() != product.name) continue;
    for (Object const& object : contract.objects) {
      std::string const& name = object.name.text();
      if (object.kind == ObjectKind::table) expected.seeds.insert(name + ".csv");
      if (object.kind == ObjectKind::topic) {
        expected.emissions.insert(fmt::format("{}.v{}.sql", name, number(contract.major)));
      }
    }
  }
  for (spec::Port const& port : product.product->input_ports) {
    for (std::string_view const suffix : {".sql", ".rejected.sql", ".test.yaml", ".odcs.yaml"}) {
      expected.reactions.insert(port.name.value + std::string(suffix));
    }
  }
  return expected;
}

class Check {
 public:
  Check(spec::Folder const& folder, ProductSource const& product, Diagnostics& diagnostics)
      : folder_(folder), product_(product), diagnostics_(diagnostics) {}

  // `not_yet` is empty for what works already.
  void subfolder(std::string_view name, std::set<std::string> const& expected,
                 std::string_view message, std::string_view hint, std::string_view not_yet) {
    std::string const prefix = fmt::format("{}{}/", product_.folder, name);
    for (auto file = folder_.files.lower_bound(prefix);
         file != folder_.files.end() && file->starts_with(prefix); ++file) {
      if (!expected.contains(file->substr(prefix.size()))) {
        diagnostics_.error(Code::unexpected_file, {*file}, std::string(message), std::string(hint));
      } else if (!not_yet.empty() && file->ends_with(".sql")) {
        diagnostics_.warning(Code::not_supported_yet, {*file}, std::string(not_yet));
      }
    }
  }

 private:
  spec::Folder const& folder_;
  ProductSource const& product_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_attached_files(spec::Folder const& folder, ProductSource const& product,
                          std::span<Contract const> contracts, Diagnostics& diagnostics) {
  bool const all_read =
      product.product && std::ranges::all_of(product.contracts, [](auto const& each) {
        return each.contract.has_value();
      });
  if (!all_read) return;
  Expected const expected = expected_files(product, contracts);
  Check check(folder, product, diagnostics);
  check.subfolder("seed", expected.seeds, "a seed file of no table",
                  "seed files are named seed/<object>.csv after a table of this product", {});
  check.subfolder("emit", expected.emissions, "an emission of no topic",
                  "emissions are named emit/<object>.v<major>.sql after a topic of this product",
                  "emissions do not run yet");
  check.subfolder("on", expected.reactions, "a reaction of no input port",
                  "reactions are named on/<port>.sql after an input port of this product",
                  "reactions do not run yet");
}

}  // namespace hansa::mesh
