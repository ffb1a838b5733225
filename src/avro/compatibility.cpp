#include "avro/compatibility.h"

#include <algorithm>
#include <map>
#include <set>

#include "avro/forms.h"

namespace hansa::avro {
namespace {

using Kind = Incompatibility::Kind;

constexpr std::size_t comparisons_max = 1'000'000;
constexpr std::size_t reasons_max = 100;
constexpr std::size_t depth_max = 2000;  // pairs within pairs, along names that refer to each other

std::string_view last_part(std::string_view full_name) {
  return full_name.substr(full_name.rfind('.') + 1);
}

bool names_match(SchemaNode const& reader, SchemaNode const& writer) {
  return last_part(reader.name) == last_part(writer.name) ||
         std::ranges::find(reader.aliases, writer.name) != reader.aliases.end();
}

bool promotes(Form writer, Form reader) {
  switch (reader) {
    case Form::int64:
      return writer == Form::int32;
    case Form::float32:
      return writer == Form::int32 || writer == Form::int64;
    case Form::float64:
      return writer == Form::int32 || writer == Form::int64 || writer == Form::float32;
    case Form::bytes:
      return writer == Form::string;
    case Form::string:
      return writer == Form::bytes;
    default:
      return false;
  }
}

std::string what(SchemaNode const& node) {
  auto text = std::string(form_name(node.form));
  if (!node.name.empty()) text += " " + node.name;
  return text;
}

// The name decides before an alias does.
class FieldIndex {
 public:
  explicit FieldIndex(SchemaNode const& writer) {
    for (auto const& field : writer.fields) fields_.emplace(field.name, &field);
  }
  [[nodiscard]] SchemaField const* find(SchemaField const& reader) const {
    if (auto const found = fields_.find(reader.name); found != fields_.end()) return found->second;
    for (auto const& alias : reader.aliases)
      if (auto const found = fields_.find(alias); found != fields_.end()) return found->second;
    return nullptr;
  }

 private:
  std::map<std::string_view, SchemaField const*> fields_;
};

std::string missing_symbols(SchemaNode const& reader, SchemaNode const& writer) {
  if (reader.default_symbol) return {};
  std::set<std::string_view> const known(reader.symbols.begin(), reader.symbols.end());
  std::string missing;
  for (auto const& symbol : writer.symbols)
    if (!known.contains(symbol) && missing.size() < 1000)
      missing += (missing.empty() ? "" : ", ") + symbol;
  return missing;
}

// Decides pairs of types. Types may be recursive, so a pair counts as matching while it is being
// looked at. What was concluded from that is looked at again until no pair falls any more.
class Resolution {
 public:
  Resolution(Schema const& reader, Schema const& writer) : reader_(reader), writer_(writer) {}

  bool reads(NodeId reader, NodeId writer) {
    for (;;) {
      auto const before = refused_.size();
      assumed_.clear();
      if (!matches(reader, writer) || exhausted_) return false;
      if (before == refused_.size()) break;
    }
    proven_.merge(assumed_);
    return true;
  }
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  using Pairs = std::set<std::pair<NodeId, NodeId>>;

  bool matches(NodeId reader, NodeId writer) {
    auto const pair = std::pair(reader, writer);
    if (refused_.contains(pair)) return false;
    if (proven_.contains(pair) || !assumed_.insert(pair).second) return true;
    if (!count(1) || depth_ >= depth_max) {
      exhausted_ = true;
      return false;
    }
    ++depth_;
    bool const match = compare(reader, writer);
    --depth_;
    if (!match && !exhausted_) refused_.insert(pair);
    return match;
  }

  bool count(std::size_t comparisons) {
    comparisons_ += comparisons;
    return comparisons_ <= comparisons_max;
  }

  bool compare(NodeId reader_id, NodeId writer_id) {
    auto const& reader = reader_.at(reader_id);
    auto const& writer = writer_.at(writer_id);
    if (writer.form == Form::choice)
      return std::ranges::all_of(writer.parts,
                                 [&](NodeId part) { return matches(reader_id, part); });
    if (reader.form == Form::choice)
      return std::ranges::any_of(reader.parts,
                                 [&](NodeId part) { return matches(part, writer_id); });
    if (reader.form != writer.form) return promotes(writer.form, reader.form);
    switch (reader.form) {
      case Form::array:
      case Form::map:
        return matches(reader.parts[0], writer.parts[0]);
      case Form::fixed:
        return names_match(reader, writer) && reader.size == writer.size;
      case Form::enumeration:
        return count(reader.symbols.size() + writer.symbols.size()) &&
               names_match(reader, writer) && missing_symbols(reader, writer).empty();
      case Form::record:
        return names_match(reader, writer) && compare_fields(reader, writer);
      default:
        return true;
    }
  }

  bool compare_fields(SchemaNode const& reader, SchemaNode const& writer) {
    if (!count(reader.fields.size() + writer.fields.size())) return false;
    FieldIndex const index(writer);
    return std::ranges::all_of(reader.fields, [&](SchemaField const& field) {
      auto const* written = index.find(field);
      return written != nullptr ? matches(field.type, written->type)
                                : field.default_value.has_value();
    });
  }

  Schema const& reader_;
  Schema const& writer_;
  Pairs refused_, assumed_, proven_;
  std::size_t comparisons_ = 0;
  std::size_t depth_ = 0;
  bool exhausted_ = false;
};

// Walks the pairs that do not match and says why, each pair once.
class Explanation {
 public:
  Explanation(Schema const& reader, Schema const& writer, Resolution& resolution)
      : reader_(reader), writer_(writer), resolution_(resolution) {}

  void explain(NodeId reader_id, NodeId writer_id, std::string const& path) {
    if (reasons_.size() >= reasons_max || resolution_.reads(reader_id, writer_id)) return;
    if (!seen_.emplace(reader_id, writer_id).second) return;
    auto const& reader = reader_.at(reader_id);
    auto const& writer = writer_.at(writer_id);
    if (writer.form == Form::choice) return explain_branches(reader_id, writer, path);
    if (reader.form == Form::choice)
      return add(Kind::missing_union_branch, path, "reader union lacks " + what(writer));
    if (reader.form != writer.form)
      return add(Kind::type_mismatch, path,
                 "reader expects " + what(reader) + ", writer has " + what(writer));
    if (reader.form == Form::array)
      return explain(reader.parts[0], writer.parts[0], path + "/items");
    if (reader.form == Form::map)
      return explain(reader.parts[0], writer.parts[0], path + "/values");
    if (!names_match(reader, writer))
      add(Kind::name_mismatch, path + "/name",
          "reader expects the name " + reader.name + ", writer has " + writer.name);
    if (reader.form == Form::fixed && reader.size != writer.size)
      add(Kind::fixed_size_mismatch, path + "/size",
          "reader expects " + std::to_string(reader.size) + " bytes, writer has " +
              std::to_string(writer.size));
    if (reader.form == Form::enumeration)
      if (auto const missing = missing_symbols(reader, writer); !missing.empty())
        add(Kind::missing_enum_symbols, path + "/symbols", "reader lacks the symbols " + missing);
    if (reader.form == Form::record) explain_fields(reader, writer, path);
  }

  std::vector<Incompatibility> take() { return std::move(reasons_); }

 private:
  void add(Kind kind, std::string const& path, std::string message) {
    reasons_.push_back({kind, path, std::move(message)});
  }

  void explain_branches(NodeId reader_id, SchemaNode const& writer, std::string const& path) {
    bool const both = reader_.at(reader_id).form == Form::choice;
    for (std::size_t i = 0; i < writer.parts.size() && reasons_.size() < reasons_max; ++i) {
      if (!both)
        explain(reader_id, writer.parts[i], path);
      else if (!resolution_.reads(reader_id, writer.parts[i]))
        add(Kind::missing_union_branch, path + "/" + std::to_string(i),
            "reader union lacks " + what(writer_.at(writer.parts[i])));
    }
  }

  void explain_fields(SchemaNode const& reader, SchemaNode const& writer, std::string const& path) {
    FieldIndex const index(writer);
    for (std::size_t i = 0; i < reader.fields.size() && reasons_.size() < reasons_max; ++i) {
      auto const& field = reader.fields[i];
      auto const place = path + "/fields/" + std::to_string(i);
      if (auto const* written = index.find(field))
        explain(field.type, written->type, place + "/type");
      else if (!field.default_value)
        add(Kind::reader_field_missing_default_value, place,
            "reader field `" + field.name + "` is not written and has no default");
    }
  }

  Schema const& reader_;
  Schema const& writer_;
  Resolution& resolution_;
  std::set<std::pair<NodeId, NodeId>> seen_;
  std::vector<Incompatibility> reasons_;
};

}  // namespace

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::name_mismatch:
      return "NAME_MISMATCH";
    case Kind::type_mismatch:
      return "TYPE_MISMATCH";
    case Kind::reader_field_missing_default_value:
      return "READER_FIELD_MISSING_DEFAULT_VALUE";
    case Kind::missing_union_branch:
      return "MISSING_UNION_BRANCH";
    case Kind::missing_enum_symbols:
      return "MISSING_ENUM_SYMBOLS";
    case Kind::fixed_size_mismatch:
      return "FIXED_SIZE_MISMATCH";
    case Kind::too_complex:
      return "TOO_COMPLEX";
  }
  return "";
}

std::vector<Incompatibility> can_read(Schema const& reader, Schema const& writer) {
  Resolution resolution(reader, writer);
  if (resolution.reads(reader.root, writer.root)) return {};
  Explanation explanation(reader, writer, resolution);
  if (!resolution.exhausted()) explanation.explain(reader.root, writer.root, "");
  if (resolution.exhausted())
    return {{Kind::too_complex, "", "comparing the schemas takes more than a million steps"}};
  return explanation.take();
}

}  // namespace hansa::avro
