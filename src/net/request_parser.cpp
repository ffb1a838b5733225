#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace hansa::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::delete_;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

// A line that starts with white space continues the one before (obs-fold): readers differ on it.
bool has_folded_line(std::string_view head) {
  for (auto at = head.find('\n'); at != std::string_view::npos && at + 1 < head.size();
       at = head.find('\n', at + 1)) {
    if (head[at + 1] == ' ' || head[at + 1] == '\t') return true;
  }
  return false;
}

class Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(ServerLimits const& limits) : limits_(limits) {
    // Beast counts the request line against the header limit too.
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + limits.target_bytes_max));
    body_limit(limits.body_bytes_max);
  }

  Request request;
  std::optional<Refusal> refusal;
  bool expects_continue = false;
  bool http10 = false;
  bool line_done = false;
  std::size_t head_bytes = 0;  // consumed
  std::size_t hosts = 0;

 private:
  void refuse(ErrorCode& ec, Refusal why) {
    refusal = why;
    ec = http::error::bad_field;
  }

  void on_request_impl(http::verb verb, string_view method, string_view target, int version,
                       ErrorCode& ec) override {
    if (target.size() > limits_.target_bytes_max) return refuse(ec, {414, "target too long"});
    static constexpr std::size_t headers_usual = 8;
    request.headers.reserve(headers_usual);
    line_done = true;
    http10 = version < 11;
    request.method = method_of(verb);
    if (request.method == Method::other) request.method_text.assign(method.data(), method.size());
    std::string_view text(target.data(), target.size());
    if (text.starts_with("http://") || text.starts_with("https://")) {
      // The absolute form: its authority stands in for Host (RFC 9112, 3.2.2).
      text.remove_prefix(text.find("//") + 2);
      auto const slash = text.find_first_of("/?");
      authority_ = text.substr(0, slash);
      text = slash == std::string_view::npos ? std::string_view{} : text.substr(slash);
      request.target = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
      return;
    }
    if (!text.starts_with('/') && !(text == "*" && request.method == Method::options)) {
      return refuse(ec, {400, "target is not a path"});
    }
    request.target.assign(text);
  }

  void on_response_impl(int, string_view, int, ErrorCode& ec) override {
    ec = http::error::bad_field;
  }

  void on_field_impl(http::field field, string_view name, string_view value,
                     ErrorCode& ec) override {
    if (head_done_) return;  // a trailer: it could contradict the head, so it is dropped
    std::string_view const text(value.data(), value.size());
    switch (field) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::content_length:
        if (length_seen_ || coding_seen_) return refuse(ec, {400, "conflicting body lengths"});
        if (!all_digits(text)) return refuse(ec, {400, "bad Content-Length"});
        length_seen_ = true;
        break;
      case http::field::transfer_encoding:
        if (length_seen_ || coding_seen_) return refuse(ec, {400, "conflicting body lengths"});
        if (http10 || !equals_ignoring_case(text, "chunked")) {
          return refuse(ec, {400, "unsupported Transfer-Encoding"});
        }
        coding_seen_ = true;
        break;
      case http::field::expect:
        if (!equals_ignoring_case(text, "100-continue")) {
          return refuse(ec, {400, "unsupported Expect"});
        }
        expects_continue = !http10;
        break;
      default:
        break;
    }
    request.headers.push_back({std::string(name.data(), name.size()), std::string(text)});
  }

  void on_header_impl(ErrorCode& ec) override {
    head_done_ = true;
    if (hosts > 1 || (hosts == 0 && !http10)) {
      return refuse(ec, {400, "exactly one Host header is required"});
    }
    if (authority_.empty()) return;
    for (auto& header : request.headers) {
      if (equals_ignoring_case(header.name, "host")) header.value = authority_;
    }
  }

  void on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) override {
    // A stated length is a claim: what is set aside for it at once is small.
    static constexpr std::uint64_t reserved_max = 64U << 10U;
    if (length) request.body.reserve(static_cast<std::size_t>(std::min(*length, reserved_max)));
  }

  std::size_t on_body_impl(string_view body, ErrorCode&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, ErrorCode&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, ErrorCode&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }

  void on_finish_impl(ErrorCode&) override {}

  ServerLimits const& limits_;
  std::string authority_;
  bool length_seen_ = false;
  bool coding_seen_ = false;
  bool head_done_ = false;
};

enum class LineSeen : std::uint8_t { no, yes };

Refusal refusal_of(ErrorCode ec, LineSeen line) {
  if (ec == http::error::body_limit) return {413, "body too large"};
  if (ec == http::error::header_limit) {
    return line == LineSeen::no ? Refusal{414, "target too long"}
                                : Refusal{431, "headers too large"};
  }
  if (ec == http::error::bad_version) return {400, "HTTP version is not 1.0 or 1.1"};
  if (ec == http::error::bad_transfer_encoding || ec == http::error::bad_content_length ||
      ec == http::error::multiple_content_length) {
    return {400, "conflicting or malformed body length"};
  }
  if (ec == http::error::bad_chunk || ec == http::error::bad_chunk_extension) {
    return {400, "malformed chunk"};
  }
  if (ec == http::error::bad_method) return {400, "malformed method"};
  if (ec == http::error::bad_target) return {400, "malformed target"};
  return {400, "malformed header"};
}

}  // namespace

struct RequestParser::State {
  explicit State(ServerLimits const& server_limits) : limits(server_limits) {}
  ServerLimits const& limits;
  std::optional<Parser> parser;
};

RequestParser::RequestParser(ServerLimits const& limits)
    : state_(std::make_unique<State>(limits)) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() { state_->parser.emplace(state_->limits); }

RequestParser::Progress RequestParser::feed(std::string_view bytes, std::size_t& consumed) {
  auto& parser = *state_->parser;
  auto const head_was_done = parser.is_header_done();
  auto const head_bytes_max = state_->limits.header_bytes_max + state_->limits.target_bytes_max;
  consumed = 0;
  for (;;) {
    auto const rest = bytes.substr(consumed);
    ErrorCode ec;
    auto const taken = parser.put({rest.data(), rest.size()}, ec);
    if (ec && ec != http::error::need_more) {
      auto const line_seen = parser.line_done || rest.substr(0, head_bytes_max).contains('\n');
      auto const line = line_seen ? LineSeen::yes : LineSeen::no;
      if (!parser.refusal) parser.refusal = refusal_of(ec, line);
      return Progress::refused;
    }
    // Beast takes whole fields even of an unfinished head, and a folded one as a whole.
    if (!head_was_done && has_folded_line(rest.substr(0, taken))) {
      parser.refusal = Refusal{400, "folded header line"};
      return Progress::refused;
    }
    // Its header limit is on what it is given at once, not on the sum.
    if (!head_was_done && (parser.head_bytes += taken) > head_bytes_max) {
      parser.refusal = Refusal{431, "headers too large"};
      return Progress::refused;
    }
    consumed += taken;
    if (ec) return Progress::more;
    if (parser.is_done()) return Progress::done;
    if (!head_was_done) return Progress::head_done;
    if (consumed == bytes.size()) return Progress::more;
  }
}

Refusal RequestParser::refusal() const {
  return state_->parser->refusal.value_or(Refusal{400, "malformed request"});
}

bool RequestParser::expects_continue() const { return state_->parser->expects_continue; }

std::size_t RequestParser::body_bytes_stated() const {
  auto const& parser = *state_->parser;
  if (!parser.is_header_done()) return 0;
  return static_cast<std::size_t>(parser.content_length().value_or(0));
}

bool RequestParser::keep_alive() const { return state_->parser->keep_alive(); }
bool RequestParser::is_http10() const { return state_->parser->http10; }
Request RequestParser::take() { return std::move(state_->parser->request); }

}  // namespace hansa::net
