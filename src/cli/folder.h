// What every command does first: read the folder, choose the environment, find its databases.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "delivery/delivery.h"
#include "mesh/load.h"

namespace hansa::cli {

// quiet: standard error is somebody's log; the failure names the first mistake.
enum class Report : std::uint8_t { printed, quiet };

// The folder, whose mesh is there; prints diagnostics to standard error and throws the first
// error's code when it is wrong. Warnings are printed and do not stop.
[[nodiscard]] mesh::Loaded load_folder(std::filesystem::path const& folder,
                                       Report report = Report::printed);
// Its mesh alone.
[[nodiscard]] mesh::Mesh load_mesh(std::filesystem::path const& folder,
                                   Report report = Report::printed);

// Throws Failure(unknown_environment) naming those there are.
[[nodiscard]] mesh::Environment const& environment_of(mesh::Mesh const& mesh,
                                                      std::string const& name);

// A secret reference resolved: `${NAME}` from the environment, `${file:PATH}` a file's content
// without its last newline, `${cmd:COMMAND}` a command's output; text around references stays.
// Throws Failure naming the reference, never its value. Commands run by /bin/sh with ten seconds to
// end.
[[nodiscard]] std::string resolve(mesh::Secret const& secret, std::filesystem::path const& folder);

// The databases of an environment, each with its domains, as the login role. Without `postgres` it
// is the private cluster of `folder`, which must be running (database_unreachable with a hint if
// not).
[[nodiscard]] std::vector<delivery::Place> places_of(mesh::Mesh const& mesh,
                                                     mesh::Environment const& environment);

// DIR/.hansa: where `up` keeps the private cluster, its log and its state.
[[nodiscard]] std::filesystem::path state_folder(std::filesystem::path const& folder);

// The `--environment` every command has, and its default.
inline constexpr char const* default_environment = "development";

}  // namespace hansa::cli
