// The words of a statement of a contract, as far as it has to be written anew. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::plan {

// How many bytes of blanks and comments `text` begins with; block comments nest.
[[nodiscard]] std::size_t skip_blanks(std::string_view text);

// `sql` over copies of tables: where it says `from.t` of one of `tables`, it says `to.t`. Names
// without a schema stay, and so do strings and comments. A column of an alias that is called like
// the schema, and itself like a table, is taken for the table: PostgreSQL then refuses the
// statement. Names with escapes (U&"...") are not understood, and stay.
[[nodiscard]] std::string with_tables_moved(std::string_view sql, std::string_view from,
                                            std::vector<std::string> const& tables,
                                            std::string_view to);

}  // namespace hansa::plan
