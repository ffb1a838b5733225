// A data product's table over REST: from a routed request to an answer (DESIGN section 5).
//
// A request is parsed (query.h), compiled to one of a finite set of statements (statement.h), run,
// and its rows encoded (answer.h); this service composes the four. One per thread; suspends on the
// thread's databases only. Expected refusals are Results; a failed database is turned into one here
// too.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "mesh/mesh.h"
#include "postgres/database.h"

namespace hansa::product {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // decoded, in order

enum class Format : std::uint8_t { json, ndjson };

// What of a request matters here, free of HTTP.
struct ReadRequest {
  Parameters parameters;            // filters, select, order, limit, offset, cursor
  std::vector<std::string> prefer;  // "count=exact", ... (RFC 7240)
  Format format = Format::json;
  std::string if_none_match;  // raw header; empty if absent
  std::string path;           // "/products/v1/product", for links
};

struct WriteRequest {
  Parameters parameters;  // `select` only
  std::string body;
  std::vector<std::string> prefer;  // "return=minimal", ...
  std::string if_match;
  std::string idempotency_key;  // POST; at most 255 printable ASCII characters
  std::string path;
  // What the events of the change carry; empty: nothing. UTF-8 without NUL.
  std::string trace = {};  // of the request, as a W3C traceparent
  std::string actor = {};  // whoever asks; of a longer one 255 bytes are told
};

using Stream = std::function<async::Task<std::optional<std::string>>()>;

struct Answer {
  int status = 200;
  // ETag, Link, Location, Content-Range, ...
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type;
  std::string body;
  Stream stream;  // NDJSON; then body is empty
  std::uint64_t rows = 0;
  std::chrono::nanoseconds database{};  // time spent waiting for PostgreSQL, for Server-Timing
  bool changed = false;                 // rows of the table were changed, and it was committed
};

// What every thread of one process agrees on.
struct Settings {
  std::string cursor_key;  // HMAC key of cursors, 32 bytes, the same in every process
  std::size_t page_default = 100;
  std::size_t page_max = 1000;
  std::size_t predicates_max = 20;
  std::size_t logic_depth_max = 4;
  std::size_t in_values_max = 200;
  std::size_t post_rows_max = 1000;
  std::chrono::hours idempotency_kept{24};
};

class Service {
 public:
  // `databases` gives the thread's database of a domain; both outlive this.
  using FindDatabase = std::function<postgres::Database&(DomainName const&)>;
  // Called once after each change of a table that feeds topics, when its commit is acknowledged and
  // before it is answered, by the thread that serves: so it is quick, safe to call from every
  // thread at once, and throws nothing. May be empty.
  using Wrote = std::function<void(DomainName const&)>;
  Service(mesh::Mesh const& mesh, Settings const& settings, FindDatabase databases,
          Wrote wrote = {});
  ~Service();

  [[nodiscard]] async::Task<Result<Answer>> list(mesh::Served const& table, ReadRequest request);
  // `key`: the raw path segment after the object, percent-decoded; parts of a composite key
  // separated by commas (a comma inside a part is written as "%2C" twice-encoded).
  [[nodiscard]] async::Task<Result<Answer>> get(mesh::Served const& table, std::string key,
                                                ReadRequest request);
  [[nodiscard]] async::Task<Result<Answer>> create(mesh::Served const& table, WriteRequest request);
  [[nodiscard]] async::Task<Result<Answer>> patch(mesh::Served const& table, std::string key,
                                                  WriteRequest request);
  [[nodiscard]] async::Task<Result<Answer>> remove(mesh::Served const& table, std::string key,
                                                   WriteRequest request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hansa::product
