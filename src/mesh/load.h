// From a folder to a mesh: reads the files, parses them, resolves names. The one entry every
// command uses. Blocking; the only I/O is reading regular files inside the folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/reaction_tests.h"

namespace hansa::mesh {

// What Hansa does with one field of a contract or product file.
struct FieldEffect {
  enum class Effect : std::uint8_t { enforced, served, documented, ignored };
  SourceRange where;
  std::string path;  // "schema[0].properties[2].logicalTypeOptions.maxLength"
  Effect effect{};
  std::string by;  // "CHECK constraint, REST 422", "OpenAPI", ...; why not, when documented
};

struct Loaded {
  std::optional<Mesh> mesh;  // absent when there are errors
  Diagnostics diagnostics;
  SourceTexts sources;  // of every file read, for to_text()
  std::vector<FieldEffect> effects;
  std::vector<PortTests> tests;  // of reactions; judged only where the mesh has no mistake
};

// Reads and resolves the mesh in `folder`. Never throws for what stands in the folder: every
// mistake is a diagnostic. `.hansa/`, `.git/`, `build/` and dot files are not looked at; symbolic
// links that leave the folder are path_escapes.
[[nodiscard]] Loaded load(std::filesystem::path const& folder);

// Declarations that follow from others and are missing or stale in a file, as `check --fix` writes
// them.
struct Fix {
  std::string file;    // relative to the folder
  std::string text;    // the file's whole new text, comments and layout kept
  std::string reason;  // one line for the user
};
[[nodiscard]] std::vector<Fix> fixes(std::filesystem::path const& folder);

}  // namespace hansa::mesh
