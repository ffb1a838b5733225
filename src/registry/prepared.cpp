#include "registry/prepared.h"

#include <fmt/format.h>

#include "avro/compatibility.h"
#include "avro/schema_text.h"
#include "crypto/digest.h"

namespace hansa::registry {
namespace {

std::string digest_of(SchemaType type, std::string const& references, std::string const& text) {
  return crypto::hex(crypto::sha256(fmt::format("{}\n{}\n{}", to_text(type), references, text)));
}

std::unexpected<RegistryError> invalid(Error const& error) {
  auto message = "Invalid schema: " + error.detail;
  if (!error.hint.empty()) message += "; " + error.hint;
  return std::unexpected(registry_error(42201, std::move(message)));
}

// A schema may be written as a bare word, "string" without its quotes, too.
Result<json::Value> parse_document(std::string const& text) {
  return json::parse(text, {.bytes_max = avro::schema_bytes_max});
}

Answer<Prepared> prepare_avro(Given const& given, Definitions const& definitions,
                              Normalize normalize) {
  auto const document = parse_document(given.text);
  if (!document) return invalid(document.error());
  std::map<std::string, json::Value> defined;
  for (auto const& [name, text] : definitions) {
    auto definition = parse_document(text);
    if (!definition) return invalid(definition.error());
    auto full = avro::defined_name(*definition);
    defined.insert_or_assign(full.empty() ? name : std::move(full), *std::move(definition));
  }
  auto const whole = defined.empty() ? *document : avro::write_in(*document, std::move(defined));
  auto parsed = avro::parse_schema(json::to_text(whole), avro::Defaults::ignored);
  if (!parsed) return invalid(parsed.error());
  Prepared prepared{.schema = given};
  prepared.schema.text = normalize == Normalize::yes ? avro::normal_schema_text(*document)
                                                     : avro::schema_text(*document);
  prepared.parsed = *std::move(parsed);
  return prepared;
}

Answer<Prepared> prepare_json(Given const& given) {
  auto const document = parse_document(given.text);
  if (!document) return invalid(document.error());
  if (document->as_object() == nullptr && document->as_bool() == nullptr)
    return std::unexpected(
        registry_error(42201, "Invalid schema: a JSON Schema is an object, true or false"));
  Prepared prepared{.schema = given};
  prepared.schema.text = json::to_text(*document);
  return prepared;
}

}  // namespace

Answer<Prepared> prepare(Given const& given, Definitions const& definitions, Normalize normalize) {
  auto prepared = given.type == SchemaType::avro ? prepare_avro(given, definitions, normalize)
                                                 : prepare_json(given);
  if (prepared)
    prepared->digest = digest_of(given.type, json::to_text(references_json(given.references)),
                                 prepared->schema.text);
  return prepared;
}

json::Value references_json(std::vector<Reference> const& references) {
  json::Array list;
  for (Reference const& each : references)
    list.push_back(json::object({{"name", json::text(each.name)},
                                 {"subject", json::text(each.subject)},
                                 {"version", json::integer(each.version)}}));
  return json::array(std::move(list));
}

Answer<std::vector<Reference>> parse_references(json::Value const& list) {
  auto const bad = [](std::string why) {
    return std::unexpected(registry_error(42201, "Invalid schema: " + std::move(why)));
  };
  auto const* const items = list.as_array();
  if (items == nullptr) return bad("references are a list");
  if (items->size() > references_max)
    return bad(fmt::format("more than {} references", references_max));
  std::vector<Reference> out;
  for (json::Value const& item : *items) {
    auto const* const name = item.find("name");
    auto const* const subject = item.find("subject");
    auto const* const version = item.find("version");
    bool const whole = name != nullptr && name->as_string() != nullptr && subject != nullptr &&
                       subject->as_string() != nullptr && version != nullptr &&
                       version->as_number() != nullptr;
    if (!whole) return bad("a reference has name, subject and version");
    constexpr std::size_t digits_max = 9;
    auto const& digits = version->as_number()->digits;
    if (digits.empty() || digits.size() > digits_max ||
        digits.find_first_not_of("0123456789-") != std::string::npos)
      return bad("the version of a reference is a whole number");
    out.push_back({*name->as_string(), *subject->as_string(), std::stoi(digits)});
  }
  return out;
}

namespace {

bool is_transitive(Level level) {
  return level == Level::backward_transitive || level == Level::forward_transitive ||
         level == Level::full_transitive;
}
bool is_backward(Level level) {
  return level == Level::backward || level == Level::backward_transitive || level == Level::full ||
         level == Level::full_transitive;
}
bool is_forward(Level level) {
  return level == Level::forward || level == Level::forward_transitive || level == Level::full ||
         level == Level::full_transitive;
}

void add_reasons(avro::Schema const& reader, avro::Schema const& writer,
                 std::vector<std::string>& out) {
  for (auto const& each : avro::can_read(reader, writer))
    out.push_back(
        fmt::format("{{errorType:'{}', description:'{} (at path '{}')', "
                    "additionalInfo:'{}'}}",
                    avro::to_text(each.kind), each.message, each.path, each.path));
}

std::vector<std::string> disagreements(Level level, Prepared const& schema, Version const& old,
                                       Definitions const& definitions) {
  if (old.schema.type != schema.schema.type)
    return {
        fmt::format("{{errorType:'SCHEMA_TYPE_MISMATCH', description:'the subject holds {} "
                    "schemas', additionalInfo:'{}'}}",
                    to_text(old.schema.type), to_text(schema.schema.type))};
  if (schema.schema.type == SchemaType::json) {
    if (old.schema.text == schema.schema.text) return {};
    return {
        "{errorType:'NOT_CHECKED', description:'whether JSON Schemas are compatible is not decided "
        "here: set the compatibility of the subject to NONE', additionalInfo:''}"};
  }
  auto const before = prepare(old.schema, definitions);
  if (!before) return {"{errorType:'OLD_SCHEMA', description:'the old schema cannot be read'}"};
  std::vector<std::string> out;
  if (is_backward(level)) add_reasons(*schema.parsed, *before->parsed, out);
  if (is_forward(level)) add_reasons(*before->parsed, *schema.parsed, out);
  return out;
}

}  // namespace

std::vector<std::string> incompatibilities(Level level, Prepared const& schema,
                                           std::span<Version const> before,
                                           std::span<Definitions const> definitions) {
  if (level == Level::none) return {};
  for (std::size_t i = 0; i < before.size(); ++i) {
    auto reasons = disagreements(level, schema, before[i], definitions[i]);
    if (!reasons.empty()) {
      reasons.push_back(fmt::format("{{oldSchemaVersion: {}}}", before[i].version));
      reasons.push_back(fmt::format("{{oldSchema: '{}'}}", before[i].schema.text));
      reasons.push_back(fmt::format("{{compatibility: '{}'}}", to_text(level)));
      return reasons;
    }
    if (!is_transitive(level)) break;
  }
  return {};
}

}  // namespace hansa::registry
