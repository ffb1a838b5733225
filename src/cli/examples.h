// The example meshes, carried inside the binary; made at build time from examples/.
#pragma once

#include <span>
#include <string_view>

namespace hansa::cli {

struct ExampleFile {
  std::string_view path;  // relative, '/' separated
  std::string_view text;
};

// Empty if there is none of that name.
[[nodiscard]] std::span<ExampleFile const> find_example(std::string_view name);

}  // namespace hansa::cli
