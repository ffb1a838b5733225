// Small steps every reader takes from a checked tree to its structs. What is missing or of the
// wrong kind reads as empty: the walk over the shape has already reported it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "spec/node.h"
#include "spec/shape.h"

namespace hansa::spec {

// Text with its place; an empty value with line 0 when it is not written.
using Text = Located<std::string>;

[[nodiscard]] inline bool written(Text const& text) { return text.where.line != 0; }

[[nodiscard]] Text text_at(Document const& document, Node const& owner, std::string_view key);
[[nodiscard]] std::vector<Text> texts_at(Document const& document, Node const& owner,
                                         std::string_view key);
// Any scalar's characters, e.g. the number 15 of a service level as "15".
[[nodiscard]] std::string scalar_at(Node const& owner, std::string_view key);
[[nodiscard]] bool flag_at(Node const& owner, std::string_view key);
// The entries of the list under `key` that are maps.
[[nodiscard]] std::vector<Node const*> entries_at(Node const& owner, std::string_view key);

struct ContactMember {
  std::string username, name, role;
};
struct ContactChannel {
  std::string channel, url, tool, scope;
};
// Team and support as every file writes them; a team may be a bare list of members.
struct Contact {
  std::string team;
  std::vector<ContactMember> members;
  std::vector<ContactChannel> support;
};
[[nodiscard]] Contact read_contact(Node const& owner);

// A value that a hansa.* extension holds, with the place of its key.
struct ExtensionValue {
  Text key;
  Node value;
};
// The hansa.* entries of the owner's customProperties.
[[nodiscard]] std::vector<ExtensionValue> extensions_at(Document const& document,
                                                        Node const& owner);
// nullptr if it is not written.
[[nodiscard]] ExtensionValue const* find(std::vector<ExtensionValue> const& extensions,
                                         std::string_view key);

// A standard a file may follow: which `kind` and which versions are read.
struct Standard {
  std::string_view name;  // "Bitol ODCS"
  std::string_view kind;
  std::vector<std::string_view> versions;  // oldest first
};
// Checks kind and apiVersion. The version as in Field::since; the newest when apiVersion is
// missing, which the shape reports; nullopt, with unknown_standard, when the file cannot be read
// further.
[[nodiscard]] std::optional<std::uint16_t> standard_version(Document const& document,
                                                            Standard const& standard,
                                                            Diagnostics& diagnostics);

// secret_in_contract for every `${...}` in the document's scalars.
void refuse_secrets(Document const& document, Diagnostics& diagnostics);

// "1", "1.2" or "1.2.0", with an optional -suffix or +suffix: the first number. Others: nullopt.
[[nodiscard]] std::optional<std::uint32_t> major_of(std::string_view version);

}  // namespace hansa::spec
