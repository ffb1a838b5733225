#include "mesh/load.h"

#include <utility>

#include "mesh/effects.h"
#include "mesh/resolve.h"
#include "mesh/sources.h"

namespace hansa::mesh {

Loaded load(std::filesystem::path const& folder) {
  Loaded loaded;
  MeshSources sources = read_sources(folder, loaded.diagnostics);
  loaded.mesh = resolve(sources, loaded.diagnostics);
  loaded.effects = field_effects(sources);
  loaded.sources = std::move(sources.folder.texts);
  if (loaded.mesh)
    loaded.tests = read_reaction_tests(*loaded.mesh, loaded.sources, loaded.diagnostics);
  if (loaded.diagnostics.has_errors()) loaded.mesh.reset();
  return loaded;
}

}  // namespace hansa::mesh
