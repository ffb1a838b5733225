#include "registry/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hansa::registry {
namespace {

constexpr int tries_max = 100;  // of a registration that others overtake

std::unexpected<RegistryError> fail(int code, std::string message) {
  return std::unexpected(registry_error(code, std::move(message)));
}
auto no_subject(std::string const& subject) {
  return fail(40401, fmt::format("Subject '{}' not found.", subject));
}
auto no_version(std::int32_t version) {
  return fail(40402, fmt::format("Version {} not found.", version));
}

bool is_live(Version const& version) { return !version.deleted; }

std::vector<Version> live(std::vector<Version> versions) {
  std::erase_if(versions, [](Version const& each) { return each.deleted; });
  return versions;
}

// Subjects are names of topics with a word behind them; control characters are nobody's.
std::optional<RegistryError> check_subject(std::string const& subject) {
  auto const control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (subject.empty() || subject.size() > subject_bytes_max ||
      std::ranges::any_of(subject, control))
    return registry_error(42208, "The specified subject is not a valid subject.");
  return std::nullopt;
}

std::string joined(std::vector<std::string> const& words) {
  std::string out;
  for (auto const& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

Answer<Which> parse_which(std::string_view text) {
  if (text == "latest" || text == "-1") return Which{};
  Which which;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), which.number);
  if (error == std::errc{} && end == text.data() + text.size() && which.number > 0) return which;
  return fail(
      42202, fmt::format("The specified version '{:.40}' is not a valid version id. Allowed values "
                         "are between [1, 2^31-1] and the string \"latest\"",
                         text));
}

// Of references and of theirs; a name twice is the one nearest.
async::Task<Answer<Definitions>> Service::definitions(std::vector<Reference> references,
                                                      std::size_t depth) {
  Definitions found;
  if (depth > reference_depth_max)
    co_return fail(42201, "Invalid schema: references within references within references");
  for (Reference const& reference : references) {
    auto const all = co_await store_.versions(reference.subject);
    auto const at = std::ranges::find_if(all, [&](Version const& each) {
      return each.version == reference.version ||
             (reference.version == -1 && !each.deleted && &each == &all.back());
    });
    if (at == all.end())
      co_return fail(42201, fmt::format("Invalid schema: no version {} of subject '{}', which it "
                                        "refers to as {}",
                                        reference.version, reference.subject, reference.name));
    auto inner = co_await definitions(at->schema.references, depth + 1);
    if (!inner) co_return std::unexpected(inner.error());
    found.insert_or_assign(reference.name, at->schema.text);
    found.merge(*std::move(inner));
    if (found.size() > references_max)
      co_return fail(42201, fmt::format("Invalid schema: more than {} references", references_max));
  }
  co_return found;
}

async::Task<Answer<Prepared>> Service::made_ready(Given given, Normalize normalize) {
  auto const defined = co_await definitions(given.references, 0);
  if (!defined) co_return std::unexpected(defined.error());
  co_return prepare(given, *defined, normalize);
}

async::Task<Answer<std::vector<std::string>>> Service::against(Level level, Prepared const& schema,
                                                               std::vector<Version> before) {
  std::ranges::reverse(before);
  std::vector<Definitions> defined;
  for (Version const& each : before) {
    auto found = co_await definitions(each.schema.references, 0);
    defined.push_back(found ? *std::move(found) : Definitions{});
  }
  co_return incompatibilities(level, schema, before, defined);
}

async::Task<Level> Service::level(std::string subject) {
  auto const own = co_await store_.settings(std::move(subject));
  if (own.level) co_return *own.level;
  co_return (co_await store_.settings("")).level.value_or(default_level);
}

async::Task<Mode> Service::mode(std::string subject) {
  auto const all = (co_await store_.settings("")).mode;
  if (all == Mode::read_only_override) co_return Mode::read_only;
  auto const own = (co_await store_.settings(std::move(subject))).mode;
  co_return own.value_or(all.value_or(Mode::read_write));
}

async::Task<std::optional<RegistryError>> Service::read_only(std::string subject) {
  auto const now = co_await mode(subject);
  if (now != Mode::read_only && now != Mode::read_only_override) co_return std::nullopt;
  co_return registry_error(42205, fmt::format("Subject {} is in read-only mode", subject));
}

async::Task<Answer<Registered>> Service::register_schema(std::string subject, Given given,
                                                         Normalize normalize, Import import) {
  if (auto const bad = check_subject(subject)) co_return std::unexpected(*bad);
  auto const schema = co_await made_ready(std::move(given), normalize);
  if (!schema) co_return std::unexpected(schema.error());
  for (int i = 0; i < tries_max; ++i) {
    auto const all = co_await store_.versions(subject);
    for (Version const& each : all)
      if (!each.deleted && each.digest == schema->digest && !import.id)
        co_return Registered{each.id};
    auto const now = co_await mode(subject);
    if (now == Mode::read_only || now == Mode::read_only_override)
      co_return fail(42205, fmt::format("Subject {} is in read-only mode", subject));
    if (import.id && now != Mode::import)
      co_return fail(42205, fmt::format("Subject {} is not in import mode", subject));
    if (now != Mode::import) {
      auto const in_force = co_await level(subject);
      auto const reasons = co_await against(in_force, *schema, live(all));
      if (!reasons) co_return std::unexpected(reasons.error());
      if (!reasons->empty())
        co_return fail(409, fmt::format("Schema being registered is incompatible with an earlier "
                                        "schema for subject \"{}\", details: [{}]",
                                        subject, joined(*reasons)));
    }
    auto const last = all.empty() ? 0 : all.back().version;
    if (auto const id = co_await store_.add(subject, last, *schema, import.id, import.version))
      co_return Registered{*id};
  }
  co_return fail(50001, "the subject changed all the time; try again");
}

async::Task<Answer<Version>> Service::lookup(std::string subject, Given given, Normalize normalize,
                                             Deleted deleted) {
  auto const all = co_await store_.versions(subject);
  bool const known =
      deleted == Deleted::included ? !all.empty() : std::ranges::any_of(all, is_live);
  if (!known) co_return no_subject(subject);
  auto const schema = co_await made_ready(std::move(given), normalize);
  if (!schema) co_return std::unexpected(schema.error());
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    if (at->digest == schema->digest && (deleted == Deleted::included || !at->deleted))
      co_return *at;
  co_return fail(40403, "Schema not found");
}

async::Task<Answer<std::vector<Version>>> Service::versions(std::string subject, Deleted deleted) {
  auto all = co_await store_.versions(subject);
  if (deleted == Deleted::left_out) all = live(std::move(all));
  if (all.empty()) co_return no_subject(subject);
  co_return all;
}

async::Task<Answer<Version>> Service::version(std::string subject, Which which, Deleted deleted) {
  auto const all = co_await versions(subject, deleted);
  if (!all) co_return std::unexpected(all.error());
  if (which.number == 0) co_return all->back();
  auto const found = std::ranges::find(*all, which.number, &Version::version);
  if (found == all->end()) co_return no_version(which.number);
  co_return *found;
}

async::Task<Answer<std::vector<std::string>>> Service::judge(std::string subject, Given given,
                                                             std::optional<Which> which,
                                                             Normalize normalize) {
  std::vector<Version> before;
  if (which) {
    auto const one = co_await version(subject, *which, Deleted::left_out);
    if (!one && which->number != 0) co_return std::unexpected(one.error());
    if (one) before.push_back(*one);
  } else {
    before = live(co_await store_.versions(subject));
  }
  auto const schema = co_await made_ready(std::move(given), normalize);
  if (!schema) co_return std::unexpected(schema.error());
  co_return co_await against(co_await level(subject), *schema, std::move(before));
}

async::Task<std::optional<RegistryError>> Service::referenced(std::string subject,
                                                              std::int32_t version) {
  auto const by = co_await store_.referenced_by(subject, version);
  if (by.empty()) co_return std::nullopt;
  co_return registry_error(42206, fmt::format("One or more references exist to the schema "
                                              "{{magic=1,keytype=SCHEMA,subject={},version={}}}.",
                                              subject, version));
}

async::Task<Answer<std::vector<std::int32_t>>> Service::delete_subject(std::string subject,
                                                                       bool permanent) {
  if (auto const no = co_await read_only(subject)) co_return std::unexpected(*no);
  auto const all = co_await store_.versions(subject);
  if (all.empty()) co_return no_subject(subject);
  bool const hidden = std::ranges::none_of(all, is_live);
  if (!permanent && hidden)
    co_return fail(40404, fmt::format("Subject '{}' was soft deleted.Set permanent=true to delete "
                                      "permanently",
                                      subject));
  if (permanent && !hidden)
    co_return fail(40405, fmt::format("Subject '{}' was not deleted first before being permanently "
                                      "deleted",
                                      subject));
  std::vector<std::int32_t> gone;
  for (Version const& each : all) {
    if (!permanent && each.deleted) continue;
    if (auto const used = co_await referenced(subject, each.version))
      co_return std::unexpected(*used);
    gone.push_back(each.version);
  }
  if (permanent)
    co_await store_.remove(subject, 0);
  else
    co_await store_.hide(subject, 0);
  co_return gone;
}

async::Task<Answer<std::int32_t>> Service::delete_version(std::string subject, Which which,
                                                          bool permanent) {
  if (auto const no = co_await read_only(subject)) co_return std::unexpected(*no);
  auto const all = co_await store_.versions(subject);
  bool const known = permanent ? !all.empty() : std::ranges::any_of(all, is_live);
  if (!known) co_return no_subject(subject);
  auto const found = [&] {
    if (which.number != 0) return std::ranges::find(all, which.number, &Version::version);
    auto const last = std::find_if(all.rbegin(), all.rend(), is_live);
    return last == all.rend() ? all.end() : std::prev(last.base());
  }();
  if (found == all.end()) co_return no_version(which.number);
  if (!permanent && found->deleted)
    co_return fail(40406, fmt::format("Subject '{}' Version {} was soft deleted.Set permanent=true "
                                      "to delete permanently",
                                      subject, found->version));
  if (permanent && !found->deleted)
    co_return fail(40407, fmt::format("Subject '{}' Version {} was not deleted first before being "
                                      "permanently deleted",
                                      subject, found->version));
  if (auto const used = co_await referenced(subject, found->version))
    co_return std::unexpected(*used);
  if (permanent)
    co_await store_.remove(subject, found->version);
  else
    co_await store_.hide(subject, found->version);
  co_return found->version;
}

}  // namespace hansa::registry
