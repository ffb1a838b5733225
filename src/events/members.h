// Some members of a JSON object, as text. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace hansa::events {

// Appends those members of `object` that `names` lists, separated by commas, without braces, as
// they stand there. Requires a well-formed object without white space between its tokens, as
// Source::decode gives it, or nothing; never reads behind its end.
void append_members(std::string_view object, std::span<ColumnName const> names, std::string& out);

}  // namespace hansa::events
