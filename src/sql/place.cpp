#include "sql/place.h"

#include <charconv>

#include "sql/shape.h"

namespace hansa::sql {

std::size_t place_of(Node const& node, std::size_t otherwise) {
  auto const* shape = find_shape(node.kind);
  if (shape == nullptr || shape->find("location") == nullptr) return otherwise;
  if (!node.has("location")) return 0;
  auto const digits = node.digits("location");
  long long place = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), place);
  return place < 0 ? otherwise : static_cast<std::size_t>(place);
}

}  // namespace hansa::sql
