// CSV as RFC 4180 has it, one record at a time from memory. Pure; every input ends in a verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hansa::delivery {

struct CsvField {
  std::string_view text;  // into the source, or into the record where quotes had to be undone
  bool quoted = false;
};

// Whether `text` is all that is left of the file.
enum class CsvEnd : std::uint8_t { more_follows, end_of_file };

// One record. Reused from call to call, so that reading allocates nothing in the end.
class CsvRecord {
 public:
  enum class State : std::uint8_t {
    fields,      // read
    blank,       // a line without any character
    broken,      // no CSV: `problem` says why, and the record is one line of the file
    unfinished,  // no end of a line within the text, and more follows
  };

  // Reads the record at the front of `text`, which is not empty and outlives the fields.
  State read(std::string_view text, CsvEnd end);

  [[nodiscard]] std::vector<CsvField> const& fields() const { return fields_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // with the end of the line
  [[nodiscard]] std::size_t lines() const { return lines_; }  // of the file it covers
  [[nodiscard]] std::string_view problem() const { return problem_; }

  static constexpr std::size_t fields_max = 2000;  // PostgreSQL has 1600 columns at most

 private:
  bool read_quoted(std::string_view text, std::size_t& at);
  bool read_plain(std::string_view text, std::size_t& at);
  State broken(std::string_view problem, std::string_view text, std::size_t from, CsvEnd end);

  std::vector<CsvField> fields_;
  std::string unquoted_;  // reserved as large as the text before any view of it is taken
  std::size_t bytes_ = 0, lines_ = 1;
  std::string_view problem_;
};

// `text` as one field: quoted, quotes doubled.
void append_csv_quoted(std::string_view text, std::string& out);

}  // namespace hansa::delivery
