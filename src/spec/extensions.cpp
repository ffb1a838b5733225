#include "spec/extensions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "spec/common_shapes.h"
#include "spec/event_words.h"

namespace hansa::spec {

namespace {

constexpr std::string_view prefix = "hansa.";
constexpr std::uint32_t on_property = bit(Owner::property);
constexpr std::uint32_t on_object = bit(Owner::object);
constexpr std::uint32_t on_input_port = bit(Owner::input_port);

constexpr Verdict of_topics{Use::enforced, topics_verdict};
constexpr Verdict of_subscriptions{Use::enforced, "the port's subscription"};
constexpr Verdict no_masks{Use::documented,
                           "masks come with access control, which is not there yet"};

constexpr std::array rows = std::to_array<Extension>({
    {"hansa.default", Form::any, on_property, {Use::enforced, "DEFAULT, REST create"}},
    {"hansa.defaultSql", Form::text, on_property, {Use::enforced, "DEFAULT, REST create"}},
    {"hansa.index", Form::boolean, on_property, {Use::enforced, "index, REST order"}},
    {"hansa.renamedFrom", Form::text, on_property | on_object, {Use::enforced, "RENAME in plan"}},
    {"hansa.unique", Form::any, on_object, {Use::enforced, "UNIQUE constraint"}},
    {"hansa.indexes", Form::any, on_object, {Use::enforced, "indexes, REST order"}},
    {"hansa.managed", Form::boolean, on_object, {Use::enforced, "plan compares, never alters"}},
    {"hansa.refresh", Form::any, on_object, {}, false},
    {"hansa.replaces", Form::any, on_property, {}, false},
    {"hansa.partitions", Form::integer, on_object, of_topics},
    {"hansa.format", Form::text, on_object, of_topics, true, event_format_words},
    {"hansa.cleanup", Form::text, on_object, of_topics, true, cleanup_words},
    {"hansa.compatibility", Form::text, on_object | bit(Owner::contract), of_topics, true,
     compatibility_words},
    {"hansa.mask", Form::any, on_property, no_masks},
    {"hansa.inEvents", Form::text, on_property, of_topics, true, in_events_words},
    {"hansa.from", Form::text, on_input_port, of_subscriptions, true, from_words},
    {"hansa.onError", Form::text, on_input_port, of_subscriptions, true, on_error_words},
});

std::string owner_names(std::uint32_t owners) {
  constexpr std::array<std::pair<Owner, std::string_view>, 6> names = {{
      {Owner::contract, "a contract"},
      {Owner::object, "an object of `schema`"},
      {Owner::property, "a property"},
      {Owner::product, "a product"},
      {Owner::input_port, "an input port"},
      {Owner::output_port, "an output port"},
  }};
  std::vector<std::string_view> list;
  for (auto const& [owner, name] : names) {
    if ((owners & bit(owner)) != 0) list.push_back(name);
  }
  return fmt::format("{}", fmt::join(list, " or "));
}

// What an unknown key may have meant: the nearest one, or else those that belong here.
std::string known_keys(std::string_view key, Owner owner) {
  std::vector<std::string_view> all;
  std::vector<std::string_view> here;
  for (Extension const& known : rows) {
    all.push_back(known.key);
    if (known.supported && (known.owners & bit(owner)) != 0) here.push_back(known.key);
  }
  std::string_view const near = nearest(key, all);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  return here.empty() ? fmt::format("none belongs here; known are {}", fmt::join(all, ", "))
                      : fmt::format("here belong {}", fmt::join(here, ", "));
}

bool has_form(Node const& value, Form form) {
  switch (form) {
    case Form::text:
      return as_text(value).has_value();
    case Form::boolean:
      return as_boolean(value).has_value();
    case Form::integer:
      return as_integer(value).has_value();
    default:
      return true;
  }
}

std::string_view form_name(Form form) {
  return form == Form::text ? "text" : form == Form::boolean ? "true or false" : "a whole number";
}

void refuse_word(SourceRange where, Extension const& row, std::string_view word,
                 Diagnostics& diagnostics) {
  std::string_view const near = nearest(word, {row.words.begin(), row.words.end()});
  diagnostics.error(Code::invalid_value, std::move(where),
                    fmt::format("`{}` cannot be `{:.40}`", row.key, word),
                    near.empty() ? fmt::format("one of {}", fmt::join(row.words, ", "))
                                 : fmt::format("did you mean `{}`?", near));
}

}  // namespace

std::span<Extension const> extensions() { return rows; }

Node const* find_extension(Node const& owner, std::string_view key) {
  Node const* const list = owner.find("customProperties");
  if (list == nullptr) return nullptr;
  for (Node const& entry : list->items) {
    Node const* const property = entry.find("property");
    if (property != nullptr && property->text == key) return entry.find("value");
  }
  return nullptr;
}

void check_extensions(Document const& document, Node const& list, Owner owner,
                      std::string const& path, Diagnostics& diagnostics,
                      std::vector<FieldUse>& uses) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Node const* const property = list.items[i].find("property");
    Node const* const value = list.items[i].find("value");
    if (property == nullptr || value == nullptr || !property->is_scalar()) continue;
    std::string const value_path = fmt::format("{}[{}].value", path, i);
    std::string_view const key = property->text;
    if (!key.starts_with(prefix)) {
      uses.push_back({document.at(*value),
                      value_path,
                      {Use::documented, "another vendor's property, kept as it is"}});
      continue;
    }
    SourceRange const where = document.at(*property);
    if (!seen.insert(key).second) {
      diagnostics.error(Code::duplicate_key, where, fmt::format("`{}` stands twice", key));
    }
    auto const row = std::ranges::find(rows, key, &Extension::key);
    if (row == rows.end()) {
      diagnostics.error(Code::unknown_extension, where,
                        fmt::format("unknown property `{:.80}`", key), known_keys(key, owner));
    } else if ((row->owners & bit(owner)) == 0) {
      diagnostics.error(Code::unknown_extension, where,
                        fmt::format("`{}` has no meaning here", key),
                        fmt::format("it belongs to {}", owner_names(row->owners)));
    } else if (!row->supported) {
      diagnostics.error(Code::not_supported_yet, where,
                        fmt::format("`{}` is not supported yet", key));
    } else if (!has_form(*value, row->form)) {
      diagnostics.error(Code::wrong_type, document.at(*value),
                        fmt::format("`{}` is {}", key, form_name(row->form)));
    } else if (!row->words.empty() &&
               std::ranges::find(row->words, value->text) == row->words.end()) {
      refuse_word(document.at(*value), *row, value->text, diagnostics);
    } else {
      uses.push_back({document.at(*value), value_path, row->verdict});
    }
  }
}

}  // namespace hansa::spec
