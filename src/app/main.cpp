// The composition root: signals, the command line, serving.
#include <atomic>
#include <csignal>

#include "app/serve.h"
#include "cli/command.h"

namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

// A second signal ends the program at once, as people expect of Ctrl-C twice.
void note_signal(int number) {
  if (interrupted.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
  hansa::cli::Program program;
  program.serve = hansa::app::serve;
  program.interrupted = &interrupted;
  return hansa::cli::run(argc, argv, program);
}
