// What a registry does, whoever asks: the rules of Confluent's Schema Registry over the store.
// Calls run on the thread of the store's database. An error of the API is an Answer; the world
// failing throws what postgres::Database throws.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/store.h"

namespace hansa::registry {

struct Registered {
  std::int32_t id = 0;
};

// Which version of a subject: a number, or the newest.
struct Which {
  std::int32_t number = 0;  // 0: the newest
};
// "latest", "-1", "1"; error 42202.
[[nodiscard]] Answer<Which> parse_which(std::string_view text);

class Service {
 public:
  explicit Service(Store store) : store_(std::move(store)) {}

  [[nodiscard]] Store& store() { return store_; }

  struct Import {
    std::optional<std::int32_t> id, version;
  };
  // The id under the subject: that of an equal schema it has already, or of its next version.
  // Errors: 42201, 409, 42205, 42208.
  async::Task<Answer<Registered>> register_schema(std::string subject, Given given,
                                                  Normalize normalize, Import import);
  // The version of the subject that this schema is. Errors: 40401, 40403, 42201.
  async::Task<Answer<Version>> lookup(std::string subject, Given given, Normalize normalize,
                                      Deleted deleted);
  // Errors: 40401, 40402.
  async::Task<Answer<Version>> version(std::string subject, Which which, Deleted deleted);
  async::Task<Answer<std::vector<Version>>> versions(std::string subject, Deleted deleted);
  // Why the schema may not be registered, judged as if it were; empty if it may. Of one version:
  // against that alone.
  async::Task<Answer<std::vector<std::string>>> judge(std::string subject, Given given,
                                                      std::optional<Which> which,
                                                      Normalize normalize);

  // The versions that went. Errors: 40401, 40404, 40405, 42205, 42206.
  async::Task<Answer<std::vector<std::int32_t>>> delete_subject(std::string subject,
                                                                bool permanent);
  // Errors: 40401, 40402, 40406, 40407, 42205, 42206.
  async::Task<Answer<std::int32_t>> delete_version(std::string subject, Which which,
                                                   bool permanent);

  // What holds for the subject: its own setting, or what is set for all.
  async::Task<Level> level(std::string subject);
  async::Task<Mode> mode(std::string subject);

 private:
  async::Task<Answer<Definitions>> definitions(std::vector<Reference> references,
                                               std::size_t depth);
  async::Task<Answer<Prepared>> made_ready(Given given, Normalize normalize);
  async::Task<Answer<std::vector<std::string>>> against(Level level, Prepared const& schema,
                                                        std::vector<Version> before);
  async::Task<std::optional<RegistryError>> referenced(std::string subject, std::int32_t version);
  async::Task<std::optional<RegistryError>> read_only(std::string subject);

  Store store_;
};

}  // namespace hansa::registry
