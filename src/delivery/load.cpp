#include "delivery/load.h"

#include "delivery/load_file.h"
#include "delivery/load_pipeline.h"

namespace hansa::delivery {
namespace {

std::string address_of(mesh::Served const& table) {
  return table.domain->name.text() + "/v" + std::to_string(number(table.contract->major)) + "/" +
         table.object->name.text();
}

// What one run works with, in the order it is needed.
struct Run {
  mesh::Served const& table;
  LoadOptions const& options;
  LoadFormat format;
  OpenFile const& file;
  std::string file_name;
  postgres::Session& session;
  LoadRecords& records;
  RejectFile& rejects;
};

LoadWriter writer_of(Run const& run, LoadPieces pieces, LoadRecord const& start) {
  return {{run.session, run.file, &run.rejects, &run.records},
          run.table.domain->name,
          *run.table.object,
          pieces,
          start,
          run.file_name};
}

LoadReport report_of(Run const& run, LoadRecord const& before, LoadRecord const& after) {
  LoadReport report;
  report.rows_loaded = after.rows_loaded - before.rows_loaded;
  report.rows_loaded_before = before.rows_loaded;
  report.lines_rejected = after.lines_rejected;
  if (after.lines_rejected > 0) report.reject_file = run.rejects.path();
  report.no_events = run.options.no_events;
  return report;
}

LoadReport load_in_pieces(Run const& run, LoadRecord const& before) {
  run.rejects.keep(before.lines_rejected);
  auto writer = writer_of(run, LoadPieces::committed, before);
  bool const whole = write_file(run.file, run.format, *run.table.object, run.options, writer);
  if (whole) writer.finish();
  auto report = report_of(run, before, writer.record());
  report.finished = whole;
  return report;
}

// Capture passes over what a session writes that asks for it and whose login may: to one that may
// not it says nothing, so that is found out here.
void leave_events_out(postgres::Session& session, DomainName const& domain) {
  auto const owned = session.execute(
      "select pg_catalog.pg_has_role(session_user, c.relowner, 'member') from pg_catalog.pg_class "
      "c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
      "where n.nspname = 'hansa' and c.relname = $1",
      {"pending_" + domain.text()});
  if (owned.size() > 0 && owned.value(0, 0) != "t")
    throw Failure(Code::insufficient_privilege,
                  "this login may not write into `" + domain.text() + "` without making events",
                  "log in as the role that applies the mesh, or a member of it");
  session.execute("select pg_catalog.set_config('hansa.no_events', 'on', false)");
}

// Ends the transaction by an exception that is not an error of anybody.
struct NothingLoaded {};

LoadReport load_at_once(Run const& run) {
  run.rejects.keep(0);
  auto writer = writer_of(run, LoadPieces::within, {});
  bool whole = false;
  try {
    run.session.transaction([&] {
      whole = write_file(run.file, run.format, *run.table.object, run.options, writer);
      if (!whole || writer.record().lines_rejected > 0) throw NothingLoaded{};
      writer.finish();
    });
  } catch (NothingLoaded const&) {
    auto report = report_of(run, {}, writer.record());
    report.rows_loaded = 0;
    report.finished = whole;
    return report;
  }
  return report_of(run, {}, writer.record());
}

}  // namespace

LoadFormat format_of(std::filesystem::path const& file, LoadFormat asked) {
  if (asked != LoadFormat::by_extension) return asked;
  auto const extension = file.extension().string();
  if (extension == ".csv" || extension == ".CSV") return LoadFormat::csv;
  if (extension == ".ndjson" || extension == ".jsonl") return LoadFormat::ndjson;
  throw Failure(Code::load_failed, "`" + file.string() + "` says no format by its name",
                "files end in .csv, .ndjson or .jsonl");
}

postgres::Target as_runtime(postgres::Target target, MeshName const& mesh,
                            DomainName const& domain) {
  target.role = mesh::role_name(mesh, domain, mesh::RoleKind::runtime);
  target.application = "hansa load";
  return target;
}

bool write_file(OpenFile const& file, LoadFormat format, mesh::Object const& object,
                LoadOptions const& options, LoadWriter& writer) {
  LoadPosition const start{writer.record().line_done, writer.record().byte_done};
  auto const reader = make_reader(file, format, object, options, start);
  LoadPipeline pipeline(*reader);
  LoadChunk chunk;
  auto const rows_before = writer.record().rows_loaded;
  while (pipeline.next(chunk)) {
    if (options.interrupted != nullptr && options.interrupted->load()) return false;
    writer.write(chunk);
    auto const& record = writer.record();
    if (options.progress)
      options.progress(
          {record.byte_done, file.size(), record.rows_loaded - rows_before, record.lines_rejected});
  }
  return true;
}

LoadReport load(mesh::Mesh const& mesh, mesh::Served const& table, postgres::Target const& target,
                std::filesystem::path const& file, LoadOptions const& options) {
  if (table.object == nullptr || table.object->kind != mesh::ObjectKind::table)
    throw Failure(Code::unknown_object, "only tables can be loaded");
  auto const format = format_of(file, options.format);
  OpenFile const open(file);
  auto const digest = open.digest();
  auto session = postgres::Session::open(as_runtime(target, mesh.name, table.domain->name));
  if (options.no_events) leave_events_out(session, table.domain->name);
  LoadRecords records(session, table.domain->name.text(), address_of(table), digest);
  if (options.restart) records.forget();
  auto const before = records.find();
  if (before && before->finished) {
    LoadReport report;
    report.already_loaded = true;
    report.rows_loaded_before = before->rows_loaded;
    report.lines_rejected = before->lines_rejected;
    return report;
  }
  RejectFile rejects(options.reject_file.empty()
                         ? std::filesystem::path(file.string() + ".rejected")
                         : options.reject_file);
  Run const run{table, options, format, open, file.filename().string(), session, records, rejects};
  if (!options.atomic) return load_in_pieces(run, before.value_or(LoadRecord{}));
  if (before)
    throw Failure(
        Code::load_failed, "an earlier load of this file stopped half way",
        "run it again without --atomic, and it goes on; or take its rows out and --restart");
  return load_at_once(run);
}

}  // namespace hansa::delivery
