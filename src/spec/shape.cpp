#include "spec/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spec/extensions.h"
#include "spec/option_shapes.h"

namespace hansa::spec {

namespace {

std::string version_text(std::uint16_t version) {
  return fmt::format("v{}.{}", version / 100, version % 100);
}

bool has_form(Node const& node, Form form) {
  if (!node.is_scalar()) return false;
  ScalarKind const kind = scalar_kind(node);
  switch (form) {
    case Form::boolean:
      return kind == ScalarKind::boolean;
    case Form::integer:
      return kind == ScalarKind::integer;
    case Form::number:
      return kind == ScalarKind::integer || kind == ScalarKind::number;
    case Form::scalar:
      return true;
    default:
      return kind == ScalarKind::text;
  }
}

bool is_one_of_words(Node const& node, Field const& field) {
  return field.words.empty() || std::ranges::find(field.words, node.text) != field.words.end();
}

bool is_single(Form form) { return form <= Form::scalar; }

class Walk {
 public:
  Walk(Document const& document, std::uint16_t version, Diagnostics& diagnostics,
       std::vector<FieldUse>& uses)
      : document_(document), version_(version), diagnostics_(diagnostics), uses_(uses) {}

  void map(Node const& node, Shape const& shape, std::string const& path) {
    if (!node.is_map()) {
      wrong_type(node, fmt::format("{} is a map of keys and values", shape.name));
      return;
    }
    for (Member const& member : node.members) {
      auto const field = std::ranges::find(shape.fields, member.key, &Field::key);
      if (field == shape.fields.end()) {
        if (!shape.open) unknown_key(member, shape);
        continue;
      }
      std::string const inner = path.empty() ? member.key : path + "." + member.key;
      if (field->since > version_) {
        diagnostics_.error(
            Code::unknown_key, document_.at(member.place),
            fmt::format("`{}` came with {} of the standard, this file says {}", member.key,
                        version_text(field->since), version_text(version_)),
            "raise apiVersion");
      }
      value(node, member, *field, shape, inner);
    }
    for (Field const& field : shape.fields) {
      Node const* const found = field.required ? node.find(field.key) : nullptr;
      if (field.required && (found == nullptr || found->is_null())) missing_key(node, shape, field);
    }
  }

 private:
  void value(Node const& owner, Member const& member, Field const& field, Shape const& shape,
             std::string const& path) {
    Node const& node = member.value;
    if (node.is_null() && field.form != Form::any) {
      if (!field.required && field.form != Form::named && field.form != Form::one) {
        diagnostics_.error(Code::wrong_type, document_.at(member.place),
                           fmt::format("`{}` has no value", member.key),
                           "write one, or remove the key");
      }
      return;
    }
    switch (field.form) {
      case Form::text:
      case Form::boolean:
      case Form::integer:
      case Form::number:
      case Form::scalar:
        if (scalar(node, field)) use(owner, node, field, path);
        return;
      case Form::any:
        return use(owner, node, field, path);
      case Form::texts:
        if (texts(node, field)) use(owner, node, field, path);
        return;
      case Form::text_or_texts:
        if (node.is_sequence() ? texts(node, field) : scalar(node, field)) {
          use(owner, node, field, path);
        }
        return;
      case Form::text_or_one:
        if (!node.is_scalar()) return map(node, *field.shape, path);
        if (scalar(node, field)) use(owner, node, field, path);
        return;
      case Form::one:
        return map(node, *field.shape, path);
      case Form::one_or_many:
        return node.is_map() ? map(node, *field.shape, path)
                             : many(node, field, *field.shape->entry, path);
      case Form::many:
        return many(node, field, *field.shape, path);
      case Form::named:
        return named(node, field, path);
      case Form::options:
        return map(node, option_shape(owner), path);
      case Form::extensions:
        many(node, field, *field.shape, path);
        return check_extensions(document_, node, shape.owner, path, diagnostics_, uses_);
    }
  }

  bool scalar(Node const& node, Field const& field) {
    if (!has_form(node, field.form)) {
      wrong_scalar(node, field);
      return false;
    }
    if (!is_one_of_words(node, field)) {
      unknown_word(node, field);
      return false;
    }
    return true;
  }

  bool texts(Node const& node, Field const& field) {
    if (!node.is_sequence()) {
      wrong_type(node, fmt::format("`{}` is a list of text", field.key));
      return false;
    }
    bool good = true;
    for (Node const& item : node.items) {
      if (!as_text(item)) {
        wrong_scalar(item, field);
        good = false;
      }
    }
    return good;
  }

  void many(Node const& node, Field const& field, Shape const& entry, std::string const& path) {
    if (!node.is_sequence()) {
      wrong_type(node, fmt::format("`{}` is a list, each entry {}", field.key, entry.name));
      return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      map(node.items[i], entry, fmt::format("{}[{}]", path, i));
    }
  }

  void named(Node const& node, Field const& field, std::string const& path) {
    if (!node.is_map()) {
      wrong_type(node, fmt::format("`{}` is a map from names to {}", field.key, field.shape->name));
      return;
    }
    for (Member const& member : node.members) {
      if (member.value.is_null()) continue;
      map(member.value, *field.shape, path + "." + member.key);
    }
  }

  void use(Node const& owner, Node const& node, Field const& field, std::string const& path) {
    Verdict const verdict = field.decide != nullptr ? field.decide(owner) : field.verdict;
    uses_.push_back({document_.at(node), path, verdict});
  }

  void unknown_key(Member const& member, Shape const& shape) {
    std::vector<std::string_view> keys;
    for (Field const& field : shape.fields) keys.push_back(field.key);
    std::string_view const near = nearest(member.key, keys);
    diagnostics_.error(Code::unknown_key, document_.at(member.place),
                       fmt::format("unknown key `{:.80}` in {}", member.key, shape.name),
                       near.empty() ? fmt::format("known are {}", fmt::join(keys, ", "))
                                    : fmt::format("did you mean `{}`?", near));
  }

  void missing_key(Node const& node, Shape const& shape, Field const& field) {
    Place const place = node.members.empty() ? node.place : node.members.front().place;
    diagnostics_.error(Code::missing_key, document_.at(place),
                       fmt::format("{} needs the key `{}`", shape.name, field.key),
                       missing_hint(field));
  }

  static std::string missing_hint(Field const& field) {
    std::string hint;
    if (field.words.size() == 1) hint = fmt::format("write `{}: {}`", field.key, field.words[0]);
    if (field.words.size() > 1) hint = fmt::format("one of {}", fmt::join(field.words, ", "));
    if (field.fixable) hint += hint.empty() ? "" : "; ";
    if (field.fixable) hint += "`hansa check --fix` writes it";
    return hint;
  }

  void wrong_type(Node const& node, std::string message) {
    diagnostics_.error(Code::wrong_type, document_.at(node), std::move(message));
  }

  void wrong_scalar(Node const& node, Field const& field) {
    std::string_view expected = "text";
    std::string hint;
    switch (field.form) {
      case Form::boolean:
        expected = "true or false";
        break;
      case Form::integer:
        expected = "a whole number";
        break;
      case Form::number:
        expected = "a number";
        break;
      case Form::scalar:
        expected = "a single value";
        break;
      default:
        if (node.is_scalar()) hint = fmt::format("quote it: '{:.60}'", node.text);
    }
    diagnostics_.error(Code::wrong_type, document_.at(node),
                       fmt::format("`{}` is {}", field.key, expected), std::move(hint));
  }

  void unknown_word(Node const& node, Field const& field) {
    std::vector<std::string_view> const words(field.words.begin(), field.words.end());
    std::string_view const near = nearest(node.text, words);
    diagnostics_.error(Code::invalid_value, document_.at(node),
                       fmt::format("`{}` cannot be `{:.80}`", field.key, node.text),
                       near.empty() ? fmt::format("one of {}", fmt::join(words, ", "))
                                    : fmt::format("did you mean `{}`?", near));
  }

  Document const& document_;
  std::uint16_t version_;
  Diagnostics& diagnostics_;
  std::vector<FieldUse>& uses_;
};

}  // namespace

bool member_fits(Node const& owner, Shape const& shape, std::string_view key) {
  auto const field = std::ranges::find(shape.fields, key, &Field::key);
  Node const* const node = owner.find(key);
  if (node == nullptr || field == shape.fields.end() || !is_single(field->form)) return true;
  return has_form(*node, field->form) && is_one_of_words(*node, *field);
}

void check_shape(Document const& document, Shape const& shape, std::uint16_t version,
                 Diagnostics& diagnostics, std::vector<FieldUse>& uses) {
  Walk(document, version, diagnostics, uses).map(document.root, shape, "");
}

}  // namespace hansa::spec
