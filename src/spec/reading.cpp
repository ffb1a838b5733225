#include "spec/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hansa::spec {

Text text_at(Document const& document, Node const& owner, std::string_view key) {
  Node const* const node = owner.find(key);
  if (node == nullptr || !node->is_scalar()) return {};
  return {node->text, document.at(*node)};
}

std::vector<Text> texts_at(Document const& document, Node const& owner, std::string_view key) {
  std::vector<Text> texts;
  Node const* const node = owner.find(key);
  if (node == nullptr) return texts;
  if (node->is_scalar()) texts.push_back({node->text, document.at(*node)});
  for (Node const& item : node->items) {
    if (item.is_scalar()) texts.push_back({item.text, document.at(item)});
  }
  return texts;
}

std::string scalar_at(Node const& owner, std::string_view key) {
  Node const* const node = owner.find(key);
  return node != nullptr && node->is_scalar() ? node->text : std::string{};
}

bool flag_at(Node const& owner, std::string_view key) {
  Node const* const node = owner.find(key);
  return node != nullptr && as_boolean(*node).value_or(false);
}

std::vector<Node const*> entries_at(Node const& owner, std::string_view key) {
  std::vector<Node const*> entries;
  Node const* const list = owner.find(key);
  if (list == nullptr) return entries;
  for (Node const& item : list->items) {
    if (item.is_map()) entries.push_back(&item);
  }
  return entries;
}

std::vector<ExtensionValue> extensions_at(Document const& document, Node const& owner) {
  std::vector<ExtensionValue> extensions;
  for (Node const* entry : entries_at(owner, "customProperties")) {
    Text key = text_at(document, *entry, "property");
    Node const* const value = entry->find("value");
    if (key.value.starts_with("hansa.") && value != nullptr) {
      extensions.push_back({std::move(key), *value});
    }
  }
  return extensions;
}

ExtensionValue const* find(std::vector<ExtensionValue> const& extensions, std::string_view key) {
  auto const found = std::ranges::find(
      extensions, key, [](ExtensionValue const& value) -> auto const& { return value.key.value; });
  return found == extensions.end() ? nullptr : &*found;
}

Contact read_contact(Node const& owner) {
  Contact contact;
  Node const* const team = owner.find("team");
  if (team != nullptr && team->is_map()) contact.team = scalar_at(*team, "name");
  for (Node const* member : team != nullptr && team->is_map() ? entries_at(*team, "members")
                                                              : entries_at(owner, "team")) {
    contact.members.push_back(
        {scalar_at(*member, "username"), scalar_at(*member, "name"), scalar_at(*member, "role")});
  }
  for (Node const* channel : entries_at(owner, "support")) {
    contact.support.push_back({scalar_at(*channel, "channel"), scalar_at(*channel, "url"),
                               scalar_at(*channel, "tool"), scalar_at(*channel, "scope")});
  }
  return contact;
}

namespace {

// Files of neighbouring standards that are easily taken for Bitol's; the name says why not.
std::string_view mistaken_for(Node const& root) {
  if (root.find("dataContractSpecification") != nullptr) {
    return "this is the Data Contract Specification, the predecessor of Bitol ODCS";
  }
  Node const* const schema = root.find("schema");
  bool const specification =
      schema != nullptr && schema->text.find("opendataproducts") != std::string::npos;
  Node const* const product = root.find("product");
  if (specification || (product != nullptr && product->is_map() && root.find("kind") == nullptr)) {
    return "this is the Open Data Product Specification (opendataproducts.org), which shares only "
           "its initials with the Open Data Product Standard";
  }
  return {};
}

std::uint16_t version_number(std::string_view version) {
  return static_cast<std::uint16_t>((version[1] - '0') * 100 + (version[3] - '0'));
}

}  // namespace

std::optional<std::uint16_t> standard_version(Document const& document, Standard const& standard,
                                              Diagnostics& diagnostics) {
  Node const& root = document.root;
  std::string const want =
      fmt::format("Hansa reads {} {}", standard.name, fmt::join(standard.versions, ", "));
  if (!root.is_map()) {
    diagnostics.error(Code::wrong_type, document.at(root),
                      "the file is not a map of keys and values", want);
    return std::nullopt;
  }
  if (std::string_view const other = mistaken_for(root); !other.empty()) {
    diagnostics.error(Code::unknown_standard, document.at(root), std::string(other), want);
    return std::nullopt;
  }
  Node const* const version = root.find("apiVersion");
  if (version == nullptr || !version->is_scalar()) return version_number(standard.versions.back());
  if (std::ranges::find(standard.versions, version->text) == standard.versions.end()) {
    diagnostics.error(Code::unknown_standard, document.at(*version),
                      fmt::format("{} `{:.40}` is not read", standard.name, version->text), want);
    return std::nullopt;
  }
  return version_number(version->text);
}

namespace {

void refuse_secrets_in(Document const& document, Node const& node, Diagnostics& diagnostics) {
  if (node.is_scalar()) {
    std::size_t const start = node.text.find("${");
    if (start != std::string::npos && node.text.find('}', start) != std::string::npos) {
      diagnostics.error(Code::secret_in_contract, document.at(node),
                        "a reference `${...}` stands outside mesh.yaml",
                        "secrets and addresses belong to an environment of mesh.yaml");
    }
  }
  for (Node const& item : node.items) refuse_secrets_in(document, item, diagnostics);
  for (Member const& member : node.members) {
    refuse_secrets_in(document, member.value, diagnostics);
  }
}

}  // namespace

void refuse_secrets(Document const& document, Diagnostics& diagnostics) {
  refuse_secrets_in(document, document.root, diagnostics);
}

std::optional<std::uint32_t> major_of(std::string_view version) {
  std::string_view const core = version.substr(0, version.find_first_of("-+"));
  std::uint32_t first = 0;
  std::size_t at = 0;
  for (int part = 0; part < 3; ++part) {
    std::uint32_t number = 0;
    auto const [end, error] = std::from_chars(core.data() + at, core.data() + core.size(), number);
    auto const next = static_cast<std::size_t>(end - core.data());
    bool const padded = next - at > 1 && core[at] == '0';
    if (error != std::errc{} || padded || number > 9999) return std::nullopt;
    if (part == 0) first = number;
    at = next;
    if (at == core.size()) return first;
    if (core[at] != '.') return std::nullopt;
    ++at;
  }
  return std::nullopt;
}

}  // namespace hansa::spec
