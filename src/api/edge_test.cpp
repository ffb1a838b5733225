#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/edge_fixture.h"
#include "api/problem.h"
#include "json/value.h"

namespace hansa::api {
namespace {

using net::Method;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string code_of(net::Response const& response) {
  auto const document = json::parse(response.body);
  if (!document || header_of(response, "Content-Type") != "application/problem+json") return "?";
  auto const* code = document->find("code");
  return code == nullptr ? "?" : *code->as_string();
}

TEST(Edge, AnswersUnknownPathsWithAProblemAndAHint) {
  TestEdge edge;
  auto const answer = edge.ask(Method::get, "/products/v1/prodct?x=1");
  EXPECT_EQ(answer.status, 404);
  auto const document = json::parse(answer.body);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(*document->find("type")->as_string(), "urn:hansa:error:route-not-found");
  EXPECT_EQ(*document->find("code")->as_string(), "H5001");
  EXPECT_EQ(*document->find("instance")->as_string(), "/products/v1/prodct");
  EXPECT_EQ(document->find("status")->as_number()->digits, "404");
  EXPECT_THAT(*document->find("hint")->as_string(), HasSubstr("/products/v1/product"));
  for (auto const* path :
       {"/products/v01/product", "/products/v3/product", "/product", "/products/v1/product/1/2",
        "//", "/-/", "/-/assets/../../etc/passwd", "/products/v1/%00", "/products/v1/\xff"}) {
    auto const lost = edge.ask(Method::get, path);
    EXPECT_EQ(lost.status, 404) << path;
    EXPECT_TRUE(json::parse(lost.body).has_value()) << lost.body;
  }
}

TEST(Edge, ForgivesATrailingSlashOnKnownPathsOnly) {
  TestEdge edge;
  auto const answer = edge.ask(Method::get, "/products/v1/product/");
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(header_of(answer, "Location"), "/products/v1/product");
  EXPECT_EQ(edge.ask(Method::get, "//evil.example/").status, 404);
}

TEST(Edge, SaysWhichMethodsAResourceTakes) {
  TestEdge edge;
  auto const put = edge.ask(Method::put, "/products/v1/product");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(header_of(put, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(code_of(put), "H5003");
  EXPECT_EQ(header_of(edge.ask(Method::post, "/products/v1/product/1"), "Allow"),
            "GET, HEAD, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(edge.ask(Method::other, "/").status, 405);
  TestEdge reading(Writes::refused);
  EXPECT_EQ(header_of(reading.ask(Method::put, "/products/v1/product"), "Allow"),
            "GET, HEAD, OPTIONS");
  auto const options = edge.ask(Method::options, "/products/v1/product");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header_of(options, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(edge.ask(Method::options, "*").status, 204);
}

TEST(Edge, NegotiatesWhatItGivesAndTakes) {
  TestEdge edge;
  auto const xml = edge.ask(Method::get, "/products/v1/product", {{"Accept", "text/csv"}});
  EXPECT_EQ(xml.status, 406);
  EXPECT_EQ(code_of(xml), "H5014");
  auto const form = edge.ask(Method::post, "/products/v1/product",
                             {{"Content-Type", "application/x-www-form-urlencoded"}}, "a=b");
  EXPECT_EQ(form.status, 415);
  EXPECT_EQ(header_of(form, "Accept-Post"), "application/json");
  auto const latin = edge.ask(Method::patch, "/products/v1/product/1",
                              {{"Content-Type", "application/json; charset=latin1"}}, "{}");
  EXPECT_EQ(latin.status, 415);
  EXPECT_THAT(header_of(latin, "Accept-Patch"), StartsWith("application/merge-patch+json"));
  EXPECT_EQ(edge.ask(Method::get, "/products/v1/product?name=%ff").status, 400);
  EXPECT_EQ(edge.ask(Method::get, "/products/v1/product/%ff").status, 400);
}

TEST(Edge, RefusesBadRequestsBeforeItNeedsADatabase) {
  TestEdge edge;
  EXPECT_EQ(code_of(edge.ask(Method::get, "/products/v1/product?colour=eq.red")), "H5004");
  EXPECT_EQ(code_of(edge.ask(Method::get, "/products/v1/product?order=name")), "H5007");
  EXPECT_EQ(code_of(edge.ask(Method::get, "/products/v1/product/abc")), "H5005");
  auto const body = edge.ask(Method::post, "/products/v1/product",
                             {{"Content-Type", "application/json"}}, R"({"nmae":1})");
  EXPECT_EQ(body.status, 422);
  EXPECT_THAT(body.body, HasSubstr(R"("errors":[{"path":"/nmae")"));
}

TEST(Edge, AnswersWhenADatabaseCannotBeReached) {
  TestEdge edge;
  auto const answer = edge.ask(Method::get, "/products/v1/product");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header_of(answer, "Retry-After"), "(none)");
  auto const ready = edge.ask(Method::get, "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr(R"("products":"not connected")"));
  EXPECT_EQ(edge.ask(Method::get, "/healthz").status, 200);
  edge.drain();
  EXPECT_THAT(edge.ask(Method::get, "/readyz").body, HasSubstr("draining"));
}

TEST(Edge, CarriesTheTraceAndReportsEachRequest) {
  TestEdge edge;
  auto const given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto const answer = edge.ask(Method::get, "/products/v2/product/x", {{"traceparent", given}});
  EXPECT_THAT(header_of(answer, "traceparent"), StartsWith("00-0af7651916cd43dd8448eb211c80319c-"));
  EXPECT_EQ(header_of(answer, "X-Request-Id"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_THAT(header_of(answer, "Server-Timing"), HasSubstr("total;dur="));
  EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
  ASSERT_EQ(edge.recorder().served.size(), 1U);
  auto const& served = edge.recorder().served.front();
  EXPECT_EQ(served.route, "/{domain}/v{major}/{object}/{key}");
  EXPECT_EQ(served.domain + " " + served.object, "products product");
  EXPECT_EQ(served.major, 2U);
  EXPECT_EQ(served.status, 400);
  EXPECT_EQ(served.error_name, "invalid-parameter");
  EXPECT_EQ(served.trace_id, "0af7651916cd43dd8448eb211c80319c");
}

TEST(Problem, SaysWhenToComeAgain) {
  auto const retry = [](Code code) {
    return header_of(problem({.code = code, .detail = ""}, "/x").response, "Retry-After");
  };
  EXPECT_EQ(problem({.code = Code::not_arrived_yet, .detail = ""}, "/x").response.status, 409);
  EXPECT_EQ(retry(Code::not_arrived_yet), "1");
  EXPECT_EQ(retry(Code::overloaded), "1");
  EXPECT_EQ(retry(Code::reference_violation), "(none)");
}

TEST(Edge, DescribesRefusedBytes) {
  TestEdge edge;
  auto const answer = edge.refuse(413, "body too large");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(code_of(answer), "H5010");
}

TEST(Edge, ListsWhatItServes) {
  TestEdge edge;
  auto const page = edge.ask(Method::get, "/");
  EXPECT_THAT(header_of(page, "Content-Type"), StartsWith("text/html"));
  EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, HasSubstr("Things &amp; &lt;more&gt;"));
  EXPECT_THAT(page.body, HasSubstr("href=\"/products/v2/docs\""));
  auto const listing = edge.ask(Method::get, "/", {{"Accept", "application/json"}});
  auto const document = json::parse(listing.body);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->find("domains")->as_array()->size(), 2U);
  EXPECT_EQ(edge.ask(Method::get, "/products").status, 200);
  EXPECT_THAT(edge.ask(Method::get, "/products/v1").body, HasSubstr("/products/v1/stock_line"));
  EXPECT_EQ(edge.ask(Method::get, "/metrics").body, "up 1\n");
}

TEST(Edge, GivesDocumentsWithTags) {
  TestEdge edge;
  auto const first = edge.ask(Method::get, "/products/v1/openapi.json");
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr("\"/products/v1/stock_line/{key}\""));
  EXPECT_THAT(first.body, Not(HasSubstr("/products/v2/")));
  auto const tag = header_of(first, "ETag");
  auto const second = edge.ask(Method::get, "/products/v1/openapi.json", {{"If-None-Match", tag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
}

TEST(Edge, ShowsDocsFromItsOwnFilesAlone) {
  TestEdge edge;
  auto const page = edge.ask(Method::get, "/products/v1/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, Not(HasSubstr("http")));
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  auto const at = page.body.find("/-/assets/swagger/");
  ASSERT_NE(at, std::string::npos);
  auto const path = page.body.substr(at, page.body.find('"', at) - at);
  auto const packed = edge.ask(Method::get, path, {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
  EXPECT_THAT(header_of(packed, "Cache-Control"), HasSubstr("immutable"));
  auto const plain = edge.ask(Method::get, path);
  EXPECT_EQ(header_of(plain, "Content-Encoding"), "(none)");
  EXPECT_GT(plain.body.size(), packed.body.size());
  EXPECT_THAT(plain.body, HasSubstr(".swagger-ui"));
  EXPECT_NE(header_of(plain, "ETag"), header_of(packed, "ETag"));
  EXPECT_THAT(edge.ask(Method::get, "/-/assets/docs.js").body, HasSubstr("SwaggerUIBundle"));
}

}  // namespace
}  // namespace hansa::api
