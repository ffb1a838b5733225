#include "registry/registry.h"

#include <algorithm>
#include <array>

namespace hansa::registry {
namespace {

constexpr std::array levels =
    std::to_array<std::string_view>({"NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD",
                                     "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"});
constexpr std::array modes =
    std::to_array<std::string_view>({"READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"});
constexpr std::array types = std::to_array<std::string_view>({"AVRO", "JSON"});

template <class T, std::size_t N>
std::optional<T> find_word(std::array<std::string_view, N> const& words, std::string_view text) {
  auto const same = [text](std::string_view word) {
    return std::ranges::equal(word, text, [](char a, char b) {
      return a == (b >= 'a' && b <= 'z' ? static_cast<char>(b - 'a' + 'A') : b);
    });
  };
  auto const found = std::ranges::find_if(words, same);
  if (found == words.end()) return std::nullopt;
  return static_cast<T>(found - words.begin());
}

}  // namespace

std::string_view to_text(SchemaType type) { return types[static_cast<std::size_t>(type)]; }
std::string_view to_text(Level level) { return levels[static_cast<std::size_t>(level)]; }
std::string_view to_text(Mode mode) { return modes[static_cast<std::size_t>(mode)]; }

std::optional<SchemaType> parse_type(std::string_view text) {
  return find_word<SchemaType>(types, text);
}
std::optional<Level> parse_level(std::string_view text) { return find_word<Level>(levels, text); }
std::optional<Mode> parse_mode(std::string_view text) { return find_word<Mode>(modes, text); }

// The first three digits of a number of five are its status.
RegistryError registry_error(int code, std::string message) {
  constexpr int five_digits = 10'000, hundred = 100;
  return {.code = code,
          .status = code >= five_digits ? code / hundred : code,
          .message = std::move(message)};
}

}  // namespace hansa::registry
