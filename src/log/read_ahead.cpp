#include "log/read_ahead.h"

namespace hansa::log {
namespace {

// Read by key, whatever PostgreSQL believes of a table whose rows come and go.
constexpr std::string_view settings = R"(
set enable_seqscan = off; set enable_bitmapscan = off; set jit = off;
set plan_cache_mode = force_generic_plan; set lock_timeout = '10s';
set statement_timeout = '60s'; set default_transaction_read_only = on)";

}  // namespace

void ReadAhead::start(void const* owner, Sid floor, Read read) {
  if (next_.valid()) {
    if (owner_ != owner) return;
    drop();
  }
  owner_ = owner;
  floor_ = floor;
  next_ = std::async(std::launch::async, [this, read = std::move(read)] {
    if (!session_) {
      session_.emplace(postgres::Session::open(target_));
      session_->script(settings);
    }
    return read(*session_);
  });
}

postgres::Rows ReadAhead::take() {
  try {
    return next_.get();
  } catch (...) {
    session_.reset();
    throw;
  }
}

void ReadAhead::drop() noexcept {
  if (next_.valid()) next_.wait();
  next_ = {};
  session_.reset();
}

}  // namespace hansa::log
