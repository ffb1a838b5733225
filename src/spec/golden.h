// For tests: single-file goldens. A file under testdata/ holds sections; the last is `expected`:
//
//   -- input --
//   name: [1
//   -- expected --
//   ...
//
// A section's name may end in " (escaped)": then \xNN in its body is that byte. With
// HANSA_UPDATE_GOLDENS set in the environment, check() rewrites what is expected instead of
// comparing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace hansa::golden {

struct Section {
  std::string name;
  std::string body;
};

struct Case {
  std::filesystem::path file;
  std::vector<Section> sections;  // without `expected`
  std::string expected;
};

inline std::string read_file(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void write_file(std::filesystem::path const& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "\\x" && at + 3 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(at + 2, 2)), nullptr, 16));
      at += 3;
    } else {
      out += text[at];
    }
  }
  return out;
}

inline std::vector<Section> parse_sections(std::string const& text) {
  constexpr std::string_view escaped = " (escaped)";
  std::vector<Section> sections;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-- ") && line.ends_with(" --")) {
      sections.push_back({line.substr(3, line.size() - 6), {}});
    } else if (!sections.empty()) {
      sections.back().body += line + "\n";
    }
  }
  for (Section& section : sections) {
    if (!section.name.ends_with(escaped)) continue;
    section.name.resize(section.name.size() - escaped.size());
    section.body = unescape(section.body);
  }
  return sections;
}

// Every *.txt of the folder, ordered by name.
inline std::vector<Case> cases(std::filesystem::path const& folder) {
  std::vector<Case> list;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    Case each{entry.path(), parse_sections(read_file(entry.path())), {}};
    if (!each.sections.empty() && each.sections.back().name == "expected") {
      each.expected = std::move(each.sections.back().body);
      each.sections.pop_back();
    }
    list.push_back(std::move(each));
  }
  std::ranges::sort(list, {}, &Case::file);
  return list;
}

inline void check(Case const& golden, std::string const& actual) {
  if (std::getenv("HANSA_UPDATE_GOLDENS") == nullptr) {
    EXPECT_EQ(actual, golden.expected) << golden.file;
    return;
  }
  std::string text = read_file(golden.file);
  constexpr std::string_view mark = "-- expected --\n";
  std::size_t const at = text.find(mark);
  if (at != std::string::npos) text.resize(at);
  write_file(golden.file, text.append(mark).append(actual));
}

// A folder of its own that goes away with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hansa-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hansa::golden
