// Schemas: what is taken has a canonical form that is taken again, with the same form, and reads
// itself unless that takes too long to find out.
#include <cstdint>
#include <cstdlib>

#include "avro/compatibility.h"
#include "avro/schema.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa::avro;
  auto const schema = parse_schema({reinterpret_cast<char const*>(data), size});
  if (!schema) return 0;
  auto const form = canonical_form(*schema);
  auto const again = parse_schema(form);
  if (!again || canonical_form(*again) != form) std::abort();
  for (auto const& reason : can_read(*schema, *schema))
    if (reason.kind != Incompatibility::Kind::too_complex) std::abort();
  return 0;
}
