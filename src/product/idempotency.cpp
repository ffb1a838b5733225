#include "product/idempotency.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "json/value.h"

namespace hansa::product {
namespace {

constexpr std::string_view twin_wait = "2000ms";

std::string table_of(DomainName const& domain) {
  return "hansa." + postgres::quote_name("idempotency_" + domain.text());
}

std::string headers_text(Answer const& answer) {
  json::Array headers;
  for (auto const& [name, value] : answer.headers)
    headers.push_back(json::array({json::text(name), json::text(value)}));
  return json::to_text(json::array(std::move(headers)));
}

// Only keep() writes what is read here; anything else in the table is a stranger's and skipped.
void add_headers(std::string_view kept, Answer& answer) {
  auto const parsed = json::parse(kept);
  json::Array const* headers = parsed ? parsed->as_array() : nullptr;
  if (!headers) return;
  for (json::Value const& header : *headers) {
    json::Array const* pair = header.as_array();
    if (!pair || pair->size() != 2 || !(*pair)[0].as_string() || !(*pair)[1].as_string()) continue;
    answer.headers.emplace_back(*(*pair)[0].as_string(), *(*pair)[1].as_string());
  }
}

Result<std::optional<Answer>> kept_answer(postgres::Rows const& rows,
                                          std::string_view fingerprint) {
  if (rows.size() == 0 || rows.is_null(0, 1))
    return failure(Code::idempotency_in_progress, "a request with this Idempotency-Key is running",
                   "repeat the request in a moment");
  if (rows.value(0, 0) != fingerprint)
    return failure(Code::idempotency_conflict,
                   "this Idempotency-Key was used for a request with another path or body",
                   "draw a new key for every new request");
  Answer answer;
  answer.status = std::stoi(std::string{rows.value(0, 1)});
  add_headers(rows.value(0, 2), answer);
  answer.content_type = rows.value(0, 3);
  answer.body = rows.value(0, 4);
  answer.headers.emplace_back("Idempotency-Replayed", "true");
  return std::optional{std::move(answer)};
}

}  // namespace

Result<void> check_idempotency_key(std::string_view key) {
  bool const printable = std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
  if (key.empty() || key.size() > 255 || !printable)
    return failure(Code::invalid_parameter,
                   "Idempotency-Key is not 1 to 255 printable ASCII characters",
                   "a UUID is a good key");
  return {};
}

std::string request_fingerprint(std::string_view method, WriteRequest const& request) {
  std::string text;
  auto const add = [&](std::string_view part) { text += fmt::format("{}:{}", part.size(), part); };
  add(method);
  add(request.path);
  for (auto const& [name, value] : request.parameters) {
    add(name);
    add(value);
  }
  add(request.body);
  return crypto::hex(crypto::sha256(text));
}

IdempotencyClaim make_claim(DomainName const& domain, WriteRequest const& request) {
  return {.table = table_of(domain),
          .key = request.idempotency_key,
          .fingerprint = request_fingerprint("POST", request)};
}

async::Task<Result<std::optional<Answer>>> claim(postgres::Lease& lease,
                                                 IdempotencyClaim const& claim) {
  postgres::Params wait{std::string{twin_wait}};
  co_await lease.execute("select set_config('lock_timeout', $1::text, true)", std::move(wait));
  std::size_t claimed = 0;
  bool twin_running = false;
  try {
    postgres::Params params{claim.key, claim.fingerprint};
    auto const rows = co_await lease.execute(
        fmt::format("insert into {} (key, fingerprint) values ($1::text, $2::text) "
                    "on conflict (key) do nothing returning key",
                    claim.table),
        std::move(params));
    claimed = rows.size();
  } catch (postgres::SqlError const& error) {
    if (error.sqlstate() != "55P03") throw;
    twin_running = true;
  }
  if (twin_running) co_return kept_answer({}, claim.fingerprint);
  if (claimed > 0) co_return std::optional<Answer>{};
  postgres::Params params{claim.key};
  auto const rows = co_await lease.execute(
      fmt::format("select fingerprint, status, headers, content_type, body from {} "
                  "where key = $1::text",
                  claim.table),
      std::move(params));
  co_return kept_answer(rows, claim.fingerprint);
}

async::Task<void> keep(postgres::Lease& lease, IdempotencyClaim const& claim,
                       Answer const& answer) {
  postgres::Params params{claim.key, std::to_string(answer.status), headers_text(answer),
                          answer.content_type, answer.body};
  co_await lease.execute(
      fmt::format("update {} set status = $2::integer, headers = $3::jsonb, "
                  "content_type = $4::text, body = $5::text where key = $1::text",
                  claim.table),
      std::move(params));
}

std::string purge_statement(DomainName const& domain) {
  return fmt::format(
      "delete from {0} where key in (select key from {0} where created_at < "
      "now() - make_interval(hours => $1::integer) limit 5000)",
      table_of(domain));
}

async::Task<std::size_t> purge_idempotency(postgres::Database& database, DomainName domain,
                                           std::chrono::hours kept) {
  auto lease = co_await database.lease();
  postgres::Params params{std::to_string(kept.count())};
  auto const rows = co_await lease.execute(purge_statement(domain), std::move(params));
  co_return rows.affected();
}

}  // namespace hansa::product
