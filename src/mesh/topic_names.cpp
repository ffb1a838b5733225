#include "mesh/topic_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace hansa::mesh {

void TopicNames::claim(std::string const& name, SourceRange const& where,
                       Diagnostics& diagnostics) {
  std::string folded = name;
  std::ranges::replace(folded, '.', '_');
  auto const [owner, is_new] = owners_.emplace(std::move(folded), Owner{name, where});
  if (is_new) return;
  Owner const& first = owner->second;
  diagnostics.error(
      Code::two_owners, where,
      first.name == name
          ? fmt::format("a second topic `{:.120}`", name)
          : fmt::format("topic `{:.120}` and `{:.120}` are one to Kafka, which takes `.` for `_`",
                        name, first.name),
      fmt::format("the first is at {}:{}", first.where.file, first.where.line));
}

}  // namespace hansa::mesh
