#include "sql/place.h"

#include <charconv>

#include "sql/shape.h"

namespace hansa::sql {

std::size_t place_of(Node const& node, std::size_t otherwise) {
  auto const* shape = find_shape(node.kind);
  if (shape == nullptr || shape->find("location") == nullptr) return otherwise;
  auto const* value = node.find("location");
  if (value == nullptr) return 0;
  auto const* number = value->as_number();
  long long place = -1;
  if (number != nullptr)
    std::from_chars(number->digits.data(), number->digits.data() + number->digits.size(), place);
  return place < 0 ? otherwise : static_cast<std::size_t>(place);
}

}  // namespace hansa::sql
