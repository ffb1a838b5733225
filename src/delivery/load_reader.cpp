#include "delivery/load_reader.h"

#include <algorithm>

#include "delivery/csv.h"

namespace hansa::delivery {
namespace {

constexpr std::size_t chunk_bytes_max = std::size_t{4} << 20U;
constexpr std::size_t streams_max = 64;  // sets of columns in one chunk
constexpr std::size_t rejects_max = 10'000;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

[[noreturn]] void refuse_header(std::string detail, std::string hint = {}) {
  throw Failure(Code::load_failed, std::move(detail), std::move(hint));
}

std::string nearest_column(mesh::Object const& object, std::string_view name) {
  std::vector<std::string_view> names;
  for (auto const& column : object.columns) names.push_back(column.name.text());
  auto const near = nearest(name, names);
  return near.empty() ? "the contract has no such column"
                      : "did you mean `" + std::string(near) + "`?";
}

// Names of columns hold neither of these, so one that does is a whole line.
std::string separator_hint(std::string_view name) {
  for (char const c : {';', '\t', '|'})
    if (name.contains(c))
      return std::string("columns are separated by commas here, not by ") +
             (c == '\t' ? "tabs" : std::string("`") + c + "`");
  return {};
}

class CsvReader final : public LoadReader {
 public:
  CsvReader(OpenFile const& file, mesh::Object const& object, LoadOptions const& options,
            LoadPosition start)
      : LoadReader(file, object, options, start), given_(object.columns.size(), false) {
    FileWindow window(file, options.line_bytes_max + 2, 0);
    read_header(window, object);
    if (start.bytes == 0) pass_header(window.position());
    field_of_.resize(object.columns.size());
    for (std::size_t field = 0; field < column_of_.size(); ++field) {
      given_[column_of_[field]] = true;
      field_of_[column_of_[field]] = field;
    }
    for (std::size_t i = 0; i < given_.size(); ++i)
      if (!given_[i] && !writer_.may_be_absent(i))
        refuse_header("column `" + writer_.column(i).name.text() +
                          "` is required, has no default and is not in the first line",
                      "the first line of a CSV file names its columns");
    full_ = given_;
  }

 private:
  void read_header(FileWindow& window, mesh::Object const& object) {
    auto text = window.ahead();
    if (text.starts_with(byte_order_mark)) {
      window.advance(byte_order_mark.size());
      text = window.ahead();
    }
    if (text.empty()) refuse_header("the file is empty", "the first line names the columns");
    auto const shown = text.substr(0, line_bytes_max_ + 2);
    bool const whole = window.at_end() && shown.size() == text.size();
    auto const state = record_.read(shown, whole ? CsvEnd::end_of_file : CsvEnd::more_follows);
    if (state == CsvRecord::State::unfinished) refuse_header("the first line is too long");
    if (state != CsvRecord::State::fields)
      refuse_header("the first line does not name columns: " + std::string(record_.problem()));
    for (auto const& field : record_.fields()) {
      auto const index = writer_.find(field.text);
      auto const name = std::string(field.text.substr(0, 100));
      if (!index)
        refuse_header("unknown column `" + name + "`", separator_hint(name).empty()
                                                           ? nearest_column(object, name)
                                                           : separator_hint(name));
      if (std::ranges::find(column_of_, *index) != column_of_.end())
        refuse_header("column `" + name + "` stands twice in the first line");
      column_of_.push_back(*index);
    }
    window.advance(record_.bytes());
  }

  void pass_header(std::uint64_t bytes) {
    while (window_.position() < bytes && !window_.ahead().empty())
      window_.advance(std::min<std::size_t>(window_.ahead().size(),
                                            static_cast<std::size_t>(bytes - window_.position())));
    done_ = {record_.lines(), bytes};
  }

  void read_record(LoadChunk& chunk) override {
    auto const ahead = window_.ahead();
    auto const text = ahead.substr(0, line_bytes_max_ + 2);
    bool const whole = window_.at_end() && text.size() == ahead.size();
    auto const state = record_.read(text, whole ? CsvEnd::end_of_file : CsvEnd::more_follows);
    if (state == CsvRecord::State::unfinished) return reject_long_line(chunk);
    auto const place = pass(record_.bytes(), record_.lines());
    if (state == CsvRecord::State::blank && column_of_.size() >= 1) return;
    if (state == CsvRecord::State::broken) {
      chunk.rejects.push_back({place, std::string(record_.problem())});
      return;
    }
    if (auto reason = write_row(chunk, place); !reason.empty())
      chunk.rejects.push_back({place, std::move(reason)});
  }

  // "" when the row was taken.
  std::string write_row(LoadChunk& chunk, FilePlace const& place) {
    auto const& fields = record_.fields();
    if (fields.size() != column_of_.size())
      return "expected " + std::to_string(column_of_.size()) + " fields, found " +
             std::to_string(fields.size());
    bool defaults = false;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      auto const column = column_of_[field];
      bool const empty = fields[field].text.empty() && !fields[field].quoted;
      given_[column] = !(empty && writer_.has_default(column));
      defaults = defaults || !given_[column];
    }
    auto const& given = defaults ? given_ : full_;
    writer_.begin(chunk, given);
    for (std::size_t column = 0; column < given.size(); ++column) {
      if (!given[column]) continue;
      auto const& field = fields[field_of_[column]];
      bool const taken = field.text.empty() && !field.quoted ? writer_.add_null(column)
                                                             : writer_.add_text(column, field.text);
      if (taken) continue;
      writer_.abandon();
      return writer_.reason();
    }
    writer_.end(place);
    return {};
  }

  CsvRecord record_;
  std::vector<std::size_t> column_of_;  // by field
  std::vector<std::size_t> field_of_;   // by column
  std::vector<bool> given_, full_;  // by column: of this row; when no field is left to a default
};

class NdjsonReader final : public LoadReader {
 public:
  NdjsonReader(OpenFile const& file, mesh::Object const& object, LoadOptions const& options,
               LoadPosition start)
      : LoadReader(file, object, options, start), members_(object.columns.size()) {
    if (start.bytes == 0) skip_byte_order_mark();
  }

 private:
  void read_record(LoadChunk& chunk) override {
    auto const text = window_.ahead();
    auto const newline = text.substr(0, line_bytes_max_ + 1).find('\n');
    bool const last =
        newline == std::string_view::npos && window_.at_end() && text.size() <= line_bytes_max_;
    if (newline == std::string_view::npos && !last) return reject_long_line(chunk);
    auto const line = text.substr(0, newline);
    auto reason = line.find_first_not_of(" \t\r") == std::string_view::npos
                      ? std::optional<std::string>()
                      : write_row(chunk, line);
    auto const place = pass(last ? text.size() : newline + 1, 1);
    if (!reason) return;
    if (reason->empty())
      writer_.end(place);
    else
      chunk.rejects.push_back({place, *std::move(reason)});
  }

  // "" when the values were taken, and the row waits for its end.
  std::string write_row(LoadChunk& chunk, std::string_view line) {
    auto const value = json::parse(line);
    if (!value) return "not JSON: " + value.error().detail;
    if (value->as_object() == nullptr) return "expected an object";
    std::ranges::fill(members_, nullptr);
    std::vector<bool> given(members_.size(), false);
    for (auto const& [name, member] : *value->as_object()) {
      auto const index = writer_.find(name);
      if (!index) return "unknown column " + name.substr(0, 100);
      members_[*index] = &member;
      given[*index] = true;
    }
    if (value->as_object()->empty()) return "an object without any column";
    for (std::size_t i = 0; i < given.size(); ++i)
      if (!given[i] && !writer_.may_be_absent(i))
        return writer_.column(i).name.text() + ": required";
    writer_.begin(chunk, given);
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (!given[i] || writer_.add_json(i, *members_[i])) continue;
      writer_.abandon();
      return writer_.reason();
    }
    return {};
  }

  std::vector<json::Value const*> members_;  // by column
};

}  // namespace

LoadReader::LoadReader(OpenFile const& file, mesh::Object const& object, LoadOptions const& options,
                       LoadPosition start)
    : window_(file, options.line_bytes_max + 2, start.bytes),
      writer_(object),
      line_bytes_max_(options.line_bytes_max),
      done_(start),
      chunk_rows_(std::max<std::size_t>(1, options.chunk_rows)) {}

bool LoadReader::next(LoadChunk& chunk) {
  chunk.streams.clear();
  chunk.rows.clear();
  chunk.rejects.clear();
  auto const start = done_.bytes;
  bool more = !window_.ahead().empty();
  while (more && chunk.rows.size() < chunk_rows_ && chunk.rejects.size() < rejects_max &&
         chunk.streams.size() < streams_max && done_.bytes - start < chunk_bytes_max) {
    read_record(chunk);
    more = !window_.ahead().empty();
  }
  chunk.lines_end = done_.lines;
  chunk.bytes_end = done_.bytes;
  return more;
}

void LoadReader::skip_byte_order_mark() {
  if (window_.ahead().starts_with(byte_order_mark)) pass(byte_order_mark.size(), 0);
}

FilePlace LoadReader::pass(std::size_t bytes, std::size_t lines) {
  FilePlace const place{done_.lines + 1, done_.bytes, done_.bytes + bytes};
  window_.advance(bytes);
  done_.lines += lines;
  done_.bytes += bytes;
  return place;
}

void LoadReader::reject_long_line(LoadChunk& chunk) {
  FilePlace place{done_.lines + 1, done_.bytes, 0};
  window_.skip_line();
  done_ = {done_.lines + 1, window_.position()};
  place.end = done_.bytes;
  chunk.rejects.push_back({place, "longer than " + std::to_string(line_bytes_max_) + " bytes"});
}

std::unique_ptr<LoadReader> make_reader(OpenFile const& file, LoadFormat format,
                                        mesh::Object const& object, LoadOptions const& options,
                                        LoadPosition start) {
  if (format == LoadFormat::ndjson)
    return std::make_unique<NdjsonReader>(file, object, options, start);
  return std::make_unique<CsvReader>(file, object, options, start);
}

}  // namespace hansa::delivery
