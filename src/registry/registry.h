// What a schema registry speaks of (Confluent's Schema Registry REST API): schemas by id, subjects
// with versions, levels of compatibility, modes, and its errors by number. Values; pure.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "avro/schema.h"
#include "base/result.h"

namespace hansa::registry {

enum class SchemaType : std::uint8_t { avro, json };
[[nodiscard]] std::string_view to_text(SchemaType type);  // "AVRO"
[[nodiscard]] std::optional<SchemaType> parse_type(std::string_view text);

// A schema that another one uses, under `name`.
struct Reference {
  std::string name, subject;
  std::int32_t version = 0;
  bool operator==(Reference const&) const = default;
};

// A schema as somebody gave it.
struct Given {
  SchemaType type = SchemaType::avro;
  std::string text;
  std::vector<Reference> references;
};

struct Stored {
  std::int32_t id = 0;
  Given schema;
};

// One version of a subject.
struct Version {
  std::string subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  Given schema;
  std::string digest;  // hex; empty for one of two ids of one schema
  bool deleted = false;
};

enum class Level : std::uint8_t {
  none,
  backward,
  backward_transitive,
  forward,
  forward_transitive,
  full,
  full_transitive,
};
[[nodiscard]] std::string_view to_text(Level level);                    // "BACKWARD_TRANSITIVE"
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);  // in any case
inline constexpr Level default_level = Level::backward;

enum class Mode : std::uint8_t { read_write, read_only, read_only_override, import };
[[nodiscard]] std::string_view to_text(Mode mode);  // "READWRITE"
[[nodiscard]] std::optional<Mode> parse_mode(std::string_view text);

// An error of the API: its number, and the HTTP status it comes with.
struct RegistryError {
  int code = 0;
  int status = 0;
  std::string message;
};
[[nodiscard]] RegistryError registry_error(int code, std::string message);

template <class T>
using Answer = std::expected<T, RegistryError>;

inline constexpr std::size_t subject_bytes_max = 1024;
inline constexpr std::size_t references_max = 100;
inline constexpr std::size_t reference_depth_max = 16;

}  // namespace hansa::registry
