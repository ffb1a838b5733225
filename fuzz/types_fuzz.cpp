// Values and patterns: the first byte chooses a type, the rest is its text, or a pattern and a
// text.
#include <cstdint>
#include <cstdlib>

#include "types/pattern.h"
#include "types/type.h"

namespace {

using namespace hansa;

void read_value(types::Type const& type, std::string_view text) {
  auto const taken = types::from_text(text, type, nullptr);
  if (!taken) return;
  // What is taken is canonical enough to be taken again.
  if (!types::from_text(*taken, type, nullptr)) std::abort();
}

void match(std::string_view text) {
  auto const cut = text.find('\n');
  if (cut == std::string_view::npos) return;
  auto const pattern = types::Pattern::compile(text.substr(0, cut));
  if (!pattern) return;
  static_cast<void>(pattern->sample(cut));
  auto const subject = json::parse("\"" + std::string(text.substr(cut + 1, 200)) + "\"");
  if (subject && subject->as_string() != nullptr)
    static_cast<void>(pattern->found_in(*subject->as_string()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view const text(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const kinds = static_cast<unsigned>(types::Kind::json) + 1;
  if (data[0] % (kinds + 1) == kinds) {
    match(text);
    return 0;
  }
  types::Type type{.kind = static_cast<types::Kind>(data[0] % (kinds + 1))};
  if (type.kind == types::Kind::numeric && data[0] > 128) type.precision = 10, type.scale = 2;
  read_value(type, text);
  return 0;
}
