// For tests: the applied shop whose domains react to each other. Port orders/known_product projects
// the products into a table that orders refer to; port products/order_placed takes what was ordered
// out of the stock, which is never below zero.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "delivery/applied_shop.h"
#include "events/log_source.h"
#include "events/reactor.h"
#include "events/topics.h"
#include "log/log.h"
#include "log/sequencer.h"
#include "mesh/log_names.h"

namespace hansa::cli {

namespace shop = plan::shop;

inline mesh::Subscription subscription(std::string domain, std::string port,
                                       mesh::Topic const& topic) {
  mesh::Subscription out;
  out.domain = DomainName(domain);
  out.product = ProductName("main");
  out.port = port;
  out.topic = topic.name;
  out.contract = topic.contract;
  out.major = topic.major;
  out.group = domain + "-main-" + port;
  out.dead_letters = domain + "-" + port + "_dead-v1";
  return out;
}

class ReactingShop : public delivery::CapturedShop {
 public:
  ReactingShop() {
    auto price = shop::money("price");
    price.rules.minimum = "1";
    auto name = shop::required(shop::column("name", types::Kind::text));
    name.unique = true;
    auto first_seen =
        shop::with_default(shop::required(shop::column("first_seen", types::Kind::timestamptz)),
                           mesh::Default::Kind::expression, "now()");
    auto known = shop::table(
        "known_product",
        {shop::required(shop::column("id", types::Kind::int32)), name, price, first_seen},
        "domains/orders/main/known_product.v1.odcs.yaml");
    known.indexes.push_back(
        shop::index_on("known_product", "name", mesh::Index::Origin::unique, "key"));
    shop::add_contract(mesh.domains[0], std::move(known), shop::Served::yes);
    mesh.topics.push_back(shop::topic_of(mesh, "known_product"));
    for (mesh::Topic& topic : mesh.topics) {
      topic.record_name = "Row";
      topic.record_namespace = "shop." + topic.domain.text() + "." + topic.object.text();
      topic.event_source = "/" + topic.domain.text() + "/main";
      topic.event_type = topic.domain.text() + "." + topic.object.text() + ".v1";
    }
    auto& reference = *shop::column_of(mesh, "order", "product_id").reference;
    reference.domain = DomainName("orders");
    reference.object = ObjectName("known_product");
    reference.crosses_domains = false;

    auto projection =
        subscription("orders", "known_product", shop::topic_named(mesh, "products-product-v1"));
    projection.reaction = {
        .kind = mesh::Reaction::Kind::projection,
        .sql =
            "merge into orders.known_product k using events e on k.id = e._key::int "
            "when matched and e._op = 'delete' then delete "
            "when matched then update set name = e.name, price = e.price "
            "when not matched and e._op <> 'delete' then insert (id, name, price) "
            "values (e._key::int, e.name, e.price)",
        .needs = {ColumnName("name"), ColumnName("price"), ColumnName("_op"), ColumnName("_key"),
                  ColumnName("_offset")},
        .writes = {ObjectName("known_product")}};
    auto effect =
        subscription("products", "order_placed", shop::topic_named(mesh, "orders-order_placed-v1"));
    effect.reaction = {.sql =
                           "update product p set stock = p.stock - e.quantity from events e "
                           "where p.id = e.product_id",
                       .needs = {ColumnName("product_id"), ColumnName("quantity")},
                       .writes = {ObjectName("product")}};
    mesh.subscriptions = {std::move(projection), std::move(effect)};
  }

  mesh::Subscription& port(std::string const& name) {
    return *std::ranges::find(mesh.subscriptions, name, &mesh::Subscription::port);
  }
  postgres::Session open() const { return postgres::Session::open(target()); }

  // All that was appended goes into its topics.
  void sequence() {
    auto const domains = shop::domains_of(mesh);
    log::Sequencer sequencer(
        {.target = target(), .mesh = mesh.name, .topics = events::sequenced_topics(mesh, domains)});
    for (int rounds = 0; rounds < 1000; ++rounds) {
      auto const progress = sequencer.run_once();
      if (progress.leading && progress.events == 0 && !progress.waiting) return;
    }
    ADD_FAILURE() << "the log does not settle";
  }

  // Lets the port apply all there is; what its rounds did, together.
  events::Round react(std::string const& name) {
    auto& of = port(name);
    auto session = open();
    auto reading = open();
    events::LogSource source(reading);
    events::Reactor reactor(of, source, session, mesh::log_lock_number(mesh.name, of.domain));
    EXPECT_TRUE(reactor.take());
    events::Round sum;
    for (bool more = true; more;) {
      source.refresh({&of.topic, 1});
      auto const round = reactor.run_once();
      sum.applied += round.applied;
      sum.dead += round.dead;
      sum.halt = round.halt;
      more = round.applied + round.dead > 0 && !round.halt;
    }
    return sum;
  }
  // Sequences, reacts, and sequences what came of it.
  events::Round settle(std::string const& name) {
    sequence();
    auto const round = react(name);
    sequence();
    return round;
  }

  void product(int id, std::string const& name, std::string const& price, int stock = 10) {
    sql("insert into products.product (id, sku, name, price, stock) values (" + std::to_string(id) +
        ", 's" + std::to_string(id) + "', '" + name + "', " + price + ", " + std::to_string(stock) +
        ")");
  }
  void order(int product, int quantity) {
    sql("insert into orders.\"order\" (\"user\", product_id, quantity) values ('zoe', " +
        std::to_string(product) + ", " + std::to_string(quantity) + ")");
  }
  // The projection, "1 Käse 2.50" a row.
  std::string known() {
    return one(
        "select coalesce(string_agg(id || ' ' || name || ' ' || price, ', ' order by id), '') "
        "from orders.known_product");
  }
};

// The error of `result`; fails the test if there is none.
template <class T>
Error error_in(Result<T> const& result) {
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

}  // namespace hansa::cli
