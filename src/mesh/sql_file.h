// SQL that stands in a file of the mesh: parsed, judged, and its mistakes given places in the file
// like those of YAML. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "spec/folder.h"
#include "sql/sql.h"

namespace hansa::mesh {

struct SqlFile {
  std::string name;       // relative to the folder
  std::string_view text;  // of the folder
};

// nullopt if the folder has no such file, or its text was refused when the folder was read.
[[nodiscard]] std::optional<SqlFile> find_sql(spec::Folder const& folder, std::string const& name);

// The word at a byte of the text, qualified names whole.
[[nodiscard]] SourceRange place_of(SqlFile const& file, std::size_t offset);
// The word itself, from `offset` on, outside of longer words: a name whose place is not known.
// The place of `offset` if it does not stand there.
[[nodiscard]] SourceRange place_of_word(SqlFile const& file, std::size_t offset,
                                        std::string_view word);

// Exactly one statement that `rules` allow; nullopt after adding what is wrong: sql_syntax,
// sql_limit, sql_refused. A hazard of batches (rules.batches) is a warning, batch_hazard, and lets
// the statement pass.
[[nodiscard]] std::optional<sql::Statement> read_statement(SqlFile const& file,
                                                           sql::Rules const& rules,
                                                           Diagnostics& diagnostics);

// The statement alone: without a semicolon and without comments before and behind it.
[[nodiscard]] std::string statement_text(SqlFile const& file, sql::Statement const& statement);

}  // namespace hansa::mesh
