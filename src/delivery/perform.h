// One step of a plan against the database: its transaction, its locks, its records, its failure.
#pragma once

#include "delivery/delivery.h"

namespace hansa::delivery {

// Performs step after step on one session. Not thread safe.
class Performer {
 public:
  // `applier` is the role that steps return to; both references outlive this.
  Performer(postgres::Session& session, postgres::Target const& target, std::string applier,
            ApplyOptions const& options);

  // All or nothing, but for a concurrent index, whose remains are removed. Waits for locks in short
  // tries. Throws lock_not_granted (naming who holds it), existing_rows_violate, step_failed.
  void perform(plan::Step const& step);

 private:
  void attempt(plan::Step const& step);
  void attempt_outside_transaction(plan::Step const& step);
  [[noreturn]] void give_up(plan::Step const& step, postgres::SqlError const& error);
  void undo(plan::Step const& step);

  postgres::Session& session_;
  postgres::Target const& target_;
  std::string applier_;
  ApplyOptions const& options_;
};

}  // namespace hansa::delivery
