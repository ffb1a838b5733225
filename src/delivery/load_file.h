// One file into one table: what load() and seed() share. Blocking.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "delivery/load.h"
#include "delivery/load_record.h"
#include "delivery/load_writer.h"
#include "postgres/session.h"

namespace hansa::delivery {

// by_extension resolved: .csv, .ndjson and .jsonl. Throws load_failed for others.
[[nodiscard]] LoadFormat format_of(std::filesystem::path const& file, LoadFormat asked);

// Reads from where `writer` stands to the end of the file; false if it was interrupted between
// chunks.
[[nodiscard]] bool write_file(OpenFile const& file, LoadFormat format, mesh::Object const& object,
                              LoadOptions const& options, LoadWriter& writer);

// `target` as the domain's runtime role, which is all that loading needs.
[[nodiscard]] postgres::Target as_runtime(postgres::Target target, MeshName const& mesh,
                                          DomainName const& domain);

}  // namespace hansa::delivery
