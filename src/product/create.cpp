#include <charconv>
#include <map>

#include "product/answer.h"
#include "product/idempotency.h"
#include "product/key.h"
#include "product/query.h"
#include "product/short_statement.h"
#include "product/stopwatch.h"
#include "product/write.h"
#include "product/write_statement.h"

namespace hansa::product {
namespace {

// What a body asks for, checked.
struct Creation {
  FieldList select;
  NewRows body;
  Origin origin;
  bool minimal = false;
};

// A trigger that returns NULL, of whoever manages the table beside us, keeps a row out in silence.
constexpr auto kept_out = "a trigger of the database kept the row out: nothing was stored";

void require_stored(std::size_t stored, std::size_t sent) {
  if (stored != sent) throw Failure(Code::database_error, kept_out);
}

void add_return_preference(WriteRequest const& request, Answer& answer) {
  std::string_view const asked = preference(request.prefer, "return");
  if (asked == "minimal" || asked == "representation")
    answer.headers.emplace_back("Preference-Applied", "return=" + std::string{asked});
}

// One object: the row, where it is and its tag.
Answer created_row(Table const& table, Creation const& creation, WriteRequest const& request,
                   postgres::Rows const& rows) {
  Answer answer{.status = 201};
  std::string full;
  append_chosen(table, table.all, rows, 0, full);
  answer.headers.emplace_back("Location", request.path + "/" + key_segment(table, rows, 0));
  answer.headers.emplace_back("ETag", entity_tag(full));
  if (!creation.minimal) {
    answer.content_type = "application/json";
    if (creation.select == table.all) {
      answer.body = std::move(full);
    } else {
      append_chosen(table, creation.select, rows, 0, answer.body);
    }
  }
  answer.rows = 1;
  return answer;
}

Answer created_rows(Creation const& creation, std::vector<std::string> const& rows) {
  Answer answer{.status = 201};
  answer.rows = rows.size();
  if (creation.minimal) return answer;
  answer.content_type = "application/json";
  char before = '[';
  for (std::string const& row : rows) {
    answer.body.push_back(before);
    answer.body += row;
    before = ',';
  }
  answer.body.push_back(']');
  return answer;
}

// Rows that give the same columns are one statement; positions in the body, in order.
std::map<FieldList, std::vector<std::size_t>> groups_of(NewRows const& body) {
  std::map<FieldList, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < body.rows.size(); ++i) groups[body.rows[i].fields].push_back(i);
  return groups;
}

async::Task<void> insert_group(postgres::Lease& lease, Table const& table, Creation const& creation,
                               std::vector<std::size_t> const& positions,
                               std::vector<std::string>& texts) {
  std::vector<NewRow const*> rows;
  for (std::size_t const position : positions) rows.push_back(&creation.body.rows[position]);
  // A row of defaults alone has no column that unnest() could give.
  std::size_t const step = rows.front()->fields.empty() ? 1 : rows.size();
  for (std::size_t first = 0; first < rows.size(); first += step) {
    Statement statement = step == 1 ? insert_one(table, *rows[first], creation.origin)
                                    : insert_many(table, rows, creation.origin);
    auto const stored =
        co_await lease.execute(std::move(statement.sql), std::move(statement.params));
    require_stored(stored.size(), step == 1 ? 1 : rows.size());
    if (creation.minimal) continue;
    for (std::size_t i = 0; i < stored.size(); ++i)
      append_chosen(table, creation.select, stored, i, texts[positions[first + i]]);
  }
}

std::int64_t to_integer(postgres::Param const& value) {
  std::int64_t number = 0;
  std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

async::Task<void> advance_identities(postgres::Lease& lease, Table const& table,
                                     NewRows const& body) {
  std::map<std::size_t, std::int64_t> highest;
  for (NewRow const& row : body.rows)
    for (std::size_t i = 0; i < row.fields.size(); ++i)
      if (table[row.fields[i]].column->identity) {
        auto const value = to_integer(row.values[i]);
        auto const known = highest.try_emplace(row.fields[i], value).first;
        known->second = std::max(known->second, value);
      }
  for (auto const& [field, value] : highest) {
    Statement statement = advance_identity(table, field, value);
    co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  }
}

async::Task<Answer> insert_all(postgres::Lease& lease, Table const& table, Creation const& creation,
                               WriteRequest const& request) {
  // First, so that rows of this body that leave their identity out do not meet those that give it.
  co_await advance_identities(lease, table, creation.body);
  Answer answer;
  if (creation.body.shape == BodyShape::object) {
    Statement statement = insert_one(table, creation.body.rows.front(), creation.origin);
    auto const rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
    require_stored(rows.size(), 1);
    answer = created_row(table, creation, request, rows);
  } else {
    std::vector<std::string> texts(creation.body.rows.size());
    auto const groups = groups_of(creation.body);
    for (auto const& [fields, positions] : groups)
      co_await insert_group(lease, table, creation, positions, texts);
    answer = created_rows(creation, texts);
  }
  co_return answer;
}

async::Task<Result<Answer>> insert_in_transaction(postgres::Database& database, Table const& table,
                                                  Creation const& creation,
                                                  WriteRequest const& request) {
  auto lease = co_await database.lease();
  co_await lease.begin();
  bool const idempotent = !request.idempotency_key.empty();
  IdempotencyClaim known;
  if (idempotent) {
    known = make_claim(table.served.domain->name, request);
    HANSA_CO_TRY(auto replayed, co_await claim(lease, known));
    if (replayed) {
      co_await lease.rollback();
      co_return *std::move(replayed);
    }
  }
  Answer answer = co_await insert_all(lease, table, creation, request);
  add_return_preference(request, answer);
  if (idempotent) co_await keep(lease, known, answer);
  co_await lease.commit();
  answer.changed = true;
  co_return answer;
}

}  // namespace

async::Task<Result<Answer>> create_rows(postgres::Database& database, Table const& table,
                                        Settings const& settings, WriteRequest request) {
  Creation creation;
  HANSA_CO_TRY(creation.select, read_select_only(table, request.parameters));
  if (!request.idempotency_key.empty()) {
    if (auto checked = check_idempotency_key(request.idempotency_key); !checked)
      co_return std::unexpected(std::move(checked).error());
  }
  HANSA_CO_TRY(creation.body, read_new_rows(table, request.body, settings));
  creation.origin = origin_of(request);
  creation.minimal = preference(request.prefer, "return") == "minimal";
  Stopwatch const stopwatch;
  bool const alone = creation.body.shape == BodyShape::object && request.idempotency_key.empty() &&
                     !given_identity(table, creation.body.rows.front());
  if (!alone) {
    auto answer = co_await insert_in_transaction(database, table, creation, request);
    if (answer) answer->database = stopwatch.elapsed();
    co_return answer;
  }
  Statement statement = insert_one(table, creation.body.rows.front(), creation.origin);
  auto const rows = co_await run_short(database, std::move(statement), Effect::writes);
  auto const waited = stopwatch.elapsed();
  if (rows.size() == 0) co_return failure(Code::database_error, kept_out);
  Answer answer = created_row(table, creation, request, rows);
  add_return_preference(request, answer);
  answer.database = waited;
  answer.changed = true;
  co_return answer;
}

}  // namespace hansa::product
