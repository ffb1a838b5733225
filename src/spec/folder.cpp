#include "spec/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "spec/yaml.h"

namespace hansa::spec {

namespace fs = std::filesystem;

namespace {

// A name safe to print: what is not printable ASCII becomes \xNN.
std::string printable(std::string_view name) {
  std::string out;
  for (char const c : name.substr(0, 200)) {
    if (c >= 0x20 && c < 0x7F) {
      out += c;
    } else {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool is_inside(fs::path const& target, fs::path const& root) {
  auto const [in_root, in_target] = std::ranges::mismatch(root, target);
  return in_root == root.end();
}

// Other SQL, e.g. a dump that lies around, is none of a mesh's business and may be of any size.
bool is_attached_sql(std::string_view file) {
  bool const attached =
      file.find("/emit/") != std::string_view::npos || file.find("/on/") != std::string_view::npos;
  return attached && file.ends_with(".sql");
}

class Walk {
 public:
  Walk(Folder& folder, Diagnostics& diagnostics, FolderLimits const& limits, fs::path root)
      : folder_(folder), diagnostics_(diagnostics), limits_(limits), root_(std::move(root)) {}

  void enter(fs::path const& path, std::string const& prefix, std::size_t depth) {
    if (depth > limits_.depth_max) {
      diagnostics_.error(Code::yaml_limit, {prefix},
                         fmt::format("folders nested deeper than {}", limits_.depth_max));
      return;
    }
    for (auto const& entry : sorted_entries(path, prefix)) {
      if (stopped_) return;
      visit(entry, prefix, depth);
    }
  }

 private:
  std::vector<fs::directory_entry> sorted_entries(fs::path const& path, std::string const& prefix) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      entries.push_back(*at);
      if (entries.size() > limits_.files_max) {
        too_many();
        return {};
      }
    }
    if (error) {
      diagnostics_.error(Code::unreadable_file, {prefix},
                         fmt::format("the folder cannot be read: {}", error.message()));
    }
    std::ranges::sort(entries);
    return entries;
  }

  void visit(fs::directory_entry const& entry, std::string const& prefix, std::size_t depth) {
    std::string const name = entry.path().filename().string();
    if (name.starts_with('.')) return;
    Diagnostics unprintable;
    if (!check_text({}, name, unprintable) || name.find('\n') != std::string::npos) {
      diagnostics_.error(Code::unexpected_file, {prefix + printable(name)},
                         "a file's name must be printable UTF-8");
      return;
    }
    std::string const relative = prefix + name;
    std::error_code error;
    fs::file_status const status = entry.symlink_status(error);
    if (fs::is_directory(status)) {
      if (name != "build") enter(entry.path(), relative + "/", depth + 1);
    } else if (fs::is_regular_file(status)) {
      take(entry.path(), relative);
    } else if (fs::is_symlink(status)) {
      follow(entry.path(), relative);
    } else {
      diagnostics_.error(Code::unexpected_file, {relative}, "neither a file nor a folder");
    }
  }

  void follow(fs::path const& link, std::string const& relative) {
    std::error_code error;
    fs::path const target = fs::canonical(link, error);
    if (error) {
      diagnostics_.error(Code::unreadable_file, {relative},
                         fmt::format("the symbolic link leads nowhere: {}", error.message()));
    } else if (!is_inside(target, root_)) {
      diagnostics_.error(Code::path_escapes, {relative}, "the symbolic link leaves the folder",
                         "copy the file into the mesh");
    } else if (!fs::is_regular_file(target, error)) {
      diagnostics_.error(Code::unexpected_file, {relative},
                         "symbolic links to folders are not followed");
    } else {
      take(target, relative);
    }
  }

  void take(fs::path const& path, std::string const& relative) {
    if (folder_.files.size() >= limits_.files_max) return too_many();
    folder_.files.insert(relative);
    if (relative.ends_with(".yaml") || is_attached_sql(relative)) read(path, relative);
  }

  void read(fs::path const& path, std::string const& relative) {
    std::ifstream in(path, std::ios::binary);
    std::string text;
    std::array<char, 16'384> block;
    while (in && text.size() <= limits_.file_bytes_max) {
      in.read(block.data(), block.size());
      text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (text.size() <= limits_.file_bytes_max && !in.eof()) {
      diagnostics_.error(Code::unreadable_file, {relative}, "the file cannot be read");
      return;
    }
    if (text.size() > limits_.file_bytes_max) {
      diagnostics_.error(Code::yaml_limit, {relative},
                         fmt::format("the file is larger than {} bytes", limits_.file_bytes_max));
      return;
    }
    bytes_ += text.size();
    if (bytes_ > limits_.total_bytes_max) {
      stopped_ = true;
      diagnostics_.error(
          Code::yaml_limit, {relative},
          fmt::format("all files together are larger than {} bytes", limits_.total_bytes_max));
      return;
    }
    folder_.texts.emplace(relative, std::move(text));
  }

  void too_many() {
    if (!stopped_) {
      diagnostics_.error(Code::yaml_limit, {"."},
                         fmt::format("more than {} files", limits_.files_max),
                         "is this the folder of a mesh?");
    }
    stopped_ = true;
  }

  Folder& folder_;
  Diagnostics& diagnostics_;
  FolderLimits const& limits_;
  fs::path root_;
  std::size_t bytes_ = 0;
  bool stopped_ = false;
};

}  // namespace

Folder read_folder(fs::path const& root, Diagnostics& diagnostics, FolderLimits const& limits) {
  Folder folder;
  std::error_code error;
  fs::path const absolute = fs::canonical(root, error);
  if (error || !fs::is_directory(absolute, error)) {
    diagnostics.error(Code::unreadable_file, {printable(root.string())}, "no such folder");
    return folder;
  }
  folder.root = absolute.string();
  Walk(folder, diagnostics, limits, absolute).enter(absolute, "", 0);
  return folder;
}

}  // namespace hansa::spec
