// The `hansa.*` keys of customProperties: the only list of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/shape.h"

namespace hansa::spec {

struct Extension {
  std::string_view key;
  Form form{};               // lists are `any` here; the mesh reads them
  std::uint32_t owners = 0;  // bits, see bit()
  Verdict verdict;
  bool supported = true;  // false: an error when written, because ignoring it would be a lie
  std::span<std::string_view const> words = {};  // closed list of values
};

[[nodiscard]] constexpr std::uint32_t bit(Owner owner) {
  return 1U << static_cast<std::uint32_t>(owner);
}

[[nodiscard]] std::span<Extension const> extensions();

// Checks one customProperties list; `path` is the list's. Errors: unknown_extension (with the
// nearest one, or where it belongs), wrong_type, missing_key, duplicate_key, not_supported_yet.
void check_extensions(Document const& document, Node const& list, Owner owner,
                      std::string const& path, Diagnostics& diagnostics,
                      std::vector<FieldUse>& uses);

// The value of extension `key` in an owner's customProperties; nullptr if it is not written.
[[nodiscard]] Node const* find_extension(Node const& owner, std::string_view key);

}  // namespace hansa::spec
