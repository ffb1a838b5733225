// YAML text to a positioned tree. Pure. The input is hostile: every limit below is checked while
// parsing, before memory is spent, and nothing is thrown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "spec/node.h"

namespace hansa::spec {

struct YamlLimits {
  std::size_t bytes_max = 1U << 20U;
  std::size_t depth_max = 64;
  std::size_t nodes_max = 100'000;  // copies made for aliases count
  std::size_t anchors_max = 64;
};

// One document. Errors, added to `diagnostics` with the file's name: invalid_text (not UTF-8, NUL
// or other control characters), yaml_syntax, yaml_limit, duplicate_key, and invalid_value for tags
// other than the core schema's, several documents and keys that are no text. Of a duplicate key the
// first value stays, so that the rest of the file is still read. nullopt if there is no tree.
[[nodiscard]] std::optional<Document> parse_yaml(std::string const& file, std::string_view text,
                                                 Diagnostics& diagnostics,
                                                 YamlLimits const& limits = {});

// The text check alone, for files that are no YAML (CSV, SQL): adds invalid_text and returns false.
[[nodiscard]] bool check_text(std::string const& file, std::string_view text,
                              Diagnostics& diagnostics);

}  // namespace hansa::spec
