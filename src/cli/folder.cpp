#include "cli/folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "cli/shell.h"
#include "cli/terminal.h"
#include "postgres/cluster.h"

namespace hansa::cli {
namespace {

constexpr std::size_t secret_bytes_max = 64U << 10U;

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string from_variable(std::string const& name) {
  char const* const value = std::getenv(name.c_str());
  if (value == nullptr)
    throw Failure(Code::missing_reference, fmt::format("the variable {} is not set", name),
                  fmt::format("export {}=... before you run this", name));
  return value;
}

std::string from_file(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(secret_bytes_max, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in && !in.eof()))
    throw Failure(Code::unreadable_file,
                  fmt::format("the secret file {} cannot be read", file.string()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return without_last_newline(std::move(text));
}

std::string from_command(std::string const& command) {
  // `timeout` bounds the command; the shell gets the text as one argument.
  auto const line = "exec timeout 10 /bin/sh -c " + shell_word(command);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{::popen(line.c_str(), "re"), ::pclose};
  if (!pipe) throw Failure(Code::io_error, "a secret's command could not be started");
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() < secret_bytes_max) {
    auto const got = std::fread(piece.data(), 1, piece.size(), pipe.get());
    if (got == 0) break;
    text.append(piece.data(), got);
  }
  if (::pclose(pipe.release()) != 0)
    throw Failure(Code::missing_reference,
                  fmt::format("the command of a secret failed: {}", command));
  return without_last_newline(std::move(text));
}

std::string value_of(std::string_view reference, std::filesystem::path const& folder) {
  if (reference.starts_with("file:")) return from_file(folder / std::string{reference.substr(5)});
  if (reference.starts_with("cmd:")) return from_command(std::string{reference.substr(4)});
  return from_variable(std::string{reference});
}

delivery::Place& place_for(std::vector<delivery::Place>& places, std::string const& conninfo) {
  auto const found = std::ranges::find_if(
      places, [&](delivery::Place const& place) { return place.target.conninfo == conninfo; });
  if (found != places.end()) return *found;
  places.push_back(
      {.target = {.conninfo = conninfo, .role = "", .application = "hansa"}, .domains = {}});
  return places.back();
}

std::string private_conninfo(mesh::Mesh const& mesh) {
  auto const cluster = postgres::find_cluster(state_folder(mesh.folder));
  if (!cluster)
    throw Failure(
        Code::database_unreachable, "the private PostgreSQL of this mesh is not running",
        fmt::format(
            "start it with `hansa up {} --detach`, or name an environment with --environment",
            mesh.folder));
  return cluster->conninfo;
}

}  // namespace

mesh::Mesh load_mesh(std::filesystem::path const& folder, Report report) {
  auto loaded = load_folder(folder, report);
  return *std::move(loaded.mesh);
}

mesh::Loaded load_folder(std::filesystem::path const& folder, Report report) {
  auto loaded = mesh::load(folder);
  auto const diagnostics = loaded.diagnostics.sorted();
  if (report == Report::printed)
    fmt::print(stderr, "{}", to_text(diagnostics, loaded.sources, colour_of(stderr)));
  if (loaded.mesh && !loaded.diagnostics.has_errors()) return loaded;
  auto const first = std::ranges::find(diagnostics, Severity::error, &Diagnostic::severity);
  auto const count = loaded.diagnostics.error_count();
  auto const first_said =
      report == Report::quiet && first != diagnostics.end()
          ? fmt::format(", first {}:{}: {}", first->where.file, first->where.line, first->message)
          : std::string{};
  throw Failure(first == diagnostics.end() ? Code::internal : first->code,
                fmt::format("the folder {} has {} mistake{}{}", folder.string(), count,
                            count == 1 ? "" : "s", first_said),
                count == 1 ? "mend it and try again; nothing was changed"
                           : "mend them and try again; nothing was changed");
}

mesh::Environment const& environment_of(mesh::Mesh const& mesh, std::string const& name) {
  auto const found = mesh.environments.find(name);
  if (found != mesh.environments.end()) return found->second;
  std::vector<std::string> names;
  for (auto const& [known, environment] : mesh.environments) names.push_back(known);
  throw Failure(Code::unknown_environment, fmt::format("no environment `{}` in mesh.yaml", name),
                fmt::format("there are: {}", fmt::join(names, ", ")));
}

std::string resolve(mesh::Secret const& secret, std::filesystem::path const& folder) {
  std::string out;
  std::string_view rest = secret.reference;
  for (auto at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
    auto const end = rest.find('}', at);
    if (end == std::string_view::npos) break;
    out.append(rest.substr(0, at));
    out += value_of(rest.substr(at + 2, end - at - 2), folder);
    rest.remove_prefix(end + 1);
  }
  return out.append(rest);
}

std::vector<delivery::Place> places_of(mesh::Mesh const& mesh,
                                       mesh::Environment const& environment) {
  std::vector<delivery::Place> places;
  std::string shared;
  for (mesh::Domain const& domain : mesh.domains) {
    auto const own = environment.domain_postgres.find(domain.name);
    if (own != environment.domain_postgres.end()) {
      place_for(places, resolve(own->second, mesh.folder)).domains.push_back(domain.name);
      continue;
    }
    if (shared.empty())
      shared = environment.postgres ? resolve(*environment.postgres, mesh.folder)
                                    : private_conninfo(mesh);
    place_for(places, shared).domains.push_back(domain.name);
  }
  return places;
}

std::filesystem::path state_folder(std::filesystem::path const& folder) {
  return folder / ".hansa";
}

}  // namespace hansa::cli
