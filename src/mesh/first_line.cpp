#include "mesh/first_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa::mesh {

namespace {

constexpr std::string_view mark = "--";
constexpr std::string_view blanks = " \t\r";

// The words behind the mark, a comma being one of its own; nullopt if the line is no comment. The
// views are into the file's text.
std::optional<std::vector<std::string_view>> words_of(std::string_view text) {
  std::string_view const line = text.substr(0, text.find('\n'));
  if (!line.starts_with(mark)) return std::nullopt;
  std::vector<std::string_view> words;
  for (std::size_t at = mark.size(); at < line.size();) {
    std::size_t const start = line.find_first_not_of(blanks, at);
    if (start == std::string_view::npos) break;
    std::size_t end = std::min(line.find_first_of(" \t\r,", start), line.size());
    if (line[start] == ',') end = start + 1;
    words.push_back(line.substr(start, end - start));
    at = end;
  }
  return words;
}

// Takes the words of a line one by one; the first mistake ends it.
class Line {
 public:
  Line(SqlFile const& file, std::vector<std::string_view> words, Code code,
       std::string_view example, Diagnostics& diagnostics)
      : file_(file),
        words_(std::move(words)),
        code_(code),
        example_(example),
        diagnostics_(diagnostics) {}

  [[nodiscard]] bool at_end() const { return next_ == words_.size(); }
  [[nodiscard]] std::string_view peek() const { return at_end() ? "" : words_[next_]; }
  [[nodiscard]] SourceRange where() const {
    if (at_end()) {  // behind the last word
      std::string_view const last =
          words_.empty() ? file_.text.substr(0, mark.size()) : words_.back();
      auto const end = static_cast<std::size_t>(last.data() + last.size() - file_.text.data());
      return {file_.name, 1, static_cast<std::uint32_t>(end + 1), 0};
    }
    auto const offset = static_cast<std::size_t>(words_[next_].data() - file_.text.data());
    return {file_.name, 1, static_cast<std::uint32_t>(offset + 1),
            static_cast<std::uint32_t>(words_[next_].size())};
  }
  std::string_view take() { return words_[next_++]; }
  bool accept(std::string_view word) {
    if (peek() != word) return false;
    ++next_;
    return true;
  }

  // The remaining words can go no further; `known` are those that could stand here.
  void refuse(std::vector<std::string_view> const& known, std::string message = {}) {
    std::string_view const near = nearest(peek(), known);
    if (message.empty()) {
      message = at_end() ? "the first line ends too early"
                         : fmt::format("`{:.40}` is out of place in the first line", peek());
    }
    diagnostics_.error(code_, where(), std::move(message),
                       near.empty() ? fmt::format("write it as `{}`", example_)
                                    : fmt::format("did you mean `{}`?", near));
  }

 private:
  SqlFile const& file_;
  std::vector<std::string_view> words_;
  Code code_;
  std::string_view example_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
};

bool* flag_of(EmissionLine& line, std::string_view event) {
  if (event == "insert") return &line.on_insert;
  if (event == "update") return &line.on_update;
  if (event == "delete") return &line.on_delete;
  return nullptr;
}

bool read_events(Line& line, EmissionLine& read) {
  do {
    bool* const flag = flag_of(read, line.peek());
    if (flag == nullptr) {
      bool const misspelt = !line.at_end() && line.peek() != "," && line.peek() != "on";
      line.refuse(
          {"insert", "update", "delete"},
          misspelt ? fmt::format("`{:.40}` is no event: insert, update and delete are", line.peek())
                   : "the first line names no event");
      return false;
    }
    if (*flag) {
      line.refuse({}, fmt::format("`{}` stands twice", line.peek()));
      return false;
    }
    *flag = true;
    line.take();
  } while (line.accept(","));
  return true;
}

std::optional<std::uint32_t> batch_size(std::string_view digits) {
  std::uint32_t size = 0;
  auto const* const end = digits.data() + digits.size();
  auto const [stop, error] = std::from_chars(digits.data(), end, size);
  if (error != std::errc{} || stop != end || size == 0 || size > batch_max) return std::nullopt;
  return size;
}

}  // namespace

std::optional<EmissionLine> read_emission_line(SqlFile const& file, Diagnostics& diagnostics) {
  constexpr std::string_view example = "-- after insert, update on <table>";
  auto words = words_of(file.text);
  if (!words || words->empty()) {
    diagnostics.error(Code::invalid_emission, {file.name, 1, 1, 0},
                      "the first line does not say when the emission runs",
                      fmt::format("begin the file with `{}`", example));
    return std::nullopt;
  }
  Line line(file, *std::move(words), Code::invalid_emission, example, diagnostics);
  EmissionLine read;
  if (!line.accept("after")) return line.refuse({"after"}), std::nullopt;
  if (!read_events(line, read)) return std::nullopt;
  if (!line.accept("on")) return line.refuse({"on"}), std::nullopt;
  if (line.at_end()) return line.refuse({}, "the first line names no table"), std::nullopt;
  read.table.where = line.where();
  read.table.value = line.take();
  if (!line.at_end()) return line.refuse({}), std::nullopt;
  return read;
}

std::optional<ReactionLine> read_reaction_line(SqlFile const& file, Diagnostics& diagnostics) {
  constexpr std::string_view example =
      "-- each` or `-- batch 500`, with `effect` or `projection` behind it: `-- each effect";
  auto words = words_of(file.text);
  if (!words) return ReactionLine{.where = {file.name, 1, 1, 0}};
  Line line(file, *std::move(words), Code::invalid_reaction, example, diagnostics);
  ReactionLine read{.where = line.where()};
  if (line.accept("batch")) {
    auto const size = batch_size(line.peek());
    if (!size) {
      line.refuse({}, fmt::format("a batch has a size from 1 to {}", batch_max));
      return std::nullopt;
    }
    read.batch = *size;
    line.take();
  } else if (!line.accept("each")) {
    line.refuse({"each", "batch"}, "the first line does not say how the reaction runs");
    return std::nullopt;
  }
  if (line.accept("projection")) {
    read.kind = Reaction::Kind::projection;
  } else if (!line.at_end() && !line.accept("effect")) {
    return line.refuse({"effect", "projection"}), std::nullopt;
  }
  if (!line.at_end()) return line.refuse({}), std::nullopt;
  return read;
}

}  // namespace hansa::mesh
