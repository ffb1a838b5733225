#include "api/event_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "api/edge_fixture.h"
#include "json/value.h"
#include "render/event_shop.h"

namespace hansa::api {
namespace {

using net::Method;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace shop = render::event_shop;

std::string body(mesh::Mesh const& mesh, std::string const& domain) {
  std::vector<mesh::Domain const*> served;
  for (auto const& each : mesh.domains) served.push_back(&each);
  return event_page(mesh, *mesh.find_domain(domain), served).body;
}

TEST(EventPage, ShowsTopicsWithWhoReadsThem) {
  auto const page = body(shop::mesh(), "orders");
  for (auto const* part :
       {"<section id=\"orders-order_line-v1\">", "href=\"#orders-order_placed-v1\"",
        "A JSON array of the texts of <code>order_id</code>, <code>number</code>.",
        "<td>numeric(10,2)</td><td>required</td>", "<code>note</code> (personal)",
        "<a href=\"/products/events#port:order_placed\">products/order_placed</a>",
        "<a href=\"/products/events#products-product-v1\">products-product-v1</a>",
        "<section id=\"port:product\">", "to build <code>known_product</code>",
        "<section id=\"orders-product_dead-v1\">",
        "Whether it was seen before. One of: new, repeated.", "<dd>7 days</dd>",
        "ce_type: orders.order_line.v1", "&quot;order_id&quot;: 1",
        "href=\"/orders/asyncapi.json\""}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(EventPage, LinksOnlyToPagesThatAreServedHere) {
  auto const mesh = shop::mesh();
  auto const* orders = mesh.find_domain("orders");
  auto const page = event_page(mesh, *orders, {&orders, 1}).body;
  EXPECT_THAT(page, Not(HasSubstr("/products/events")));
  EXPECT_THAT(page, HasSubstr("<li>products/order_placed"));
}

TEST(EventPage, SaysSoWhereThereIsNothing) {
  EXPECT_THAT(body(shop::mesh(), "users"), HasSubstr("publishes no events"));
}

// Whatever a contract says is text: nothing of it becomes markup.
TEST(EventPage, EscapesHostileText) {
  static constexpr std::string_view evil = "</pre></td>`<script>alert(\"1\")</script>'&amp;";
  std::string const text(evil);
  auto mesh = shop::mesh();
  for (auto& domain : mesh.domains) {
    domain.description = domain.team = text;
    for (auto& product : domain.products) product.description = product.title = text;
    for (auto& contract : domain.contracts) {
      contract.version = contract.status = text;
      for (auto& object : contract.objects) {
        object.description = object.business_name = text;
        for (auto& column : object.columns) {
          column.description = column.business_name = column.classification = text;
          if (column.type.kind == types::Kind::text) column.examples = {json::text(text)};
          if (column.type.kind == types::Kind::text) column.rules.valid_values = {text};
        }
      }
    }
  }
  for (auto const* domain : {"orders", "products", "users"}) {
    auto const page = body(mesh, domain);
    EXPECT_THAT(page, Not(HasSubstr("<script"))) << domain;
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)"));
    EXPECT_EQ(std::ranges::count(page, '\''), 0);
    EXPECT_THAT(page, HasSubstr("&amp;amp;"));
  }
}

TEST(EventPage, IsServedBesideItsDocument) {
  TestEdge edge;
  auto const page = edge.ask(Method::get, "/products/events");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(header_of(page, "Content-Type"), StartsWith("text/html"));
  EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, Not(HasSubstr("http")));
  auto const document = edge.ask(Method::get, "/products/asyncapi.json");
  EXPECT_EQ(document.status, 200);
  auto const parsed = json::parse(document.body);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed->find("asyncapi")->as_string(), "3.0.0");
  auto const tag = header_of(document, "ETag");
  auto const again = edge.ask(Method::get, "/products/asyncapi.json", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(edge.recorder().served.front().route, "/{domain}/events");
  EXPECT_EQ(edge.recorder().served.front().domain, "products");
  EXPECT_EQ(edge.ask(Method::post, "/products/events").status, 405);
  EXPECT_EQ(edge.ask(Method::get, "/products/events/").status, 308);
  for (auto const* path : {"/products/v1/events", "/products/event", "/nobody/events",
                           "/products/events/x", "/events", "/products/asyncapi.json/x"}) {
    EXPECT_EQ(edge.ask(Method::get, path).status, 404) << path;
  }
  EXPECT_THAT(edge.ask(Method::get, "/products/event").body, HasSubstr("/products/events"));
  EXPECT_THAT(edge.ask(Method::get, "/products").body,
              HasSubstr("\"asyncapi\": \"/products/asyncapi.json\""));
}

// Most pages of a mesh without events do not speak of them.
TEST(EventPage, IsLinkedWhereThereAreEvents) {
  TestEdge edge;
  EXPECT_THAT(edge.ask(Method::get, "/").body, Not(HasSubstr("/products/events")));
  EXPECT_THAT(edge.ask(Method::get, "/users/v1/docs").body, Not(HasSubstr("/users/events")));
}

}  // namespace
}  // namespace hansa::api
