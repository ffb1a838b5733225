// The door to a mesh's files: lists a folder and reads its YAML, and its SQL in emit/ and on/,
// within bounds and without ever leaving it. Blocking; reads regular files only. Never throws for
// what stands in the folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/diagnostics.h"

namespace hansa::spec {

struct FolderLimits {
  std::size_t file_bytes_max = 1U << 20U;
  std::size_t total_bytes_max = 256U << 20U;
  std::size_t files_max = 20'000;
  std::size_t depth_max = 16;
};

struct Folder {
  std::string root;                          // absolute
  std::set<std::string, std::less<>> files;  // every file, relative, '/' separated
  SourceTexts texts;                         // of .yaml files, and of .sql files in emit/ and on/

  [[nodiscard]] bool has(std::string_view file) const { return files.contains(file); }
};

// Dot files and `build` folders are not looked at. Errors, added to `diagnostics`: unreadable_file,
// path_escapes (a link that leaves the folder), unexpected_file (a link to a folder, a device, a
// name that is not printable UTF-8), yaml_limit (size, number, depth).
[[nodiscard]] Folder read_folder(std::filesystem::path const& root, Diagnostics& diagnostics,
                                 FolderLimits const& limits = {});

}  // namespace hansa::spec
