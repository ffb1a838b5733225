// The topic of an input port's dead letters: the events its reaction could not take, each with the
// reason, in JSON. Pure.
#pragma once

#include "mesh/mesh.h"

namespace hansa::mesh {

struct DeadLetters {
  // Of Source::emission, though no SQL makes them; without contract, kept until somebody drops
  // them. `object` is "<port>_dead", the key is the event's own.
  Topic topic;
  Object object;
};

[[nodiscard]] DeadLetters dead_letters_of(Subscription const& subscription);

}  // namespace hansa::mesh
