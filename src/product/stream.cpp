#include "product/stream.h"

#include <fmt/format.h>

#include <memory>

#include "product/answer.h"

namespace hansa::product {
namespace {

// Rows a fetch may ask for: few of the wide, many of the narrow, so that a chunk stays about this
// size.
constexpr std::size_t fetch_sizes[] = {5, 50, 500};
constexpr std::size_t chunk_bytes = std::size_t{256} << 10U;

std::size_t fetch_size(std::size_t row_bytes) {
  std::size_t chosen = fetch_sizes[0];
  for (std::size_t const size : fetch_sizes)
    if (size * row_bytes <= chunk_bytes) chosen = size;
  return chosen;
}

class Streaming {
 public:
  Streaming(postgres::Lease lease, Table const& table, FieldList select,
            std::optional<std::uint64_t> limit)
      : lease_(std::move(lease)),
        table_(table),
        select_(std::move(select)),
        left_(limit.value_or(~std::uint64_t{0})) {}

  async::Task<void> begin(Statement statement) {
    co_await lease_->begin("read only");
    co_await lease_->execute("declare hansa_stream no scroll cursor for " + statement.sql,
                             std::move(statement.params));
    co_await fetch(fetch_sizes[1]);
  }

  async::Task<std::optional<std::string>> next() {
    if (chunk_.empty() && lease_) co_await fetch(fetch_size(row_bytes_));
    if (!chunk_.empty()) co_return std::exchange(chunk_, {});
    co_return std::nullopt;
  }

 private:
  async::Task<void> fetch(std::size_t count) {
    auto const rows = co_await lease_->execute(fmt::format("fetch {} from hansa_stream", count));
    std::size_t const shown = std::min<std::uint64_t>(rows.size(), left_);
    left_ -= shown;
    for (std::size_t row = 0; row < shown; ++row) {
      append_row(table_, select_, rows, row, chunk_);
      chunk_.push_back('\n');
    }
    if (shown > 0) row_bytes_ = chunk_.size() / shown;
    if (rows.size() == count && left_ > 0) co_return;
    co_await lease_->rollback();
    lease_.reset();
  }

  std::optional<postgres::Lease> lease_;
  Table const& table_;
  FieldList select_;
  std::uint64_t left_;
  std::string chunk_;
  std::size_t row_bytes_ = 1;
};

}  // namespace

async::Task<Stream> open_stream(postgres::Lease lease, Table const& table, ReadQuery const& query,
                                Statement statement) {
  auto streaming = std::make_shared<Streaming>(std::move(lease), table, query.select, query.limit);
  co_await streaming->begin(std::move(statement));
  // The lambda is no coroutine: it lives in the Stream, the frames it starts live with `streaming`.
  co_return [streaming] { return streaming->next(); };
}

}  // namespace hansa::product
