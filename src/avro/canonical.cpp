// The Parsing Canonical Form and its fingerprint.
#include <array>
#include <set>

#include "avro/forms.h"
#include "avro/schema.h"

namespace hansa::avro {
namespace {

// Names and symbols hold nothing that JSON would escape.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(Schema const& schema) : schema_(schema) {}

  // Recursion ends: a named type is entered once, and the rest nests as deep as the document did.
  void write(NodeId id) {
    auto const& node = schema_.at(id);
    if (!node.name.empty()) return write_named(id, node);
    switch (node.form) {
      case Form::array:
      case Form::map:
        out_ +=
            node.form == Form::array ? R"({"type":"array","items":)" : R"({"type":"map","values":)";
        write(node.parts[0]);
        out_ += '}';
        return;
      case Form::choice:
        return write_list(node.parts, [this](NodeId part) { write(part); });
      default:
        return quote(form_name(node.form));
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write_named(NodeId id, SchemaNode const& node) {
    if (!written_.insert(id).second) return quote(node.name);
    out_ += R"({"name":)";
    quote(node.name);
    out_ += R"(,"type":)";
    quote(form_name(node.form));
    if (node.form == Form::fixed) {
      out_ += R"(,"size":)" + std::to_string(node.size);
    } else if (node.form == Form::enumeration) {
      out_ += R"(,"symbols":)";
      write_list(node.symbols, [this](std::string const& symbol) { quote(symbol); });
    } else {
      out_ += R"(,"fields":)";
      write_list(node.fields, [this](SchemaField const& field) {
        out_ += R"({"name":)";
        quote(field.name);
        out_ += R"(,"type":)";
        write(field.type);
        out_ += '}';
      });
    }
    out_ += '}';
  }

  template <class List, class WriteOne>
  void write_list(List const& list, WriteOne write_one) {
    out_ += '[';
    bool first = true;
    for (auto const& one : list) {
      if (!first) out_ += ',';
      first = false;
      write_one(one);
    }
    out_ += ']';
  }

  void quote(std::string_view text) {
    out_ += '"';
    out_ += text;
    out_ += '"';
  }

  Schema const& schema_;
  std::set<NodeId> written_;
  std::string out_;
};

constexpr std::uint64_t empty_fingerprint = 0xc15d213aa4d7a795U;

constexpr std::array<std::uint64_t, 256> fingerprint_table = [] {
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t byte = 0; byte < table.size(); ++byte) {
    auto value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1U) ^ ((value & 1U) != 0 ? empty_fingerprint : 0);
    table[byte] = value;
  }
  return table;
}();

}  // namespace

std::string canonical_form(Schema const& schema) {
  CanonicalWriter writer(schema);
  writer.write(schema.root);
  return writer.take();
}

std::uint64_t fingerprint(std::string_view canonical_form) {
  auto value = empty_fingerprint;
  for (char const c : canonical_form)
    value = (value >> 8U) ^ fingerprint_table[(value ^ static_cast<unsigned char>(c)) & 0xFFU];
  return value;
}

}  // namespace hansa::avro
