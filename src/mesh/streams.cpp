#include "mesh/streams.h"

#include "spec/event_words.h"

namespace hansa::mesh {

std::string_view to_text(EventFormat format) {
  return spec::event_format_words.at(static_cast<std::size_t>(format));
}

std::string_view to_text(Cleanup cleanup) {
  return spec::cleanup_words.at(static_cast<std::size_t>(cleanup));
}

std::string_view to_text(Compatibility compatibility) {
  return spec::compatibility_words.at(static_cast<std::size_t>(compatibility));
}

std::string_view to_text(Topic::Source source) {
  switch (source) {
    case Topic::Source::changes:
      return "changes";
    case Topic::Source::emission:
      return "emission";
    case Topic::Source::clients:
      break;
  }
  return "clients";
}

std::string_view to_text(Reaction::Kind kind) {
  return kind == Reaction::Kind::projection ? "projection" : "effect";
}

}  // namespace hansa::mesh
