#include "postgres/session.h"

#include <poll.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "postgres/connect.h"

namespace hansa::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t notices_max = 1000;  // further ones are dropped until they are taken

struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

// False when `deadline` passes first.
bool wait_ready(int fd, short events, Clock::time_point deadline) {
  while (true) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = fd, .events = events, .revents = 0};
    int const ready = ::poll(&wait, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // libpq will find out what is wrong
  }
}

// Statements that come again and again are prepared once they have: a statement is parsed and
// planned in tenths of a millisecond, and often run in less. Only over Hansa's own schema and the
// catalogue, whose types stay: a prepared parameter keeps the type it was prepared with, whatever
// becomes of the column.
constexpr int prepare_after = 4;
constexpr std::size_t repeated_max = 100, prepared_bytes_max = 8192;

bool may_prepare(std::string_view sql) {
  if (sql.size() > prepared_bytes_max) return false;
  if (!sql.contains("hansa.") && !sql.contains("pg_")) return false;
  auto const begin = sql.find_first_not_of(" \n");
  if (begin == std::string_view::npos) return false;
  auto const rest = sql.substr(begin);
  return rest.starts_with("select") || rest.starts_with("insert") || rest.starts_with("update") ||
         rest.starts_with("delete") || rest.starts_with("with");
}

// What a session knows of a text: how often it came, and its name once it is prepared.
struct Repeated {
  int times = 0;
  std::string name;
};

Connection connect(Target const& target, std::chrono::milliseconds timeout) {
  auto const deadline = Clock::now() + timeout;
  auto connection = ConnectParameters(target, Timeouts{}).start();
  // As libpq asks: the first wait is for writing.
  auto step =
      PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED) throw connect_failure(connection.get());
    short const events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_ready(PQsocket(connection.get()), events, deadline))
      throw connect_timed_out(target.conninfo, timeout);
    step = PQconnectPoll(connection.get());
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  require_supported(connection.get());
  return connection;
}

}  // namespace

struct Session::State {
  Connection connection;
  std::unique_ptr<PGcancel, FreeCancel> cancel;
  std::vector<std::string> notices;
  std::vector<char const*> values;
  std::vector<int> lengths, formats;  // of values
  std::map<std::string, Repeated, std::less<>> repeated;
  std::uint64_t preparations = 0;
  bool copying = false;
  bool begin_owed = false;  // of a transaction that has sent nothing yet

  [[nodiscard]] PGconn* get() const { return connection.get(); }

  static void collect(void* self, PGresult const* notice) {
    auto& notices = static_cast<State*>(self)->notices;
    if (notices.size() >= notices_max) return;
    auto const field = [&](int code) {
      char const* text = PQresultErrorField(notice, code);
      return std::string(text ? text : "");
    };
    notices.push_back(field(PG_DIAG_SEVERITY) + ": " + field(PG_DIAG_MESSAGE_PRIMARY));
  }

  // What is known of `sql`, now that it came once more; nullptr: it is none to prepare.
  Repeated* known(std::string_view sql) {
    auto found = repeated.find(sql);
    if (found == repeated.end()) {
      if (repeated.size() >= repeated_max || !may_prepare(sql)) return nullptr;
      found = repeated.emplace(std::string(sql), Repeated{}).first;
    }
    if (found->second.name.empty()) ++found->second.times;
    return &found->second;
  }

  void begin_if_owed() {
    if (std::exchange(begin_owed, false))
      static_cast<void>(rows_of(Answer(PQexec(get(), "begin")), get()));
  }

  // A command on its way in a pipeline.
  struct Sent {
    std::size_t answer;        // which of the answers is its own
    Repeated* made = nullptr;  // prepared with it, by the answer before
    bool prepared = false;     // long before it
  };
  void send_begin();
  Sent send(Statement const& statement, Format results, std::size_t answers_before);
  std::vector<Answer> receive(std::size_t count);

  // A table changed under a prepared statement, or somebody dropped it: it was not executed. All
  // begin anew. Within a transaction the error is the caller's, since the transaction is lost.
  bool must_prepare_anew(PGresult const* answer) {
    char const* const code = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
    std::string_view const sqlstate = code ? code : "";
    if (sqlstate != "0A000" && sqlstate != "26000") return false;
    repeated.clear();
    return PQtransactionStatus(get()) == PQTRANS_IDLE;
  }

  // Reads what is left of a COPY. The connection is ready for the next statement after it.
  Rows finish_copy() {
    copying = false;
    Answer answer(PQgetResult(get()));
    while (PGresult* more = PQgetResult(get())) PQclear(more);
    return rows_of(std::move(answer), get());
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::open(Target const& target, std::chrono::milliseconds connect_timeout) {
  auto state = std::make_unique<State>();
  state->connection = connect(target, connect_timeout);
  state->cancel.reset(PQgetCancel(state->get()));
  PQsetNoticeReceiver(state->get(), &State::collect, state.get());
  return Session(std::move(state));
}

void Session::State::send_begin() {
  if (PQsendQueryParams(get(), "begin", 0, nullptr, nullptr, nullptr, nullptr, 0) != 1)
    throw lost_failure(get());
}

Session::State::Sent Session::State::send(Statement const& statement, Format results,
                                          std::size_t answers_before) {
  bind_text(statement.params, values);
  lengths.assign(values.size(), 0);
  formats.assign(values.size(), static_cast<int>(Format::text));
  if (statement.bytes) {
    values.push_back(statement.bytes->empty() ? "" : statement.bytes->data());
    lengths.push_back(static_cast<int>(statement.bytes->size()));
    formats.push_back(static_cast<int>(Format::binary));
  }
  auto const count = static_cast<int>(values.size());
  std::string const sql(statement.sql);
  auto* const repeats = known(sql);
  Sent sent{.answer = answers_before, .prepared = repeats != nullptr && !repeats->name.empty()};
  int done = 1;
  if (repeats != nullptr && !sent.prepared && repeats->times > prepare_after) {
    repeats->name = "hansa_" + std::to_string(++preparations);
    done = PQsendPrepare(get(), repeats->name.c_str(), sql.c_str(), 0, nullptr);
    sent.made = repeats;
    ++sent.answer;
  }
  if (done == 1)
    done = sent.prepared || sent.made != nullptr
               ? PQsendQueryPrepared(get(), repeats->name.c_str(), count, values.data(),
                                     lengths.data(), formats.data(), static_cast<int>(results))
               : PQsendQueryParams(get(), sql.c_str(), count, nullptr, values.data(),
                                   lengths.data(), formats.data(), static_cast<int>(results));
  if (done != 1) throw lost_failure(get());
  return sent;
}

// The answers to as many commands as were sent; fewer where the connection falls, the last one then
// says why.
std::vector<Answer> Session::State::receive(std::size_t count) {
  std::vector<Answer> answers;
  while (answers.size() < count) {
    answers.emplace_back(PQgetResult(get()));
    while (Answer rest{answers.back() ? PQgetResult(get()) : nullptr}) {
    }
    if (PQstatus(get()) == CONNECTION_BAD) return answers;
  }
  Answer const end(PQgetResult(get()));
  if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(get()) != 1)
    throw lost_failure(get());
  return answers;
}

std::vector<Rows> Session::run_all(std::span<Statement const> statements, Format results) {
  assert(!state_->copying);
  for (Statement const& statement : statements) require_bindable(statement.params);
  if (PQenterPipelineMode(state_->get()) != 1) throw lost_failure(state_->get());
  std::vector<State::Sent> sent;
  std::size_t count = 0;
  if (std::exchange(state_->begin_owed, false)) {
    state_->send_begin();
    ++count;
  }
  bool prepared = false;
  for (Statement const& statement : statements) {
    sent.push_back(state_->send(statement, results, count));
    count = sent.back().answer + 1;
    prepared = prepared || sent.back().prepared;
  }
  if (PQpipelineSync(state_->get()) != 1) throw lost_failure(state_->get());
  auto answers = state_->receive(count);
  auto const done = [](Answer const& answer) {
    auto const status = PQresultStatus(answer.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
  };
  for (State::Sent const& each : sent)
    if (each.made != nullptr && (each.answer > answers.size() || !done(answers[each.answer - 1])))
      each.made->name.clear();
  auto const failed = std::ranges::find_if_not(answers, done);
  if (failed != answers.end()) {
    if (prepared && state_->must_prepare_anew(failed->get())) return run_all(statements, results);
    static_cast<void>(rows_of(std::move(*failed), state_->get()));
  }
  std::vector<Rows> rows;
  for (State::Sent const& each : sent)
    rows.push_back(rows_of(std::move(answers.at(each.answer)), state_->get()));
  return rows;
}

Rows Session::execute(std::string_view sql, Params const& params) {
  Statement const statement{.sql = sql, .params = params};
  return std::move(run_all({&statement, 1}, Format::text).front());
}

Rows Session::execute_binary(std::string_view sql, Params const& params) {
  Statement const statement{.sql = sql, .params = params};
  return std::move(run_all({&statement, 1}, Format::binary).front());
}

std::vector<Rows> Session::execute_all(std::span<Statement const> statements) {
  return run_all(statements, Format::text);
}

Rows Session::script(std::string_view sql) {
  assert(!state_->copying);
  state_->begin_if_owed();
  return rows_of(Answer(PQexec(state_->get(), std::string(sql).c_str())), state_->get());
}

void Session::transaction(std::function<void()> const& work) {
  assert(!in_transaction());
  state_->begin_owed = true;
  try {
    work();
  } catch (...) {
    if (std::exchange(state_->begin_owed, false)) throw;
    if (state_->copying) copy_abort("the transaction failed");
    if (PQstatus(state_->get()) == CONNECTION_OK) PQclear(PQexec(state_->get(), "rollback"));
    throw;
  }
  if (std::exchange(state_->begin_owed, false)) return;  // nothing was sent
  if (PQtransactionStatus(state_->get()) == PQTRANS_INERROR) {
    script("rollback");
    throw Failure(Code::database_error, "a statement of the transaction had failed: rolled back");
  }
  script("commit");
}

void Session::copy_begin(std::string_view sql) {
  assert(!state_->copying);
  state_->begin_if_owed();
  Answer answer(PQexec(state_->get(), std::string(sql).c_str()));
  if (PQresultStatus(answer.get()) != PGRES_COPY_IN) {
    static_cast<void>(rows_of(std::move(answer), state_->get()));
    throw Failure(Code::internal, "the statement is not a COPY FROM STDIN");
  }
  state_->copying = true;
}

void Session::copy_write(std::string_view data) {
  assert(state_->copying);
  constexpr std::size_t piece_max = std::size_t{1} << 20;  // libpq counts in int
  while (!data.empty()) {
    auto const piece = data.substr(0, piece_max);
    data.remove_prefix(piece.size());
    if (PQputCopyData(state_->get(), piece.data(), static_cast<int>(piece.size())) == 1) continue;
    state_->copying = false;
    throw lost_failure(state_->get());
  }
}

std::size_t Session::copy_end() {
  assert(state_->copying);
  if (PQputCopyEnd(state_->get(), nullptr) != 1) {
    state_->copying = false;
    throw lost_failure(state_->get());
  }
  return state_->finish_copy().affected();
}

void Session::copy_abort(std::string_view reason) {
  if (!std::exchange(state_->copying, false)) return;
  if (PQputCopyEnd(state_->get(), std::string(reason).c_str()) != 1) return;
  while (PGresult* result = PQgetResult(state_->get())) PQclear(result);
}

int Session::server_version() const { return PQserverVersion(state_->get()); }
int Session::backend_pid() const { return PQbackendPID(state_->get()); }

bool Session::in_transaction() const {
  auto const status = PQtransactionStatus(state_->get());
  return state_->begin_owed || status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void Session::cancel() noexcept {
  char ignored[256];
  if (state_->cancel) PQcancel(state_->cancel.get(), ignored, sizeof ignored);
}

std::vector<std::string> Session::take_notices() { return std::exchange(state_->notices, {}); }

}  // namespace hansa::postgres
