#include <boost/json/basic_parser_impl.hpp>

#include "json/tree_builder.h"
#include "json/value.h"

namespace hansa::json {
namespace {

std::string at_byte(std::string detail, std::size_t offset) {
  return std::move(detail) + " at byte " + std::to_string(offset);
}

Error explain(boost::json::error_code const& ec, TreeBuilder const& builder, std::size_t offset) {
  if (auto const& refusal = builder.refusal())
    return {refusal->code, at_byte(refusal->detail, offset)};
  if (ec == boost::json::error::too_deep)
    return {Code::too_complex, at_byte("nested too deep", offset)};
  return {Code::malformed_json, at_byte(ec.message(), offset)};
}

}  // namespace

Result<Value> parse(std::string_view document, ParseLimits const& limits) {
  if (document.size() > limits.bytes_max)
    return failure(Code::body_too_large, "document is " + std::to_string(document.size()) +
                                             " bytes, " + std::to_string(limits.bytes_max) +
                                             " are accepted");
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<TreeBuilder> parser(options, limits.values_max);
  boost::json::error_code ec;
  auto const used = parser.write_some(false, document.data(), document.size(), ec);
  if (ec) return std::unexpected(explain(ec, parser.handler(), used));
  if (used < document.size())
    return failure(Code::malformed_json, at_byte("something follows the document", used));
  return parser.handler().take();
}

}  // namespace hansa::json
