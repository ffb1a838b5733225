#include "product/event_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hansa::product {
namespace {

using Details = postgres::SqlError::Details;

// The innermost place, which raised the error.
std::string_view first_line(std::string_view context) {
  return context.substr(0, context.find('\n'));
}

// The functions of capture are known by their names, since the words around them differ by
// language.
bool is_refused_event(Details const& details, DomainName const& domain) {
  auto const place = first_line(details.context);
  return place.contains(fmt::format("hansa.refuse_event_{}(text,text,text)", domain.text())) ||
         place.contains(fmt::format("hansa.fit_event_{}(text,text,text,integer)", domain.text()));
}

bool is_within_capture(Details const& details, DomainName const& domain) {
  return details.context.contains(fmt::format("hansa.capture_{}_", domain.text())) ||
         details.context.contains(fmt::format("hansa.\"capture_{}_", domain.text()));
}

// "price is not a number", of the topic's own table: its column is the body's.
void add_field(std::string_view reason, mesh::Topic const& topic, Table const& table,
               Error& error) {
  auto const name = reason.substr(0, reason.find(' '));
  if (topic.source != mesh::Topic::Source::changes || name.size() == reason.size()) return;
  if (!table.find(name)) return;
  error.fields.push_back({fmt::format("/{}", name), std::string{reason.substr(name.size() + 1)}});
}

// A sentence of capture about a topic of the table, word for word.
std::optional<Error> refused_event(Details const& details, Table const& table) {
  std::string_view const message = details.message;
  for (mesh::Topic const* topic : table.topics) {
    if (message.starts_with(fmt::format("an event of topic {} has ", topic->name)))
      return Error{.code = Code::value_over_limit,
                   .detail = details.message,
                   .hint = "nothing was written; make the row smaller"};
    auto const unfit = fmt::format("no event of topic {} can hold this row: ", topic->name);
    if (!message.starts_with(unfit)) continue;
    Error error{
        .code = Code::check_violation, .detail = details.message, .hint = "nothing was written"};
    add_field(message.substr(unfit.size()), *topic, table, error);
    return error;
  }
  return std::nullopt;
}

// Data exceptions, constraints, more rows than one, limits: what the values of a row can cause.
bool is_fault_of_row(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 5> faults = {"21", "22", "23", "54000", "P0001"};
  return std::ranges::any_of(faults, [&](auto prefix) { return sqlstate.starts_with(prefix); });
}

std::string_view words_of(std::string_view sqlstate) {
  if (sqlstate == "22012") return "division by zero, ";
  if (sqlstate == "22003") return "a number out of range, ";
  if (sqlstate == "22007" || sqlstate == "22008") return "a date or time that is none, ";
  if (sqlstate == "21000") return "more than one row where one was expected, ";
  return "";
}

// Capture names the stream before it gives the SQL that makes it, so of all topics the one that is
// named first.
mesh::Topic const* topic_at_fault(Details const& details, Table const& table) {
  mesh::Topic const* found = nullptr;
  std::size_t first = std::string::npos;
  for (mesh::Topic const* topic : table.topics) {
    auto const at = details.context.find(fmt::format("'{}', '", topic->object.text()));
    if (at >= first) continue;
    first = at;
    found = topic;
  }
  return found;
}

Error failed_event(Details const& details, Table const& table) {
  mesh::Topic const* const topic = topic_at_fault(details, table);
  std::string who = "what makes it";
  if (topic != nullptr)
    who = topic->emission ? fmt::format("the emission of topic `{}`", topic->name)
                          : fmt::format("that of topic `{}`", topic->name);
  return {.code = Code::invalid_emission,
          .detail = fmt::format("the event of this change could not be made: {} failed ({}SQLSTATE "
                                "{})",
                                who, words_of(details.sqlstate), details.sqlstate),
          .hint =
              "nothing was written; the row may be as the contract says, so ask the owner of "
              "the domain"};
}

}  // namespace

std::optional<Error> event_refusal(postgres::SqlError const& error, Table const& table) {
  Details const& details = error.details();
  DomainName const& domain = table.served.domain->name;
  if (!is_fault_of_row(error.sqlstate()) || !is_within_capture(details, domain))
    return std::nullopt;
  if (is_refused_event(details, domain))
    if (auto refused = refused_event(details, table)) return refused;
  return failed_event(details, table);
}

}  // namespace hansa::product
