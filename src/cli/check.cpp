// `hansa check`: every mistake of a folder in one run, derivable parts with --fix, and for each
// field of a contract whether Hansa enforces it or only documents it.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "mesh/load.h"

namespace hansa::cli {
namespace {

struct CheckOptions {
  std::string folder = ".";
  bool json = false, fix = false, fields = false;
};

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "";
}

std::string_view word(mesh::FieldEffect::Effect effect) {
  switch (effect) {
    case mesh::FieldEffect::Effect::enforced:
      return "enforced";
    case mesh::FieldEffect::Effect::served:
      return "served";
    case mesh::FieldEffect::Effect::documented:
      return "documented";
    case mesh::FieldEffect::Effect::ignored:
      return "ignored";
  }
  return "";
}

json::Value place_of(SourceRange const& where) {
  return json::object({{"file", json::text(where.file)},
                       {"line", json::integer(where.line)},
                       {"column", json::integer(where.column)},
                       {"length", json::integer(where.length)}});
}

json::Value document(mesh::Loaded const& loaded, std::vector<Diagnostic> const& diagnostics) {
  json::Array list;
  for (Diagnostic const& d : diagnostics)
    list.push_back(json::object({{"severity", json::text(word(d.severity))},
                                 {"code", json::text(label(d.code))},
                                 {"name", json::text(info(d.code).name)},
                                 {"where", place_of(d.where)},
                                 {"message", json::text(d.message)},
                                 {"hint", json::text(d.hint)}}));
  json::Array fields;
  for (mesh::FieldEffect const& field : loaded.effects)
    fields.push_back(json::object({{"where", place_of(field.where)},
                                   {"path", json::text(field.path)},
                                   {"effect", json::text(word(field.effect))},
                                   {"by", json::text(field.by)}}));
  auto const errors = static_cast<std::int64_t>(loaded.diagnostics.error_count());
  return json::object({{"version", json::integer(1)},
                       {"errors", json::integer(errors)},
                       {"diagnostics", json::array(std::move(list))},
                       {"fields", json::array(std::move(fields))}});
}

// Beside the file first, then renamed over it: an interrupted fix leaves the old text or the new.
void replace_file(std::filesystem::path const& file, std::string const& text) {
  auto const fresh = std::filesystem::path{file}.concat(".hansa-new");
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw Failure(Code::io_error, fmt::format("{} cannot be written", fresh.string()));
  std::filesystem::rename(fresh, file);
}

void apply_fixes(CheckOptions const& options) {
  for (mesh::Fix const& fix : mesh::fixes(options.folder)) {
    replace_file(std::filesystem::path{options.folder} / fix.file, fix.text);
    fmt::print(stderr, "fixed {}: {}\n", fix.file, fix.reason);
  }
}

void print_fields(mesh::Loaded const& loaded) {
  for (mesh::FieldEffect const& field : loaded.effects)
    fmt::print("{}:{}: {}  {}{}{}\n", field.where.file, field.where.line, field.path,
               word(field.effect), field.by.empty() ? "" : ": ", field.by);
}

void print_summary(mesh::Loaded const& loaded) {
  std::size_t contracts = 0;
  std::size_t products = 0;
  for (mesh::Domain const& domain : loaded.mesh->domains) {
    contracts += domain.contracts.size();
    products += domain.products.size();
  }
  std::size_t documented = 0;
  for (mesh::FieldEffect const& field : loaded.effects)
    documented += field.effect == mesh::FieldEffect::Effect::documented ||
                  field.effect == mesh::FieldEffect::Effect::ignored;
  fmt::print(
      "mesh {}: {} domains, {} products, {} contracts; {} fields take effect, {} only document"
      " (--fields lists them)\n",
      loaded.mesh->name.text(), loaded.mesh->domains.size(), products, contracts,
      loaded.effects.size() - documented, documented);
}

int check(CheckOptions const& options) {
  if (options.fix) apply_fixes(options);
  auto const loaded = mesh::load(options.folder);
  auto const diagnostics = loaded.diagnostics.sorted();
  if (options.json) {
    fmt::print("{}\n", json::to_pretty_text(document(loaded, diagnostics)));
  } else {
    fmt::print(stderr, "{}", to_text(diagnostics, loaded.sources, colour_of(stderr)));
    if (loaded.diagnostics.dropped() > 0)
      fmt::print(stderr, "... and {} more\n", loaded.diagnostics.dropped());
    if (options.fields) print_fields(loaded);
  }
  if (loaded.diagnostics.has_errors()) {
    if (!options.json)
      fmt::print(stderr, "{} mistake{} in {}\n", loaded.diagnostics.error_count(),
                 loaded.diagnostics.error_count() == 1 ? "" : "s", options.folder);
    return 3;
  }
  if (!options.json && loaded.mesh) print_summary(loaded);
  return 0;
}

}  // namespace

void declare_check(CLI::App& app, Program const&, Action& action) {
  auto options = std::make_shared<CheckOptions>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_flag("--json", options->json, "diagnostics and field effects as JSON");
  app.add_flag("--fix", options->fix, "write what follows from other declarations");
  app.add_flag("--fields", options->fields,
               "say of each field whether it is enforced or documents");
  app.callback([options, &action] { action = [options] { return check(*options); }; });
}

}  // namespace hansa::cli
