#include "base/result.h"

namespace hansa {

std::string to_text(Error const& error) {
  std::string text{label(error.code)};
  text.append(" ").append(info(error.code).name).append(": ").append(error.detail);
  for (FieldError const& field : error.fields)
    text.append("\n  ").append(field.path).append(": ").append(field.message);
  if (!error.hint.empty()) text.append(" (").append(error.hint).append(")");
  return text;
}

Failure::Failure(Error error) : error_(std::move(error)), text_(to_text(error_)) {}

Failure::Failure(Code code, std::string detail, std::string hint)
    : Failure(Error{code, std::move(detail), std::move(hint)}) {}

}  // namespace hansa
