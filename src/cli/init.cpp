// `hansa init`: a folder to start from: an example, whole, or the smallest mesh that stands.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cli/command.h"
#include "cli/examples.h"
#include "mesh/names.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder, example;
};

void require_empty(fs::path const& folder) {
  if (!fs::exists(folder)) return;
  if (fs::is_directory(folder) && fs::is_empty(folder)) return;
  throw Failure(Code::folder_not_empty,
                fmt::format("{} is there already and not empty", folder.string()),
                "name another folder; init never writes over files");
}

void write(fs::path const& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Failure(Code::io_error, fmt::format("{} cannot be written", file.string()));
}

std::string legal_name(fs::path const& folder) {
  std::string name;
  for (char c : fs::absolute(folder).lexically_normal().filename().string()) {
    char const lower = (c >= 'A' && c <= 'Z') ? static_cast<char>(c + 32) : c;
    bool const letter = lower >= 'a' && lower <= 'z';
    bool const digit = lower >= '0' && lower <= '9';
    if (letter || (digit && !name.empty())) name += lower;
  }
  if (name.empty()) name = "mesh";
  // A name the language reserves, such as `pg` or `hansa`, is one with something behind it.
  Diagnostics refused;
  mesh::check_name(mesh::NameKind::mesh, name, {}, refused);
  if (refused.has_errors()) name += "mesh";
  return name.substr(0, 23);
}

void write_smallest(fs::path const& folder) {
  auto const name = legal_name(folder);
  write(folder / "mesh.yaml",
        fmt::format(
            "hansa: 1\nname: {}\nclassifications:\n  public: {{}}\n  personal: {{mask: redact}}\n"
            "environments:\n  development: {{}}\n",
            name));
  write(folder / ".gitignore", ".hansa/\n");
}

int init(Options const& options) {
  fs::path const folder{options.folder};
  require_empty(folder);
  if (options.example.empty()) {
    write_smallest(folder);
    fmt::print(
        "wrote the smallest mesh to {}\nAdd domains/<name>/ to it, and ask `hansa check {}` what is"
        " missing.\n",
        folder.string(), folder.string());
    return 0;
  }
  auto const example = find_example(options.example);
  if (example.empty())
    throw Failure(Code::usage, fmt::format("there is no example `{}`", options.example),
                  "there is: shop");
  for (ExampleFile const& file : example) write(folder / file.path, file.text);
  write(folder / ".gitignore", ".hansa/\n");
  fmt::print("wrote the example to {}: {} files\nNext: hansa up {}\n", folder.string(),
             example.size(), folder.string());
  return 0;
}

}  // namespace

void declare_init(CLI::App& app, Program const&, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("folder", options->folder, "a folder that does not exist yet, or an empty one")
      ->required();
  app.add_option("--example", options->example, "write an example: shop");
  app.callback([options, &action] { action = [options] { return init(*options); }; });
}

}  // namespace hansa::cli
