#include "api/edge.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "api/access.h"
#include "api/negotiate.h"
#include "api/problem.h"

namespace hansa::api {

namespace {

using Clock = std::chrono::steady_clock;

// "1.234", in milliseconds; without floating point, which costs more to print.
std::string milliseconds(std::chrono::nanoseconds time) {
  auto const us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

std::string_view domain_of(Match const& match) {
  return match.domain == nullptr ? std::string_view{} : match.domain->name.text();
}

// What is reported when a stream ends, or when its reader leaves and it is destroyed. The views of
// `served` point into the mesh and into static text, but for the trace, which is kept here.
class StreamReport {
 public:
  StreamReport(Observer& observer, RequestServed const& served, Trace const& trace,
               Clock::time_point received)
      : observer_(observer), served_(served), trace_(trace), received_(received) {
    served_.trace_id = trace_.id();
    served_.cause = {};
  }
  StreamReport(StreamReport const&) = delete;
  StreamReport& operator=(StreamReport const&) = delete;
  ~StreamReport() {
    served_.elapsed = Clock::now() - received_;
    observer_.observe(served_);
  }
  void add(std::string_view piece) {
    served_.body_bytes += piece.size();
    served_.rows += static_cast<std::uint64_t>(std::ranges::count(piece, '\n'));
  }

 private:
  Observer& observer_;
  RequestServed served_;
  Trace trace_;
  Clock::time_point received_;
};

async::Task<std::optional<std::string>> reported_piece(std::shared_ptr<StreamReport> report,
                                                       std::shared_ptr<net::BodyStream> stream) {
  auto piece = co_await (*stream)();
  if (piece) report->add(*piece);
  co_return piece;
}

RequestServed served_of(Call const& call, Reply const& reply) {
  RequestServed served{
      .method = call.request.method == net::Method::other ? std::string_view("OTHER")
                                                          : net::to_text(call.request.method),
      .route = pattern(call.match.resource),
      .domain = domain_of(call.match),
      .status = reply.response.status,
      .rows = reply.rows,
      .body_bytes = reply.response.body.size(),
      .elapsed = Clock::now() - call.request.received,
      .trace_id = call.trace.id(),
  };
  if (call.match.version != nullptr) served.major = number(call.match.version->major);
  if (call.match.served != nullptr) {
    served.product = call.match.served->product->name.text();
    served.object = call.match.served->object->name.text();
  }
  if (reply.error) served.error_name = info(*reply.error).name;
  served.cause = reply.cause;
  return served;
}

}  // namespace

Edge::Edge(async::asio::io_context& io, Context const& context)
    : context_(context),
      router_(*context.mesh, context.domains),
      databases_(io, context,
                 context.threads > 0 ? context.threads
                                     : std::max(1U, std::thread::hardware_concurrency())),
      service_(
          *context.mesh, context.product,
          [this](DomainName const& domain) -> postgres::Database& {
            return databases_.find(domain);
          },
          context.wrote),
      documents_(context),
      backends_{context, router_, databases_, service_, documents_} {}

Edge::~Edge() = default;

async::Task<net::Response> Edge::handle(net::Request request) {
  auto const trace = trace_of(request.header("traceparent"));
  Call call{.request = std::move(request), .trace = trace, .match = {}};
  auto reply = co_await answer(call);
  finish(call, reply);
  observe(call, reply);
  co_return std::move(reply.response);
}

// The one place where what was thrown on the way becomes an answer. PostgreSQL's messages may quote
// rows, so a thrown detail goes to the log and only the catalogue's words to the client.
async::Task<Reply> Edge::answer(Call& call) {
  std::string thrown;
  Code code = Code::internal;
  try {
    Route const* route = nullptr;
    if (auto reply = answer_at_once(call, route)) co_return *std::move(reply);
    co_return co_await route->action(backends_, call);
  } catch (Failure const& failure) {
    code = failure.error().code;
    thrown = failure.what();
  } catch (std::exception const& exception) {
    thrown = exception.what();
  }
  context_.observer->observe(Notice{LogLevel::error, "request failed", thrown});
  co_return problem({.code = code, .detail = std::string(info(code).title)}, call.request.path());
}

std::optional<Reply> Edge::answer_at_once(Call& call, Route const*& route) {
  auto const& request = call.request;
  if (request.target == "*") {
    Reply reply;
    reply.response = options_answer(request, Resource::collection, context_);
    return reply;
  }
  auto const path = request.path();
  auto const match = router_.match(path);
  if (!match) return not_found(path, request.query());
  call.match = *match;
  if (request.method == net::Method::options) {
    Reply reply;
    reply.response = options_answer(request, match->resource, context_);
    return reply;
  }
  route = find_route(match->resource, request.method);
  if (route == nullptr) {
    auto const writable = context_.writes == Writes::refused ? Writable::no : Writable::yes;
    auto reply = problem({.code = Code::method_not_allowed,
                          .detail = "this resource does not take that method",
                          .hint = "Allow lists what it takes"},
                         path);
    reply.response.set("Allow", allowed_methods(match->resource, writable));
    return reply;
  }
  if (route->effect == Effect::writes) {
    auto const allowed = may_write(request, context_);
    if (!allowed) return problem(allowed.error(), path);
  }
  if (!route->accepts.empty() &&
      !is_accepted_type(request.header("Content-Type"), route->accepts)) {
    auto reply = problem({.code = Code::unsupported_media_type,
                          .detail = "the body's Content-Type is not taken here",
                          .hint = "send " + std::string(route->accepts)},
                         path);
    reply.response.set(request.method == net::Method::patch ? "Accept-Patch" : "Accept-Post",
                       std::string(route->accepts));
    return reply;
  }
  return std::nullopt;
}

Reply Edge::not_found(std::string_view path, std::string_view query) const {
  // A slash too many is forgiven. The target is a route of ours, so this leads nowhere else.
  if (path.size() > 2 && path.ends_with('/') &&
      router_.match(path.substr(0, path.size() - 1)).has_value()) {
    Reply reply;
    reply.response.status = 308;
    auto location = std::string(path.substr(0, path.size() - 1));
    if (!query.empty()) location.append("?").append(query);
    reply.response.set("Location", std::move(location));
    return reply;
  }
  return problem({.code = Code::route_not_found,
                  .detail = "nothing is served at this path",
                  .hint = router_.hint(path)},
                 path);
}

void Edge::finish(Call const& call, Reply& reply) {
  auto& response = reply.response;
  allow_reading(call.request, context_, response);
  auto const total = Clock::now() - call.request.received;
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back(
      {"Server-Timing",
       fmt::format("total;dur={}, db;dur={}", milliseconds(total), milliseconds(reply.database))});
  response.headers.push_back({"traceparent", to_text(call.trace)});
  response.headers.push_back({"X-Request-Id", std::string(call.trace.id())});
}

void Edge::observe(Call const& call, Reply& reply) const {
  auto const served = served_of(call, reply);
  auto& stream = reply.response.stream;
  if (!stream || call.request.method == net::Method::head) {
    context_.observer->observe(served);
    return;
  }
  auto const report =
      std::make_shared<StreamReport>(*context_.observer, served, call.trace, call.request.received);
  auto const inner = std::make_shared<net::BodyStream>(std::move(stream));
  stream = [report, inner] { return reported_piece(report, inner); };
}

net::Response Edge::refuse(int status, std::string_view reason) { return refusal(status, reason); }

}  // namespace hansa::api
