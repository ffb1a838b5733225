#include "api/edge_fixture.h"

#include <chrono>
#include <stdexcept>

#include "async/deadline.h"

namespace hansa::api {

namespace {

mesh::Object table(std::string name) {
  mesh::Column id;
  id.name = ColumnName("id");
  id.physical_name = "id";
  id.type.kind = types::Kind::int32;
  id.required = id.orderable = id.identity = true;
  mesh::Column text;
  text.name = ColumnName("name");
  text.physical_name = "name";
  text.description = "What <it> is called";
  mesh::Object object;
  object.name = ObjectName(name);
  object.physical_name = std::move(name);
  object.description = "Things & <more>";
  object.columns = {id, text};
  object.primary_key = {id.name};
  object.indexes = {{.name = "pk", .columns = {id.name}, .unique = true}};
  return object;
}

mesh::Domain domain(std::string name, std::vector<std::pair<std::string, std::uint32_t>> tables) {
  mesh::Domain domain;
  domain.name = DomainName(name);
  domain.team = name + "-team";
  mesh::Product product;
  product.name = ProductName("catalog");
  product.title = "Catalog";
  product.domain = domain.name;
  for (auto const& [object, major] : tables) {
    mesh::Contract contract;
    contract.id = ContractId(name + "-" + object + "-v" + std::to_string(major));
    contract.domain = domain.name;
    contract.product = product.name;
    contract.version = std::to_string(major) + ".0.0";
    contract.major = Major{major};
    contract.status = "active";
    contract.objects = {table(object)};
    product.output_ports.push_back({.name = object,
                                    .type = mesh::PortType::rest,
                                    .contract = contract.id,
                                    .major = contract.major,
                                    .description = ""});
    domain.contracts.push_back(std::move(contract));
  }
  domain.products = {product};
  return domain;
}

}  // namespace

mesh::Mesh const& test_shop() {
  static mesh::Mesh const mesh = [] {
    mesh::Mesh shop;
    shop.name = MeshName("shop");
    shop.domains = {domain("products", {{"product", 1}, {"stock_line", 1}, {"product", 2}}),
                    domain("users", {{"user", 1}})};
    shop.environments["development"].name = "development";
    return shop;
  }();
  return mesh;
}

void Recorder::observe(Event const& event) noexcept {
  if (auto const* one = std::get_if<RequestServed>(&event)) {
    served.push_back({.method = std::string(one->method),
                      .route = std::string(one->route),
                      .domain = std::string(one->domain),
                      .object = std::string(one->object),
                      .trace_id = std::string(one->trace_id),
                      .error_name = std::string(one->error_name),
                      .status = one->status,
                      .major = one->major});
  }
}

TestEdge::TestEdge(Writes writes) {
  context_.mesh = &test_shop();
  context_.environment = &test_shop().environments.at("development");
  context_.product.cursor_key = std::string(32, 'k');
  for (auto const& each : test_shop().domains) {
    context_.domains.push_back(each.name);
    context_.targets[each.name].conninfo = "host=/nonexistent dbname=none";
  }
  context_.writes = writes;
  context_.public_url = "http://mesh.shop.example";
  context_.observer = &recorder_;
  context_.metrics = [] { return std::string("up 1\n"); };
  context_.draining = &draining_;
  handler_ = make_handler(context_)(io_);
}

TestEdge::~TestEdge() = default;

net::Response TestEdge::ask(net::Method method, std::string target,
                            std::vector<net::Header> headers, std::string body) {
  net::Request request{.method = method,
                       .method_text = "",
                       .target = std::move(target),
                       .headers = std::move(headers),
                       .body = std::move(body),
                       .peer = "127.0.0.1",
                       .peer_is_loopback = true};
  if (!request.has_header("Host")) request.headers.push_back({"Host", "localhost:8000"});
  return ask(std::move(request));
}

net::Response TestEdge::ask(net::Request request) {
  request.received = std::chrono::steady_clock::now();
  std::optional<net::Response> response;
  std::exception_ptr thrown;
  auto take = [&](std::exception_ptr failed, net::Response made) {
    thrown = failed;
    response = std::move(made);
  };
  async::asio::co_spawn(io_, handler_->handle(std::move(request)), take);
  auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  io_.restart();
  while (!response && std::chrono::steady_clock::now() < give_up) {
    io_.run_one_until(give_up);
  }
  if (thrown) std::rethrow_exception(thrown);
  if (!response) throw std::runtime_error("no answer in time");
  return *std::move(response);
}

net::Response TestEdge::refuse(int status, std::string_view reason) {
  return handler_->refuse(status, reason);
}

std::string header_of(net::Response const& response, std::string_view name) {
  for (auto const& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "(none)";
}

}  // namespace hansa::api
