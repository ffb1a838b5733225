#include "product/array.h"

namespace hansa::product {

void ArrayLiteral::add(postgres::Param const& value) {
  if (text_.size() > 1) text_.push_back(',');
  if (!value) {
    text_ += "NULL";
    return;
  }
  text_.push_back('"');
  for (char const c : *value) {
    if (c == '"' || c == '\\') text_.push_back('\\');
    text_.push_back(c);
  }
  text_.push_back('"');
}

std::string ArrayLiteral::finish() && {
  text_.push_back('}');
  return std::move(text_);
}

}  // namespace hansa::product
