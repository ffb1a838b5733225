#include "sql/unknown.h"

#include <algorithm>
#include <array>

#include "sql/place.h"
#include "sql/shape.h"
#include "sql/tree.h"

namespace hansa::sql {
namespace {

class Finder {
 public:
  void wrapped(json::Value const& value, std::size_t offset) {
    auto const* object = value.as_object();
    if (object != nullptr && object->empty()) return;  // a null in a list
    auto const node = unwrap(value);
    if (!node) return add("an unnamed node", offset);
    visit(node, offset);
  }
  std::vector<Feature> found;

 private:
  void visit(Node const& node, std::size_t offset) {
    auto const* shape = find_shape(node.kind);
    offset = place_of(node, offset);
    if (shape == nullptr) return add(std::string(node.kind), offset);
    // A String node's text, and that of its like, is read by whoever holds it.
    if (shape->fields.empty()) return;
    for (auto const& [name, value] : *node.fields) {
      auto const* field = shape->find(name);
      if (field == nullptr)
        add(std::string(node.kind) + "." + name, offset);
      else
        visit_field(*field, value, offset);
    }
  }

  void visit_field(Field const& field, json::Value const& value, std::size_t offset) {
    auto const* list = value.as_array();
    if (field.holds == Field::Holds::direct) {
      if (value.as_object() == nullptr) return add(std::string(field.name), offset);
      visit({field.kind, value.as_object()}, offset);
    } else if (field.holds == Field::Holds::nodes) {
      if (list == nullptr) return wrapped(value, offset);
      for (auto const& entry : *list) wrapped(entry, offset);
    } else if (field.holds == Field::Holds::scalar && list != nullptr) {
      for (auto const& entry : *list) name_of_list(field, entry, offset);
    }
  }

  void name_of_list(Field const& field, json::Value const& entry, std::size_t offset) {
    constexpr std::array kinds = {"String", "A_Star", "Integer"};
    if (std::ranges::find(kinds, unwrap(entry).kind) == kinds.end())
      add(std::string(field.name), offset);
  }

  void add(std::string what, std::size_t offset) {
    found.push_back({Feature::Kind::unknown, std::move(what), offset});
  }
};

}  // namespace

std::vector<Feature> find_unknown(json::Value const& statement, std::size_t offset) {
  Finder finder;
  finder.wrapped(statement, offset);
  return std::move(finder.found);
}

}  // namespace hansa::sql
