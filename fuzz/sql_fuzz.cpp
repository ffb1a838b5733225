// SQL: whatever is parsed is judged, and every place that is named lies in the text. The longest of
// rules, so that judging goes everywhere.
#include <cstdint>
#include <cstdlib>

#include "sql/sql.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa::sql;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const statement = parse(text);
  if (!statement) {
    if (statement.error().offset > size || statement.error().word.empty()) std::abort();
    return 0;
  }
  Rules const rules{.kinds = {Kind::select, Kind::insert, Kind::update, Kind::remove, Kind::merge},
                    .read_schemas = {"s"},
                    .write_schemas = {"s"},
                    .frame = {"events"},
                    .modifying_ctes = true,
                    .batches = true};
  for (auto const& violation : judge(*statement, rules))
    if (violation.offset > size || to_text(violation).empty()) std::abort();
  static_cast<void>(columns_read(*statement, "events"));
  if (to_text(*statement).empty()) std::abort();
  return 0;
}
