#include "delivery/load_chunk.h"

#include <algorithm>
#include <charconv>

namespace hansa::delivery {
namespace {

using types::Kind;

bool needs_escape(char c) { return c == '\\' || c == '\n' || c == '\r' || c == '\t'; }

// Escapes what was written from `start` on, in place; nothing to do is the common case.
void escape_copy_text(std::string& data, std::size_t start) {
  auto const from =
      std::find_if(data.begin() + static_cast<std::ptrdiff_t>(start), data.end(), needs_escape);
  if (from == data.end()) return;
  auto const tail = std::string(from, data.end());
  data.erase(from, data.end());
  for (char const c : tail) {
    if (!needs_escape(c)) {
      data += c;
      continue;
    }
    data += '\\';
    data += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\\';
  }
}

}  // namespace

std::size_t LoadChunk::data_bytes() const {
  std::size_t bytes = 0;
  for (auto const& stream : streams) bytes += stream.data.size();
  return bytes;
}

RowWriter::RowWriter(mesh::Object const& object) {
  columns_.reserve(object.columns.size());
  for (auto const& column : object.columns) {
    auto const kind = column.type.kind;
    columns_.push_back(
        {.column = &column,
         .reader = types::Reader(column.type, &column.rules),
         .has_default = column.identity || column.default_value.has_value(),
         .escaped = kind == Kind::text || kind == Kind::json || kind == Kind::bytes});
  }
}

std::optional<std::size_t> RowWriter::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].column->name.text() == name) return i;
  return std::nullopt;
}

bool RowWriter::may_be_absent(std::size_t index) const {
  return columns_[index].has_default || !columns_[index].column->required;
}

void RowWriter::begin(LoadChunk& chunk, std::vector<bool> const& given) {
  chunk_ = &chunk;
  auto const same = [&](LoadStream const& stream) { return stream.given == given; };
  auto const stream = std::find_if(chunk.streams.begin(), chunk.streams.end(), same);
  row_ = {};
  first_ = true;
  row_.stream = static_cast<std::uint32_t>(stream - chunk.streams.begin());
  if (stream == chunk.streams.end()) chunk.streams.push_back({given, {}});
  row_.at = chunk.streams[row_.stream].data.size();
}

std::string& RowWriter::start_value() {
  auto& data = chunk_->streams[row_.stream].data;
  if (!first_) data += '\t';
  first_ = false;
  return data;
}

template <class Read>
bool RowWriter::add(std::size_t index, Read read) {
  auto& data = start_value();
  auto const& target = columns_[index];
  auto const start = data.size();
  if (types::Refusal const refused = read(target.reader, data)) {
    reason_ = target.column->name.text() + ": " + *refused;
    return false;
  }
  if (target.column->identity) {
    std::int64_t value = 0;
    auto const read_end =
        std::from_chars(data.data() + start, data.data() + data.size(), value).ptr;
    if (read_end == data.data() + data.size()) row_.identity = value;
  }
  if (target.escaped) escape_copy_text(data, start);
  return true;
}

bool RowWriter::add_text(std::size_t index, std::string_view text) {
  return add(index, [text](types::Reader const& reader, std::string& data) {
    return reader.read_text(text, data);
  });
}

bool RowWriter::add_json(std::size_t index, json::Value const& value) {
  if (value.is_null()) return add_null(index);
  return add(index, [&value](types::Reader const& reader, std::string& data) {
    return reader.read_json(value, data);
  });
}

bool RowWriter::add_null(std::size_t index) {
  auto const& column = *columns_[index].column;
  if (column.required) {
    reason_ = column.name.text() + ": required";
    return false;
  }
  start_value() += "\\N";
  return true;
}

void RowWriter::end(FilePlace const& place) {
  auto& data = chunk_->streams[row_.stream].data;
  data += '\n';
  row_.bytes = data.size() - row_.at;
  row_.place = place;
  chunk_->rows.push_back(row_);
}

void RowWriter::abandon() { chunk_->streams[row_.stream].data.resize(row_.at); }

}  // namespace hansa::delivery
