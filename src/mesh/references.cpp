#include "mesh/references.h"

#include <fmt/format.h>

#include <algorithm>

namespace hansa::mesh {

void ReferenceTargets::add(ContractDraft const& draft) {
  std::string const& file = draft.source->file;
  std::string const& domain = draft.contract->domain.text();
  files_.emplace(domain + "/" + file.substr(file.rfind('/') + 1), draft);
  for (std::size_t i = 0; i < draft.source->objects.size(); ++i) {
    objects_.emplace(std::pair(domain, draft.source->objects[i].name.value), Target{draft, i});
  }
}

void ReferenceTargets::add_unreadable(std::string const& domain, std::string const& file_name) {
  unreadable_.insert(domain + "/" + file_name);
}

ReferenceTargets::Target const* ReferenceTargets::object(std::string const& domain,
                                                         std::string const& name) const {
  auto const found = objects_.find({domain, name});
  return found == objects_.end() ? nullptr : &found->second;
}

ContractDraft const* ReferenceTargets::file(std::string const& path) const {
  auto const found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool ReferenceTargets::domain_has_unreadable(std::string const& domain) const {
  return std::ranges::any_of(
      unreadable_, [&](std::string const& path) { return path.starts_with(domain + "/"); });
}

std::vector<std::string_view> ReferenceTargets::object_names(std::string const& domain) const {
  std::vector<std::string_view> names;
  for (auto const& [key, target] : objects_) {
    if (key.first == domain) names.push_back(key.second);
  }
  return names;
}

std::vector<std::string_view> ReferenceTargets::file_paths() const {
  std::vector<std::string_view> paths;
  for (auto const& [path, draft] : files_) paths.push_back(path);
  return paths;
}

namespace {

// The parts of "[file#][/]schema/<object>/properties/<column>" or "<object>.<column>".
struct Notation {
  std::string file;  // empty: the same file (qualified) or the same domain (shorthand)
  std::string object;
  std::string column;
  bool qualified = false;
};

std::optional<Notation> parse_notation(std::string_view text) {
  Notation notation;
  std::size_t const hash = text.find('#');
  if (hash != std::string_view::npos) {
    notation.file = text.substr(0, hash);
    text.remove_prefix(hash + 1);
  }
  if (text.starts_with('/')) text.remove_prefix(1);
  constexpr std::string_view schema = "schema/";
  constexpr std::string_view properties = "/properties/";
  if (text.starts_with(schema)) {
    text.remove_prefix(schema.size());
    std::size_t const middle = text.find(properties);
    if (middle == std::string_view::npos) return std::nullopt;
    notation.object = text.substr(0, middle);
    notation.column = text.substr(middle + properties.size());
    notation.qualified = true;
  } else {
    std::size_t const dot = text.find('.');
    if (dot == std::string_view::npos || hash != std::string_view::npos) return std::nullopt;
    notation.object = text.substr(0, dot);
    notation.column = text.substr(dot + 1);
  }
  bool const good = !notation.object.empty() && !notation.column.empty() &&
                    notation.column.find_first_of("/.") == std::string::npos &&
                    notation.object.find('/') == std::string::npos;
  return good ? std::optional(notation) : std::nullopt;
}

std::string suggestion(std::string_view word, std::vector<std::string_view> const& candidates,
                       std::string_view otherwise) {
  std::string_view const near = nearest(word, candidates);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  if (candidates.empty() || candidates.size() > 20) return std::string(otherwise);
  return fmt::format("there are {}", fmt::join(candidates, ", "));
}

class Resolver {
 public:
  Resolver(ContractDraft const& draft, ReferenceTargets const& targets, Diagnostics& diagnostics)
      : draft_(draft), targets_(targets), diagnostics_(diagnostics) {}

  void run() {
    for (std::size_t i = 0; i < draft_.contract->objects.size(); ++i) {
      spec::SchemaObject const& source = draft_.source->objects[i];
      Object& object = draft_.contract->objects[i];
      for (std::size_t c = 0; c < object.columns.size(); ++c) {
        for (spec::Relationship const& each : source.properties[c].relationships) {
          if (!each.to.empty()) join(object, object.columns[c], each.to, each.where);
        }
      }
      for (spec::Relationship const& each : source.relationships) join_object(object, each);
    }
  }

 private:
  void join_object(Object& object, spec::Relationship const& relationship) {
    if (relationship.from.empty() || relationship.to.empty()) return;
    if (relationship.from.size() > 1) {
      diagnostics_.error(Code::not_supported_yet, relationship.where,
                         "relationships of several columns are not supported yet");
      return;
    }
    spec::Text const& from = relationship.from.front();
    auto const notation = parse_notation(from.value);
    std::string const wanted = notation ? notation->column : from.value;
    auto const column = std::ranges::find_if(
        object.columns, [&](Column const& each) { return each.name.text() == wanted; });
    bool const same = !notation || notation->object == object.name.text();
    if (!same || column == object.columns.end()) {
      diagnostics_.error(
          Code::missing_reference, from.where,
          fmt::format("`{:.80}` is no column of `{}`", from.value, object.name.text()),
          fmt::format("write {}.<column>", object.name.text()));
      return;
    }
    join(object, *column, relationship.to, relationship.where);
  }

  void join(Object const& object, Column& column, std::vector<spec::Text> const& to,
            SourceRange const& where) {
    if (to.size() > 1) {
      diagnostics_.error(Code::not_supported_yet, where,
                         "relationships of several columns are not supported yet");
      return;
    }
    if (column.reference) {
      diagnostics_.error(Code::not_supported_yet, where,
                         "a second relationship of one column is not supported yet",
                         fmt::format("the first is at line {}", column.reference->where.line));
      return;
    }
    spec::Text const& text = to.front();
    auto const notation = parse_notation(text.value);
    if (!notation) {
      diagnostics_.error(Code::invalid_value, text.where,
                         fmt::format("`{:.120}` is no relationship", text.value),
                         "write <object>.<column>, or across domains "
                         "<domain>/<contract file>#schema/<object>/properties/<column>");
      return;
    }
    if (notation->file.starts_with("http://") || notation->file.starts_with("https://")) {
      diagnostics_.warning(Code::not_enforced, text.where,
                           "the relationship leads out of the mesh; it is only documented");
      return;
    }
    if (auto const target = find(*notation, text))
      connect(object, column, *target, *notation, text);
  }

  std::optional<ReferenceTargets::Target> find(Notation const& notation, spec::Text const& text) {
    std::string const& domain = draft_.contract->domain.text();
    if (!notation.qualified) {
      if (auto const* const found = targets_.object(domain, notation.object)) return *found;
      if (!targets_.domain_has_unreadable(domain)) {
        missing(text, fmt::format("domain `{}` has no object `{:.80}`", domain, notation.object),
                suggestion(notation.object, targets_.object_names(domain), ""));
      }
      return std::nullopt;
    }
    ContractDraft const* draft = &draft_;
    if (!notation.file.empty()) draft = targets_.file(notation.file);
    if (draft == nullptr) {
      if (!targets_.is_unreadable(notation.file)) {
        missing(text, fmt::format("there is no contract file `{:.120}`", notation.file),
                suggestion(notation.file, targets_.file_paths(),
                           "write <domain>/<contract file>, e.g. products/product.v1.odcs.yaml"));
      }
      return std::nullopt;
    }
    auto const& objects = draft->source->objects;
    auto found = std::ranges::find_if(objects, [&](spec::SchemaObject const& object) {
      return object.id.value == notation.object;
    });
    if (found == objects.end()) {
      found = std::ranges::find_if(objects, [&](spec::SchemaObject const& object) {
        return object.name.value == notation.object;
      });
    }
    if (found == objects.end()) {
      std::vector<std::string_view> names;
      for (auto const& object : objects) names.push_back(object.name.value);
      missing(text, fmt::format("{} has no object `{:.80}`", draft->source->file, notation.object),
              suggestion(notation.object, names, ""));
      return std::nullopt;
    }
    return ReferenceTargets::Target{*draft, static_cast<std::size_t>(found - objects.begin())};
  }

  void connect(Object const& object, Column& column, ReferenceTargets::Target const& target,
               Notation const& notation, spec::Text const& text) {
    spec::SchemaObject const& source = target.draft.source->objects[target.object];
    Object const& there = target.draft.contract->objects[target.object];
    auto property = std::ranges::find_if(source.properties, [&](spec::Property const& each) {
      return notation.qualified && each.id.value == notation.column;
    });
    if (property == source.properties.end()) {
      property = std::ranges::find_if(source.properties, [&](spec::Property const& each) {
        return each.name.value == notation.column;
      });
    }
    if (property == source.properties.end()) {
      std::vector<std::string_view> names;
      for (auto const& each : source.properties) names.push_back(each.name.value);
      return missing(text,
                     fmt::format("`{}` has no column `{:.80}`", there.name.text(), notation.column),
                     suggestion(notation.column, names, ""));
    }
    Column const& goal =
        there.columns[static_cast<std::size_t>(property - source.properties.begin())];
    if (there.kind != ObjectKind::table || object.kind != ObjectKind::table) {
      return check_type(column, there, goal, text);
    }
    bool const is_key = there.primary_key.size() == 1 && there.primary_key.front() == goal.name;
    if (!is_key && !goal.unique) {
      diagnostics_.error(Code::mismatch, text.where,
                         fmt::format("`{}.{}` is neither the primary key nor unique",
                                     there.name.text(), goal.name.text()),
                         "a relationship needs one row at its end");
      return;
    }
    check_type(column, there, goal, text);
    DomainName const& domain = target.draft.contract->domain;
    column.reference =
        Reference{domain, there.name, goal.name, domain != draft_.contract->domain, text.where};
  }

  void check_type(Column const& column, Object const& there, Column const& goal,
                  spec::Text const& text) {
    bool const known = !targets_.is_untyped(column) && !targets_.is_untyped(goal);
    if (column.type == goal.type || !known) return;
    diagnostics_.error(
        Code::mismatch, text.where,
        fmt::format("`{}` is {}, `{}.{}` is {}", column.name.text(), types::to_text(column.type),
                    there.name.text(), goal.name.text(), types::to_text(goal.type)),
        "both ends of a relationship have one type");
  }

  void missing(spec::Text const& text, std::string message, std::string hint) {
    diagnostics_.error(Code::missing_reference, text.where, std::move(message), std::move(hint));
  }

  ContractDraft const& draft_;
  ReferenceTargets const& targets_;
  Diagnostics& diagnostics_;
};

}  // namespace

void resolve_references(ContractDraft const& draft, ReferenceTargets const& targets,
                        Diagnostics& diagnostics) {
  Resolver(draft, targets, diagnostics).run();
}

}  // namespace hansa::mesh
