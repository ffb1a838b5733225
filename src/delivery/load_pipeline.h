// Reads the next chunks of a file on a thread of its own while the caller writes the last one.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "delivery/load_reader.h"

namespace hansa::delivery {

// Holds at most two chunks ready. One thread calls next(); `reader` belongs to this while it lives.
class LoadPipeline {
 public:
  explicit LoadPipeline(LoadReader& reader);
  // Waits for the chunk that is being read.
  ~LoadPipeline();
  LoadPipeline(LoadPipeline const&) = delete;
  LoadPipeline& operator=(LoadPipeline const&) = delete;

  // The next chunk, in exchange for one that is done with; false when the file is at its end.
  // Waits. Throws what reading threw.
  bool next(LoadChunk& chunk);

 private:
  void run(LoadReader& reader);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LoadChunk> ready_, spare_;  // spare ones keep their memory
  std::exception_ptr failure_;
  bool ended_ = false, stopped_ = false;
  std::thread thread_;
};

}  // namespace hansa::delivery
