// The next pending rows, read on a session of its own while those before them are written: a long
// backlog then costs two cores half the time. Confined to one thread, but for the one it starts for
// each reading.
//
// Sound because rows up to a sid that is settled are there for every snapshot taken since, and only
// the sequencer takes them away.
#pragma once

#include <functional>
#include <future>
#include <optional>

#include "log/offset_rule.h"
#include "postgres/session.h"

namespace hansa::log {

class ReadAhead {
 public:
  using Read = std::function<postgres::Rows(postgres::Session&)>;

  explicit ReadAhead(postgres::Target target) : target_(std::move(target)) {}
  ~ReadAhead() { drop(); }
  ReadAhead(ReadAhead const&) = delete;
  ReadAhead& operator=(ReadAhead const&) = delete;

  // Begins to read what stands behind `floor` in the log called `owner`, unless something is being
  // read already. Returns at once.
  void start(void const* owner, Sid floor, Read read);
  // Whether that is what was begun.
  [[nodiscard]] bool holds(void const* owner, Sid floor) const {
    return next_.valid() && owner_ == owner && floor_ == floor;
  }
  // Waits for it; throws what reading threw, and what was read is then forgotten.
  [[nodiscard]] postgres::Rows take();
  // Waits for what is being read, forgets it, and closes the session.
  void drop() noexcept;

 private:
  postgres::Target target_;
  std::optional<postgres::Session> session_;
  void const* owner_ = nullptr;
  Sid floor_ = 0;
  std::future<postgres::Rows> next_;
};

}  // namespace hansa::log
