// OpenAPI and AsyncAPI documents as served: rendered from the mesh when first asked for, then kept.
// One thread's.
#pragma once

#include <map>
#include <string>

#include "api/api.h"
#include "api/router.h"

namespace hansa::api {

struct Document {
  std::string text;
  std::string tag;  // strong entity tag
};

class Documents {
 public:
  explicit Documents(Context const& context) : context_(context) {}
  [[nodiscard]] Document const& openapi(Version const& version);
  [[nodiscard]] Document const& asyncapi(mesh::Domain const& domain);

 private:
  Context const& context_;
  std::map<Version const*, Document> openapi_;
  std::map<mesh::Domain const*, Document> asyncapi_;
};

// A strong entity tag for a text of ours: 64 bits of FNV-1a. Nothing secret rests on it.
[[nodiscard]] std::string text_tag(std::string_view text);

}  // namespace hansa::api
