#include <fmt/format.h>

#include "product/answer.h"
#include "product/key.h"
#include "product/query.h"
#include "product/read.h"
#include "product/short_statement.h"
#include "product/stopwatch.h"
#include "product/write.h"
#include "product/write_statement.h"

namespace hansa::product {
namespace {

std::string full_text(Table const& table, postgres::Rows const& rows) {
  std::string text;
  append_chosen(table, table.all, rows, 0, text);
  return text;
}

// The changed row, with the tag its address now has.
Answer changed_row(Table const& table, FieldList const& select, WriteRequest const& request,
                   postgres::Rows const& rows) {
  Answer answer;
  std::string full = full_text(table, rows);
  answer.headers.emplace_back("ETag", entity_tag(full));
  std::string_view const asked = preference(request.prefer, "return");
  if (asked == "minimal" || asked == "representation")
    answer.headers.emplace_back("Preference-Applied", "return=" + std::string{asked});
  answer.rows = 1;
  if (asked == "minimal") {
    answer.status = 204;
    return answer;
  }
  answer.content_type = "application/json";
  if (select == table.all) {
    answer.body = std::move(full);
  } else {
    append_chosen(table, select, rows, 0, answer.body);
  }
  return answer;
}

// Locks the row until the transaction ends and compares its tag with If-Match.
async::Task<Result<postgres::Rows>> lock_row(postgres::Lease& lease, Table const& table,
                                             std::string const& key, postgres::Params values,
                                             std::string const& if_match) {
  Statement statement = lock_one(table, std::move(values));
  auto rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  if (rows.size() == 0) co_return no_such_row(table, key);
  if (!if_match.empty() && !matches_strongly(if_match, entity_tag(full_text(table, rows))))
    co_return failure(Code::precondition_failed, "the row has changed since that ETag was given",
                      "read the row again and repeat the change with its new ETag");
  co_return rows;
}

Result<void> apply_merges(Table const& table, postgres::Rows const& rows, Patch& patch) {
  for (Patch::Merge const& merge : patch.merges) {
    postgres::Param stored;
    if (!rows.is_null(0, merge.field)) stored = rows.value(0, merge.field);
    HANSA_TRY(std::string text, merged_text(table, merge, stored));
    patch.fields.push_back(merge.field);
    patch.values.emplace_back(std::move(text));
  }
  return {};
}

async::Task<Result<postgres::Rows>> patch_in_transaction(postgres::Database& database,
                                                         Table const& table, std::string const& key,
                                                         postgres::Params const& values,
                                                         Patch patch, std::string const& if_match,
                                                         Origin origin) {
  auto lease = co_await database.lease();
  co_await lease.begin();
  HANSA_CO_TRY(postgres::Rows rows, co_await lock_row(lease, table, key, values, if_match));
  if (auto applied = apply_merges(table, rows, patch); !applied)
    co_return std::unexpected(std::move(applied).error());
  if (!patch.fields.empty()) {
    Statement statement = update_one(table, patch.fields, std::move(patch.values), values, origin);
    rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  }
  co_await lease.commit();
  co_return rows;
}

async::Task<Result<postgres::Rows>> patch_alone(postgres::Database& database, Table const& table,
                                                std::string const& key,
                                                postgres::Params const& values, Patch patch,
                                                Origin origin) {
  Statement statement =
      patch.empty() ? get_statement(table, table.all, values)
                    : update_one(table, patch.fields, std::move(patch.values), values, origin);
  auto rows = co_await run_short(database, std::move(statement), Effect::writes);
  if (rows.size() == 0) co_return no_such_row(table, key);
  co_return rows;
}

async::Task<Result<void>> remove_in_transaction(postgres::Database& database, Table const& table,
                                                std::string const& key,
                                                postgres::Params const& values,
                                                std::string const& if_match, Origin origin) {
  auto lease = co_await database.lease();
  co_await lease.begin();
  HANSA_CO_TRY(auto const locked, co_await lock_row(lease, table, key, values, if_match));
  Statement statement = delete_one(table, values, origin);
  co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  co_await lease.commit();
  co_return Result<void>{};
}

}  // namespace

async::Task<Result<Answer>> patch_row(postgres::Database& database, Table const& table,
                                      std::string key, WriteRequest request) {
  HANSA_CO_TRY(FieldList const select, read_select_only(table, request.parameters));
  HANSA_CO_TRY(postgres::Params const values, read_key(table, key));
  HANSA_CO_TRY(Patch patch, read_patch(table, values, request.body));
  bool const alone = request.if_match.empty() && patch.merges.empty();
  bool const changes = !patch.empty();
  Origin const origin = origin_of(request);
  Stopwatch const stopwatch;
  auto rows = alone ? co_await patch_alone(database, table, key, values, std::move(patch), origin)
                    : co_await patch_in_transaction(database, table, key, values, std::move(patch),
                                                    request.if_match, origin);
  if (!rows) co_return std::unexpected(std::move(rows).error());
  auto const waited = stopwatch.elapsed();
  Answer answer = changed_row(table, select, request, *rows);
  answer.database = waited;
  answer.changed = changes;
  co_return answer;
}

async::Task<Result<Answer>> remove_row(postgres::Database& database, Table const& table,
                                       std::string key, WriteRequest request) {
  HANSA_CO_TRY(FieldList const select, read_select_only(table, request.parameters));
  HANSA_CO_TRY(postgres::Params values, read_key(table, key));
  Origin const origin = origin_of(request);
  Stopwatch const stopwatch;
  if (request.if_match.empty()) {
    Statement statement = delete_one(table, std::move(values), origin);
    auto const rows = co_await run_short(database, std::move(statement), Effect::writes);
    if (rows.affected() == 0) co_return no_such_row(table, key);
  } else {
    auto removed =
        co_await remove_in_transaction(database, table, key, values, request.if_match, origin);
    if (!removed) co_return std::unexpected(std::move(removed).error());
  }
  Answer answer{.status = 204};
  answer.rows = 1;
  answer.changed = true;
  answer.database = stopwatch.elapsed();
  co_return answer;
}

}  // namespace hansa::product
