#include "avro/avro.h"

namespace hansa::avro {

void frame(std::uint32_t schema_id, std::string& out) {
  out += '\0';
  for (unsigned shift = 32; shift > 0;) out += static_cast<char>(schema_id >> (shift -= 8) & 0xFFU);
}

Result<Framed> unframe(std::string_view bytes) {
  if (bytes.size() < frame_bytes || bytes[0] != 0)
    return failure(Code::invalid_body, "value does not begin with a schema id in Confluent framing",
                   "write it with a serializer that registers its schema");
  Framed framed{0, bytes.substr(frame_bytes)};
  for (std::size_t i = 1; i < frame_bytes; ++i)
    framed.schema_id = framed.schema_id << 8U | static_cast<unsigned char>(bytes[i]);
  return framed;
}

}  // namespace hansa::avro
