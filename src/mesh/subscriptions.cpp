#include "mesh/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "mesh/expectations.h"
#include "mesh/loops.h"
#include "mesh/reactions.h"

namespace hansa::mesh {

namespace {

class Resolver {
 public:
  Resolver(SubscriptionContext const& context, Mesh& mesh) : context_(context), mesh_(mesh) {}

  void run() {
    for (std::size_t i = 0; i < mesh_.domains.size(); ++i) {
      DomainTables const tables(mesh_.domains[i]);
      for (ProductSource const& product : context_.sources.domains[i].products) {
        if (!product.product) continue;
        for (spec::Port const& port : product.product->input_ports) {
          subscribe(mesh_.domains[i], product, port, tables);
        }
      }
    }
    auto const place = [](Joined const& each) {
      Subscription const& port = each.subscription;
      return std::tie(port.domain, port.product, port.port);
    };
    std::ranges::sort(joined_,
                      [place](Joined const& a, Joined const& b) { return place(a) < place(b); });
    std::vector<Effects> effects;
    for (Joined const& each : joined_) effects.push_back({&each.subscription, each.writings});
    check_loops(mesh_, effects, context_.diagnostics);
    check_projections();
    for (Joined& each : joined_) mesh_.subscriptions.push_back(std::move(each.subscription));
  }

 private:
  struct Joined {
    Subscription subscription;
    std::set<Writing> writings;
  };

  void error(Code code, SourceRange where, std::string message, std::string hint = {}) {
    context_.diagnostics.error(code, std::move(where), std::move(message), std::move(hint));
  }

  void subscribe(Domain const& domain, ProductSource const& product, spec::Port const& port,
                 DomainTables const& tables) {
    std::string const& name = port.name.value;
    Subscription subscription{
        .domain = domain.name,
        .product = ProductName(product.name),
        .port = name,
        .from = word(port, "hansa.from") == "latest" ? Subscription::From::latest
                                                     : Subscription::From::earliest,
        .on_error = word(port, "hansa.onError") == "halt" ? Subscription::OnError::halt
                                                          : Subscription::OnError::dead_letter,
        .group = fmt::format("{}-{}-{}", domain.name.text(), product.name, name),
        .dead_letters = fmt::format("{}-{}_dead-v1", domain.name.text(), name),
        .where = port.name.where};
    context_.names.claim(subscription.dead_letters, port.name.where, context_.diagnostics);
    auto const file = reaction_file(product, port);
    Topic const* const topic = find_topic(port);
    if (topic == nullptr || !file) return;
    subscription.topic = topic->name;
    subscription.contract = topic->contract;
    subscription.major = topic->major;
    auto const stated = expectation(product, port, *topic);
    ReactionContext const reading{tables, *topic, stated, context_.diagnostics};
    auto read = read_reaction(*file, reading);
    if (!read) return;
    std::string const stem = fmt::format("{}on/{}", product.folder, name);
    if (auto const rejected = find_sql(context_.sources.folder, stem + ".rejected.sql")) {
      read_rejection(*rejected, reading, *read);
    }
    if (context_.sources.folder.has(stem + ".test.yaml")) {
      read->reaction.test_file = stem + ".test.yaml";
    }
    subscription.reaction = std::move(read->reaction);
    joined_.push_back({std::move(subscription), std::move(read->writings)});
  }

  // A projection is built again from nothing, which loses what another port wrote into its tables.
  void check_projections() {
    std::map<std::pair<DomainName, ObjectName>, Subscription const*> writers;
    for (Joined const& each : joined_) {
      Subscription const& port = each.subscription;
      for (ObjectName const& table : port.reaction.writes) {
        auto const [first, is_new] = writers.emplace(std::pair(port.domain, table), &port);
        bool const projected = port.reaction.kind == Reaction::Kind::projection ||
                               first->second->reaction.kind == Reaction::Kind::projection;
        if (is_new || !projected) continue;
        context_.diagnostics.warning(
            Code::two_owners, port.where,
            fmt::format("ports `{}` and `{}` both write table `{}`, and one is a projection",
                        first->second->port, port.port, table.text()),
            "building the projection again loses what the other wrote; give each its own table");
      }
    }
  }

  static std::string word(spec::Port const& port, std::string_view key) {
    auto const* const extension = find(port.extensions, key);
    return extension == nullptr ? std::string{} : extension->value.text;
  }

  std::optional<SqlFile> reaction_file(ProductSource const& product, spec::Port const& port) {
    if (!spec::written(port.name)) return std::nullopt;
    std::string const file = fmt::format("{}on/{}.sql", product.folder, port.name.value);
    if (!context_.sources.folder.has(file)) {
      error(Code::missing_file, port.name.where,
            fmt::format("input port `{:.80}` has no reaction", port.name.value),
            fmt::format("write {}: one INSERT, UPDATE or DELETE that reads the relation `events`",
                        file));
    }
    return find_sql(context_.sources.folder, file);
  }

  // The topic of the port's contract, or the one of several that is named like the port; nullptr
  // after reporting why there is none.
  Topic const* find_topic(spec::Port const& port) {
    auto const found = context_.index.contracts.find(port.contract_id.value);
    if (found == context_.index.contracts.end()) return nullptr;
    Contract const& contract = *found->second;
    std::vector<Topic const*> topics;
    for (Topic const& topic : mesh_.topics) {
      if (topic.contract == contract.id) topics.push_back(&topic);
    }
    if (topics.empty()) not_published(port, contract);
    if (topics.size() == 1) return topics.front();
    std::vector<std::string_view> names;
    for (Topic const* topic : topics) {
      if (topic->object.text() == port.name.value) return topic;
      names.push_back(topic->object.text());
    }
    if (topics.empty()) return nullptr;
    error(Code::missing_reference, port.name.where,
          fmt::format("contract `{}` has {} topics, and none is called `{}`", contract.id.text(),
                      topics.size(), port.name.value),
          fmt::format("name the port after the one it reads: {}", fmt::join(names, ", ")));
    return nullptr;
  }

  void not_published(spec::Port const& port, Contract const& contract) {
    for (DomainSource const& domain : context_.sources.domains) {
      bool const unread = std::ranges::any_of(
          domain.products, [](ProductSource const& product) { return !product.product; });
      if (domain.name == contract.domain.text() && unread) return;  // its ports are not known
    }
    error(Code::missing_reference, port.contract_id.where,
          fmt::format("no kafka port publishes contract `{}`", contract.id.text()),
          fmt::format("add one to product `{}/{}`: {{name: ..., version: '{}', type: kafka, "
                      "contractId: {}}}",
                      contract.domain.text(), contract.product.text(), number(contract.major),
                      contract.id.text()));
  }

  std::optional<std::vector<ColumnName>> expectation(ProductSource const& product,
                                                     spec::Port const& port, Topic const& topic) {
    auto const found =
        std::ranges::find(product.expectations, port.name.value, &ContractSource::stem);
    if (found == product.expectations.end() || !found->contract) return std::nullopt;
    return check_expectation(*found, topic, mesh_.object_of(topic), mesh_.classifications,
                             context_.diagnostics);
  }

  SubscriptionContext const& context_;
  Mesh& mesh_;
  std::vector<Joined> joined_;
};

}  // namespace

void resolve_subscriptions(SubscriptionContext const& context, Mesh& mesh) {
  Resolver(context, mesh).run();
}

}  // namespace hansa::mesh
