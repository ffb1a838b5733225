// PostgreSQL's array literals, for `= any($1::integer[])` and `unnest($1::text[])`. Pure.
#pragma once

#include <string>
#include <vector>

#include "postgres/rows.h"

namespace hansa::product {

// `{"1","a \"b\"",NULL}`: every element quoted, so that none can be read as anything but itself.
class ArrayLiteral {
 public:
  void add(postgres::Param const& value);
  [[nodiscard]] std::string finish() &&;

 private:
  std::string text_ = "{";
};

}  // namespace hansa::product
