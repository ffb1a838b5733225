// Records: one value a field, from PostgreSQL's text, a row's JSON, or its text.
#include <algorithm>
#include <cassert>

#include "avro/avro.h"
#include "avro/binary.h"
#include "avro/encode_value.h"
#include "avro/json_scanner.h"
#include "avro/union_order.h"

namespace hansa::avro {
namespace {

using types::Kind;

std::unexpected<Error> refused(Field const& field, std::string_view reason) {
  return failure(Code::invalid_body, "field `" + field.name + "` of type " +
                                         types::to_text(field.type) + " " + std::string(reason));
}

// Removes what was appended, unless the record was finished.
class Rollback {
 public:
  explicit Rollback(std::string& out) : out_(&out), size_(out.size()) {}
  Rollback(Rollback const&) = delete;
  Rollback& operator=(Rollback const&) = delete;
  ~Rollback() {
    if (out_ != nullptr) out_->resize(size_);
  }
  void keep() { out_ = nullptr; }

 private:
  std::string* out_;
  std::size_t size_;
};

Reason encode_field(Field const& field, std::optional<std::string_view> text, std::string& out) {
  if (field.nullable) {
    write_varint(branch(field, text ? Branch::value : Branch::null), out);
    if (!text) return nullptr;
  } else if (!text) {
    return "is null and must not be";
  }
  return encode_value(field.type, *text, out);
}

// Whether row_to_json prints a value of the type between quotes.
enum class Quotes : std::uint8_t { never, always, for_words };  // for_words: NaN, Infinity
Quotes quotes_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
      return Quotes::never;
    case Kind::numeric:
    case Kind::float32:
    case Kind::float64:
      return Quotes::for_words;
    default:
      return Quotes::always;
  }
}

bool is_rightly_quoted(Kind kind, bool quoted, std::string_view text) {
  auto const quotes = quotes_of(kind);
  if (quotes != Quotes::for_words) return quoted == (quotes == Quotes::always);
  return !quoted || text == "NaN" || text == "Infinity" || text == "-Infinity";
}

Reason encode_scalar(Field const& field, bool quoted, std::string_view text, std::string& out) {
  if (!is_rightly_quoted(field.type.kind, quoted, text)) return "is another kind of JSON value";
  return encode_field(field, text, out);
}

// A member of a parsed row; nullptr where the row has none.
Reason encode_member(Field const& field, json::Value const* value, std::string& out) {
  if (value == nullptr) return "is missing";
  if (value->is_null() && (field.nullable || field.type.kind != Kind::json))
    return encode_field(field, std::nullopt, out);
  if (field.type.kind == Kind::json) return encode_field(field, json::to_text(*value), out);
  if (auto const* text = value->as_string()) return encode_scalar(field, true, *text, out);
  if (auto const* number = value->as_number())
    return encode_scalar(field, false, number->digits, out);
  if (auto const* boolean = value->as_bool())
    return encode_scalar(field, false, *boolean ? "true" : "false", out);
  return "is another kind of JSON value";
}

// What a field that is missing is taken for.
std::optional<std::string> default_bytes(Field const& field) {
  if (!has_own_default(field) && !field.nullable) return std::nullopt;
  std::string bytes;
  std::optional<std::string> text;
  if (has_own_default(field)) text = types::from_json(*field.default_value, field.type, {}).value();
  [[maybe_unused]] auto const reason = encode_field(field, text, bytes);
  assert(reason == nullptr);
  return bytes;
}

std::unexpected<Error> malformed(JsonScanner const& scanner) {
  return failure(Code::malformed_json, "row is malformed, or nested too deep, at byte " +
                                           std::to_string(scanner.position()));
}

}  // namespace

Result<void> encode(RecordSchema const& schema,
                    std::span<std::optional<std::string_view> const> values, std::string& out) {
  assert(values.size() == schema.fields.size());
  Rollback rollback(out);
  for (std::size_t i = 0; i < schema.fields.size(); ++i)
    if (auto const reason = encode_field(schema.fields[i], values[i], out); reason != nullptr)
      return refused(schema.fields[i], reason);
  rollback.keep();
  return {};
}

Result<void> encode_row(RecordSchema const& schema, json::Value const& row, std::string& out) {
  auto const* members = row.as_object();
  if (members == nullptr) return failure(Code::invalid_body, "row is no JSON object");
  Rollback rollback(out);
  for (auto const& field : schema.fields)
    if (auto const reason = encode_member(field, row.find(field.name), out); reason != nullptr)
      return refused(field, reason);
  // Every field was found once, and a parsed object repeats no key: a surplus is a stranger.
  if (members->size() != schema.fields.size())
    return failure(Code::invalid_body,
                   "row has members that " + schema.name + " has no fields for");
  rollback.keep();
  return {};
}

RowEncoder::RowEncoder(RecordSchema schema, Members members)
    : schema_(std::move(schema)), members_(members), defaults_(schema_.fields.size()) {
  if (members_ == Members::lenient)
    std::transform(schema_.fields.begin(), schema_.fields.end(), defaults_.begin(), default_bytes);
}

// The index of a field; their number if there is none of the name.
std::size_t RowEncoder::find(std::string_view name, std::size_t expected) const {
  auto const& fields = schema_.fields;
  if (expected < fields.size() && fields[expected].name == name) return expected;
  std::size_t at = 0;
  while (at < fields.size() && fields[at].name != name) ++at;
  return at;
}

Result<void> RowEncoder::refuse_stranger(std::string_view name) const {
  if (members_ == Members::lenient) return {};
  return failure(Code::invalid_body, "row has the member `" + std::string(name.substr(0, 100)) +
                                         "`, which is no field of " + schema_.name);
}

Result<void> RowEncoder::take_cell(JsonScanner& scanner, std::string_view row, std::size_t at) {
  using enum Cell::Form;
  auto const& field = schema_.fields[at];
  auto& cell = cells_[at];
  if (cell.form != absent) return refused(field, "stands twice");
  auto const first = scanner.peek();
  auto const begin = scanner.position();
  if (field.type.kind == Kind::json && first != 'n') {
    if (!scanner.skip_value(32)) return malformed(scanner);
    cell = {row.substr(begin, scanner.position() - begin), document};
  } else if (first == '"') {
    JsonScanner::String string;
    if (!scanner.take_string(string)) return malformed(scanner);
    cell = {string.text, string.escaped ? escaped : quoted};
  } else if (first == '{' || first == '[') {
    return refused(field, "is another kind of JSON value");
  } else {
    cell = {scanner.take_word(), bare};
    if (cell.text.empty()) return malformed(scanner);
    if (cell.text == "null") cell.form = null;
  }
  return {};
}

Result<void> RowEncoder::collect(std::string_view row) {
  using enum Cell::Form;
  cells_.assign(schema_.fields.size(), Cell{.text = {}, .form = absent});
  JsonScanner scanner(row);
  if (!scanner.take('{')) return malformed(scanner);
  std::size_t expected = 0;
  bool more = !scanner.take('}');
  while (more) {
    JsonScanner::String string;
    if (!scanner.take_string(string) || !scanner.take(':')) return malformed(scanner);
    unescaped_.clear();
    if (string.escaped && !unescape(string.text, unescaped_)) return malformed(scanner);
    std::string_view const name = string.escaped ? unescaped_ : string.text;
    auto const at = find(name, expected);
    if (at == cells_.size()) {
      HANSA_CHECK_OK(refuse_stranger(name));
      if (!scanner.skip_value(32)) return malformed(scanner);
    } else {
      expected = at + 1;
      HANSA_CHECK_OK(take_cell(scanner, row, at));
    }
    more = scanner.take(',');
    if (!more && !scanner.take('}')) return malformed(scanner);
  }
  return scanner.at_end() ? Result<void>{} : malformed(scanner);
}

Result<void> RowEncoder::encode_cells(std::string& out) {
  using enum Cell::Form;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    auto const& field = schema_.fields[i];
    auto cell = cells_[i];
    if (cell.form == escaped) {
      unescaped_.clear();
      if (!unescape(cell.text, unescaped_)) return refused(field, "has a lone surrogate");
      cell.text = unescaped_;
    }
    Reason reason = nullptr;
    if (cell.form == absent && defaults_[i])
      out += *defaults_[i];
    else if (cell.form == absent)
      reason = "is missing";
    else if (cell.form == null && (field.nullable || field.type.kind != Kind::json))
      reason = encode_field(field, std::nullopt, out);
    else if (field.type.kind == Kind::json)
      reason = encode_field(field, cell.text, out);
    else
      reason = encode_scalar(field, cell.form == quoted || cell.form == escaped, cell.text, out);
    if (reason != nullptr) return refused(field, reason);
  }
  return {};
}

Result<void> RowEncoder::encode(std::string_view row, std::string& out) {
  HANSA_CHECK_OK(collect(row));
  Rollback rollback(out);
  HANSA_CHECK_OK(encode_cells(out));
  rollback.keep();
  return {};
}

}  // namespace hansa::avro
