// Rows as JSON text: both ways to read one agree wherever the tree's stricter parser takes it, and
// what was encoded can be decoded.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "avro/avro.h"
#include "avro/schema.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa;
  using types::Kind;
  static avro::RecordSchema const record{
      .name = "R",
      .fields = {{.name = "a", .type = {.kind = Kind::text}, .nullable = true},
                 {.name = "b",
                  .type = {.kind = Kind::numeric, .precision = 45, .scale = 3},
                  .nullable = true},
                 {.name = "c", .type = {.kind = Kind::timestamptz}, .nullable = true},
                 {.name = "d", .type = {.kind = Kind::float64}, .nullable = true},
                 {.name = "e", .type = {.kind = Kind::bytes}, .nullable = true},
                 {.name = "f", .type = {.kind = Kind::time}, .nullable = true},
                 {.name = "g", .type = {.kind = Kind::date}, .nullable = true},
                 {.name = "h", .type = {.kind = Kind::numeric}, .nullable = true}}};
  static avro::Schema const schema = *avro::parse_schema(json::to_text(avro::to_json(record)));
  static avro::RowEncoder encoder(record);
  std::string_view const row(reinterpret_cast<char const*>(data), size);
  std::string streamed, from_tree, decoded;
  bool const taken = encoder.encode(row, streamed).has_value();
  if (taken && !avro::decode(schema, streamed, decoded)) std::abort();
  auto const tree = json::parse(row);
  if (!tree) return 0;
  if (avro::encode_row(record, *tree, from_tree).has_value() != taken) std::abort();
  if (taken && from_tree != streamed) std::abort();
  return 0;
}
