#include "avro/schema_text.h"

#include <algorithm>
#include <array>
#include <set>

#include "avro/forms.h"

namespace hansa::avro {
namespace {

using json::Value;

struct FullName {
  std::string space, simple;
  [[nodiscard]] std::string text() const { return space.empty() ? simple : space + "." + simple; }
};

std::string text_of(Value const* value) {
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string{};
}

// A name as written within `enclosing`: with a dot it says its namespace itself.
FullName resolve(std::string const& name, Value const* space, std::string const& enclosing) {
  auto const dot = name.rfind('.');
  if (dot != std::string::npos) return {name.substr(0, dot), name.substr(dot + 1)};
  if (space != nullptr && space->as_string() != nullptr) return {*space->as_string(), name};
  return {enclosing, name};
}

bool is_named(std::string_view type) {
  return type == "record" || type == "error" || type == "enum" || type == "fixed";
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

enum class Attributes : std::uint8_t { as_written, sorted };

// Members of an object in the order of their writing, of which the first has no comma before it.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(Members const&) = delete;
  Members& operator=(Members const&) = delete;
  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    json::write_string(name, out_);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { json::write_string(value, key(name)); }
  void value(std::string_view name, Value const* found) {
    if (found != nullptr) json::write(*found, key(name));
  }

 private:
  std::string& out_;
  bool first_ = true;
};

class Printer {
 public:
  explicit Printer(Attributes attributes) : attributes_(attributes) {}

  void print(Value const& type, std::string const& space, std::string& out) {
    if (auto const* const name = type.as_string()) return print_name(*name, space, out);
    if (auto const* const branches = type.as_array()) {
      out += '[';
      for (std::size_t i = 0; i < branches->size(); ++i) {
        if (i > 0) out += ',';
        print((*branches)[i], space, out);
      }
      out += ']';
      return;
    }
    if (type.as_object() != nullptr) print_object(type, space, out);
  }

 private:
  static void print_name(std::string const& name, std::string const& space, std::string& out) {
    if (find_form(name)) return json::write_string(name, out);
    auto const full = resolve(name, nullptr, space);
    json::write_string(full.space == space ? full.simple : full.text(), out);
  }

  void print_object(Value const& type, std::string const& space, std::string& out) {
    auto const* const kind = type.find("type");
    // {"type": {...}} and {"type": [...]} say no more than what they hold.
    if (kind == nullptr || kind->as_string() == nullptr) {
      if (kind != nullptr) print(*kind, space, out);
      return;
    }
    auto const& word = *kind->as_string();
    if (is_named(word)) return print_named(type, word, space, out);
    if (word == "array" || word == "map") {
      auto const inner = word == "array" ? "items" : "values";
      Members members(out);
      members.text("type", word);
      if (auto const* const part = type.find(inner)) print(*part, space, members.key(inner));
      print_attributes(type, {"type", inner}, members);
      return;
    }
    bool const bare = std::ranges::all_of(*type.as_object(),
                                          [](auto const& each) { return each.first == "type"; });
    if (bare) return print_name(word, space, out);
    Members members(out);
    print_name(word, space, members.key("type"));
    print_attributes(type, {"type"}, members);
  }

  void print_named(Value const& type, std::string const& word, std::string const& space,
                   std::string& out) {
    auto const name = resolve(text_of(type.find("name")), type.find("namespace"), space);
    Members members(out);
    members.text("type", word);
    members.text("name", name.simple);
    if (name.space != space) members.text("namespace", name.space);
    members.value("doc", type.find("doc"));
    if (word == "record" || word == "error") {
      print_fields(type, name.space, members.key("fields"));
    } else if (word == "enum") {
      members.value("symbols", type.find("symbols"));
      members.value("default", type.find("default"));
    } else {
      members.value("size", type.find("size"));
    }
    print_attributes(
        type,
        {"type", "name", "namespace", "doc", "fields", "symbols", "default", "size", "aliases"},
        members);
    members.value("aliases", type.find("aliases"));
  }

  void print_fields(Value const& type, std::string const& space, std::string& out) {
    out += '[';
    auto const* const fields = type.find("fields");
    bool first = true;
    if (fields != nullptr && fields->as_array() != nullptr)
      for (Value const& field : *fields->as_array()) {
        if (!first) out += ',';
        first = false;
        Members members(out);
        members.value("name", field.find("name"));
        if (auto const* const of = field.find("type")) print(*of, space, members.key("type"));
        members.value("doc", field.find("doc"));
        members.value("default", field.find("default"));
        if (auto const order = text_of(field.find("order")); !order.empty() && order != "ascending")
          members.text("order", order);
        members.value("aliases", field.find("aliases"));
        print_attributes(field, {"name", "type", "doc", "default", "order", "aliases"}, members);
      }
    out += ']';
  }

  // What the specification does not define.
  void print_attributes(Value const& type, std::initializer_list<std::string_view> but,
                        Members& members) {
    std::vector<std::pair<std::string, Value> const*> rest;
    for (auto const& each : *type.as_object())
      if (!is_one_of(each.first, but)) rest.push_back(&each);
    if (attributes_ == Attributes::sorted)
      std::ranges::sort(rest, {}, [](auto const* each) { return each->first; });
    for (auto const* each : rest) members.value(each->first, &each->second);
  }

  Attributes attributes_;
};

std::string printed(Value const& document, Attributes attributes) {
  std::string out;
  Printer(attributes).print(document, {}, out);
  return out;
}

// Replaces names by definitions; `defined` are those that stand in the document already.
class Writer {
 public:
  explicit Writer(std::map<std::string, Value> definitions)
      : definitions_(std::move(definitions)) {}

  Value type(Value const& from, std::string const& space) {
    if (auto const* const name = from.as_string()) return named(*name, space);
    if (auto const* const branches = from.as_array()) {
      json::Array out;
      for (Value const& each : *branches) out.push_back(type(each, space));
      return json::array(std::move(out));
    }
    auto const* const members = from.as_object();
    if (members == nullptr) return from;
    auto inner = space;
    if (is_named(text_of(from.find("type")))) {
      auto const full = resolve(text_of(from.find("name")), from.find("namespace"), space);
      inner = full.space;
      definitions_.erase(full.text());
    }
    json::Object out;
    for (auto const& [key, value] : *members) {
      if (key == "fields" && value.as_array() != nullptr)
        out.emplace_back(key, fields(*value.as_array(), inner));
      else if (key == "items" || key == "values" || key == "type")
        out.emplace_back(key, type(value, inner));
      else
        out.emplace_back(key, value);
    }
    return json::object(std::move(out));
  }

 private:
  Value named(std::string const& name, std::string const& space) {
    if (find_form(name) || is_named(name) || name == "array" || name == "map")
      return json::text(name);
    auto found = definitions_.find(resolve(name, nullptr, space).text());
    if (found == definitions_.end()) found = definitions_.find(name);
    if (found == definitions_.end()) return json::text(name);
    auto const definition = std::move(found->second);
    definitions_.erase(found);
    // Within another namespace a definition without one would get that: it says it has none.
    auto out = type(definition, {});
    if (auto const* const members = out.as_object();
        members != nullptr && out.find("namespace") == nullptr &&
        text_of(out.find("name")).find('.') == std::string::npos) {
      auto with = *members;
      with.emplace_back("namespace", json::text(""));
      return json::object(std::move(with));
    }
    return out;
  }

  Value fields(json::Array const& from, std::string const& space) {
    json::Array out;
    for (Value const& field : from) {
      json::Object members;
      if (field.as_object() == nullptr) {
        out.push_back(field);
        continue;
      }
      for (auto const& [key, value] : *field.as_object())
        members.emplace_back(key, key == "type" ? type(value, space) : value);
      out.push_back(json::object(std::move(members)));
    }
    return json::array(std::move(out));
  }

  std::map<std::string, Value> definitions_;
};

}  // namespace

std::string schema_text(Value const& document) { return printed(document, Attributes::as_written); }

std::string normal_schema_text(Value const& document) {
  return printed(document, Attributes::sorted);
}

Value write_in(Value const& document, std::map<std::string, Value> definitions) {
  return Writer(std::move(definitions)).type(document, {});
}

std::string defined_name(Value const& document) {
  return is_named(text_of(document.find("type")))
             ? resolve(text_of(document.find("name")), document.find("namespace"), {}).text()
             : std::string{};
}

}  // namespace hansa::avro
