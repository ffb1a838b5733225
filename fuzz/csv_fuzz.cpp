// CSV: every record moves on, covers what it says, and what is written is read back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "delivery/csv.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace hansa::delivery;
  std::string_view rest(reinterpret_cast<char const*>(data), size);
  CsvRecord record;
  while (!rest.empty()) {
    auto const state = record.read(rest, CsvEnd::end_of_file);
    if (state == CsvRecord::State::unfinished) std::abort();
    if (record.bytes() == 0 || record.bytes() > rest.size()) std::abort();
    if (state == CsvRecord::State::fields) {
      std::string written;
      std::vector<std::string> texts;
      for (auto const& field : record.fields()) {
        if (!texts.empty()) written += ',';
        texts.emplace_back(field.text);
        append_csv_quoted(field.text, written);
      }
      CsvRecord again;
      if (again.read(written, CsvEnd::end_of_file) != CsvRecord::State::fields) std::abort();
      auto const same = [](CsvField const& field, std::string const& text) {
        return field.text == text;
      };
      if (!std::ranges::equal(again.fields(), texts, same)) std::abort();
    }
    rest.remove_prefix(record.bytes());
  }
  return 0;
}
