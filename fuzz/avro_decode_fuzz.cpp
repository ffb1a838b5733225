// Avro data: the input is a schema's JSON, a zero byte and data written with it, or just data for a
// schema that has every form. What comes out is JSON.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "avro/schema.h"

namespace {

constexpr std::string_view every_form = R"({"type":"record","name":"R","fields":[
  {"name":"u","type":["null","boolean","int","long","float","double","bytes","string","R",
    {"type":"enum","name":"E","symbols":["A","B"]},{"type":"fixed","name":"F","size":3},
    {"type":"array","items":["null","R","string"]},{"type":"map","values":["null","R","long"]}]},
  {"name":"l","type":["null",{"type":"bytes","logicalType":"decimal","precision":50,"scale":5},
    {"type":"int","logicalType":"date"},{"type":"long","logicalType":"timestamp-millis"},
    {"type":"string","hansa.type":"json"},
    {"type":"fixed","name":"D","size":12,"logicalType":"duration"}]},
  {"name":"n","type":["null",{"type":"string","hansa.type":"numeric"},
    {"type":"int","logicalType":"time-millis"},{"type":"long","logicalType":"time-micros"}]}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa;
  std::string_view bytes(reinterpret_cast<char const*>(data), size);
  auto document = every_form;
  if (bytes.starts_with('{') || bytes.starts_with('[') || bytes.starts_with('"')) {
    auto const cut = bytes.find('\0');
    if (cut == std::string_view::npos) return 0;
    document = bytes.substr(0, cut);
    bytes.remove_prefix(cut + 1);
  }
  auto const schema = avro::parse_schema(document);
  if (!schema) return 0;
  std::string out;
  avro::DecodeLimits const limits{.depth_max = 64, .values_max = 10'000, .bytes_max = 1U << 20U};
  if (!avro::decode(*schema, bytes, out, limits)) return 0;
  if (!json::parse(out, {.depth_max = 100})) std::abort();
  return 0;
}
