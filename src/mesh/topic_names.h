// The names of topics, which one cluster shares: those of objects, of change events and of dead
// letters. Confined to one thread.
#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"

namespace hansa::mesh {

class TopicNames {
 public:
  // Adds two_owners if another topic has the name, or one that Kafka takes for the same in the
  // names of its metrics, where `.` and `_` fall together.
  void claim(std::string const& name, SourceRange const& where, Diagnostics& diagnostics);

 private:
  struct Owner {
    std::string name;
    SourceRange where;
  };
  std::map<std::string, Owner> owners_;  // by the name with `_` for `.`
};

}  // namespace hansa::mesh
