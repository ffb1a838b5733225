#include "log/log.h"

namespace hansa::log {

std::string_view op_word(char op) {
  switch (op) {
    case 'c':
      return "create";
    case 'u':
      return "update";
    case 'd':
      return "delete";
    default:
      return {};
  }
}

}  // namespace hansa::log
