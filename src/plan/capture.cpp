#include "plan/capture.h"

#include <fmt/format.h>

#include <algorithm>

#include "mesh/log_names.h"
#include "plan/capture_sql.h"
#include "plan/ddl.h"
#include "plan/own_tables.h"
#include "plan/stored.h"

namespace hansa::plan {
namespace {

// A topic that rows of a table feed, with its object in the contract.
struct Fed {
  mesh::Topic const* topic;
  mesh::Object const* object;
};

mesh::Object const* object_in(mesh::Domain const& domain, mesh::Topic const& topic) {
  for (mesh::Contract const& contract : domain.contracts) {
    if (contract.id != topic.contract) continue;
    auto const found = std::ranges::find(contract.objects, topic.object, &mesh::Object::name);
    if (found != contract.objects.end()) return &*found;
  }
  return nullptr;
}

// By stream, newest major first.
std::map<std::string, std::vector<Fed>> streams_of(mesh::Mesh const& mesh,
                                                   mesh::Domain const& domain) {
  std::map<std::string, std::vector<Fed>> out;
  for (mesh::Topic const& topic : mesh.topics) {
    if (topic.domain != domain.name || topic.source == mesh::Topic::Source::clients) continue;
    if (auto const* object = object_in(domain, topic))
      out[topic.object.text()].push_back({&topic, object});
  }
  for (auto& [name, fed] : out)
    std::ranges::stable_sort(fed, std::ranges::greater{},
                             [](Fed const& each) { return number(each.topic->major); });
  return out;
}

std::vector<std::string> texts(std::vector<ColumnName> const& names) {
  std::vector<std::string> out;
  for (ColumnName const& name : names) out.push_back(name.text());
  return out;
}

class DomainCapture {
 public:
  DomainCapture(mesh::Mesh const& mesh, mesh::Domain const& domain)
      : domain_(domain),
        log_{.domain = domain.name,
             .schema = mesh::store_schema(domain.name),
             .writer = role_name(mesh.name, domain.name, mesh::RoleKind::emit),
             .lock = mesh::log_lock_number(mesh.name, domain.name)},
        streams_(streams_of(mesh, domain)) {}

  Capture run() {
    for (auto const& [name, fed] : streams_) add_stream(name, fed);
    if (tables_.empty()) return std::move(out_);
    truncate_ = refuse_truncate_function(log_);
    out_.functions = {refuse_event_function(log_), fit_event_function(log_), truncate_};
    for (auto const& [table, captured] : tables_) add_table(table, captured);
    return std::move(out_);
  }

 private:
  struct Captured {
    std::vector<Stream> streams;
    std::string where;
  };

  void refuse(Fed const& fed, std::string const& why) {
    out_.refusals.push_back(
        {Code::not_supported_yet,
         fmt::format("topic {} cannot be fed beside a newer major of it: {} ({})", fed.topic->name,
                     why, place_of(fed.topic->where)),
         "give the newer object another name, or publish one of the two majors"});
  }

  void add_stream(std::string const& name, std::vector<Fed> const& fed) {
    mesh::Topic const& newest = *fed.front().topic;
    auto const& source = newest.emission ? newest.emission->table : newest.object;
    auto const* table = stored_table(domain_, source);
    if (table == nullptr) return;
    Stream stream{.name = name,
                  .topic = newest.name,
                  .bytes_max = newest.message_bytes_max,
                  .key = texts(newest.key)};
    if (newest.emission) {
      stream.query = newest.emission->sql;
      stream.on_insert = newest.emission->on_insert;
      stream.on_update = newest.emission->on_update;
      stream.on_delete = newest.emission->on_delete;
    }
    for (Fed const& each : fed)
      if (!join(stream, each, newest, *table)) return;
    auto& captured = tables_[{log_.schema, physical(*table)}];
    captured.streams.push_back(std::move(stream));
    if (captured.where.empty()) captured.where = place_of(newest.where);
  }

  // Widens the stream to feed one more major. One row feeds them all, so they may not disagree.
  bool join(Stream& stream, Fed const& each, mesh::Topic const& newest, mesh::Object const& table) {
    mesh::Topic const& topic = *each.topic;
    if (topic.emission.has_value() != newest.emission.has_value() ||
        (topic.emission && topic.emission->table != newest.emission->table)) {
      refuse(each, "its events are made otherwise");
      return false;
    }
    if (texts(topic.key) != stream.key) {
      refuse(each, "its key differs");
      return false;
    }
    for (ColumnName const& name : topic.fields) {
      auto const* column = each.object->find(name.text());
      if (column == nullptr) continue;
      auto const why = take(stream, *column, table, &topic == &newest);
      if (why.empty()) continue;
      refuse(each, why);
      return false;
    }
    if (topic.message_bytes_max < stream.bytes_max) {
      stream.bytes_max = topic.message_bytes_max;
      stream.topic = topic.name;
    }
    return true;
  }

  // Empty, or why the stream cannot carry the column.
  static std::string take(Stream& stream, mesh::Column const& column, mesh::Object const& table,
                          bool is_newest) {
    Member member{.name = column.name.text(), .column = physical(column), .type = column.type};
    auto const found = std::ranges::find(stream.members, member.name, &Member::name);
    bool const known = found != stream.members.end();
    if (!known && !is_newest && stream.query) return "only the older one has " + member.name;
    if (known && (found->column != member.column || found->type != member.type))
      return member.name + " differs";
    member.must_be_there = column.required || column.identity || holds(stream.key, member.name);
    if (!stream.query) {
      auto const stored = std::ranges::find_if(table.columns, [&](mesh::Column const& other) {
        return physical(other) == member.column;
      });
      if (stored == table.columns.end()) return member.name + " is not stored any more";
      member.cast = stored->type != member.type;
      if (stored->required || stored->identity || in_key(table, *stored))
        member.must_be_there = false;
    }
    if (!known)
      stream.members.push_back(std::move(member));
    else
      found->must_be_there = found->must_be_there || member.must_be_there;
    return {};
  }

  static bool in_key(mesh::Object const& table, mesh::Column const& column) {
    return std::ranges::find(table.primary_key, column.name) != table.primary_key.end();
  }

  void add_table(Address const& table, Captured const& captured) {
    auto& triggers = out_.triggers[table];
    for (Change const change : {Change::insert, Change::update, Change::remove}) {
      auto const feeds = [change](Stream const& stream) {
        if (change == Change::insert) return stream.on_insert;
        return change == Change::update ? stream.on_update : stream.on_delete;
      };
      if (std::ranges::none_of(captured.streams, feeds)) continue;
      auto function = capture_function(log_, table, change, captured.streams);
      function.where = captured.where;
      triggers.push_back(trigger(table, change, function.address));
      out_.functions.push_back(std::move(function));
    }
    triggers.push_back(
        {.name = "hansa_refuse_truncate",
         .function = truncate_.address,
         .definition = fmt::format("create trigger \"hansa_refuse_truncate\" before truncate on {} "
                                   "for each statement execute function {}()",
                                   quoted(table), quoted(truncate_.address))});
  }

  static Trigger trigger(Address const& table, Change change, Address const& function) {
    auto const name = fmt::format("hansa_capture_{}", to_text(change));
    std::string relations;
    if (change != Change::insert) relations += " old table as deleted";
    if (change != Change::remove) relations += " new table as inserted";
    return {.name = name,
            .function = function,
            .definition = fmt::format("create trigger {} after {} on {} referencing{} "
                                      "for each statement execute function {}()",
                                      quoted(name), to_text(change), quoted(table), relations,
                                      quoted(function))};
  }

  mesh::Domain const& domain_;
  DomainLog log_;
  std::map<std::string, std::vector<Fed>> streams_;
  std::map<Address, Captured> tables_;
  Function truncate_;
  Capture out_;
};

}  // namespace

Capture capture_of(mesh::Mesh const& mesh, mesh::Domain const& domain) {
  return DomainCapture(mesh, domain).run();
}

}  // namespace hansa::plan
