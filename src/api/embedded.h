// Files that are part of the program: our own pages' style and script, and Swagger UI from its npm
// package. Immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hansa::api {

enum class Lifetime : std::uint8_t {
  revalidated,  // may change with the program: the client asks again with the tag
  for_ever,     // the version is part of its name
};

struct Embedded {
  std::string_view name;  // behind "/-/assets/"
  std::string_view content_type;
  std::string_view gzip;  // its bytes, compressed with gzip
  Lifetime lifetime{};
};

// nullptr: there is none of that name.
[[nodiscard]] Embedded const* find_embedded(std::string_view name);
[[nodiscard]] std::span<Embedded const> all_embedded();

// "5.35.0"
[[nodiscard]] std::string_view swagger_version();

// The file as it was before compression.
[[nodiscard]] std::string inflated(Embedded const& file);

}  // namespace hansa::api
