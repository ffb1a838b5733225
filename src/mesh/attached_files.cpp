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

bool is_published(AttachedFiles const& attached, Contract const& contract, Object const& object) {
  return std::ranges::any_of(attached.topics, [&](Topic const& topic) {
    return topic.contract == contract.id && topic.object == object.name;
  });
}

Expected expected_files(AttachedFiles const& attached) {
  Expected expected;
  ProductSource const& product = attached.product;
  for (Contract const& contract : attached.contracts) {
    if (contract.product.text() != product.name) continue;
    for (Object const& object : contract.objects) {
      std::string const& name = object.name.text();
      if (object.kind == ObjectKind::table) expected.seeds.insert(name + ".csv");
      if (object.kind == ObjectKind::topic && is_published(attached, contract, object)) {
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

  void subfolder(std::string_view name, std::set<std::string> const& expected,
                 std::string_view message, std::string_view hint) {
    std::string const prefix = fmt::format("{}{}/", product_.folder, name);
    for (auto file = folder_.files.lower_bound(prefix);
         file != folder_.files.end() && file->starts_with(prefix); ++file) {
      if (!expected.contains(file->substr(prefix.size()))) {
        diagnostics_.error(Code::unexpected_file, {*file}, std::string(message), std::string(hint));
      }
    }
  }

 private:
  spec::Folder const& folder_;
  ProductSource const& product_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_attached_files(AttachedFiles const& attached, Diagnostics& diagnostics) {
  ProductSource const& product = attached.product;
  bool const all_read =
      product.product && std::ranges::all_of(product.contracts, [](auto const& each) {
        return each.contract.has_value();
      });
  if (!all_read) return;
  Expected const expected = expected_files(attached);
  Check check(attached.folder, product, diagnostics);
  check.subfolder("seed", expected.seeds, "a seed file of no table",
                  "seed files are named seed/<object>.csv after a table of this product");
  check.subfolder("emit", expected.emissions, "an emission of no topic",
                  "emissions are named emit/<object>.v<major>.sql after a topic of this product "
                  "that a kafka port publishes");
  check.subfolder("on", expected.reactions, "a reaction of no input port",
                  "reactions are named on/<port>.sql after an input port of this product");
}

}  // namespace hansa::mesh
