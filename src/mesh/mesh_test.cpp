#include "mesh/mesh.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "mesh/load.h"

namespace hansa::mesh {
namespace {

TEST(Example, LoadsWithoutAWord) {
  Loaded const loaded = load(std::filesystem::path(HANSA_SOURCE) / "examples/ecommerce");
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off), "");
  ASSERT_TRUE(loaded.mesh.has_value());
  EXPECT_EQ(loaded.mesh->served().size(), 3U);
}

}  // namespace
}  // namespace hansa::mesh
