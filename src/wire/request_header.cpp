#include "wire/request_header.h"

#include "wire/protocol_io.h"

namespace hansa::wire {
namespace {

bool is_flexible(RequestHeader const& header) {
  auto const* const api = find_api(header.key);
  return api != nullptr && header.version >= api->flexible;
}

}  // namespace

// The client's name is never compact, also where tagged fields follow it.
Result<FramedRequest> read_request_header(std::string_view frame) {
  ProtocolReader io(frame, false);
  FramedRequest request;
  auto& header = request.header;
  io(header.key);
  io(header.version);
  io(header.correlation_id);
  io(header.client_id);
  if (!io.ok()) return failure(Code::invalid_body, "the bytes are no header of a request");
  request.body = io.rest();
  auto const* const api = find_api(header.key);
  if (api != nullptr && api->serves(header.version) && is_flexible(header)) {
    ProtocolReader tags(request.body, true);
    tags.end();
    if (!tags.ok()) return failure(Code::invalid_body, "the bytes are no header of a request");
    request.body = tags.rest();
  }
  return request;
}

void write_request_header(RequestHeader const& header, std::string& out) {
  ProtocolWriter io(out, false);
  io(header.key);
  io(header.version);
  io(header.correlation_id);
  io(header.client_id);
  if (is_flexible(header)) ProtocolWriter(out, true).end();
}

void begin_response(ApiKey key, std::int16_t version, std::int32_t correlation_id,
                    std::string& out) {
  ProtocolWriter(out, false)(correlation_id);
  // A client that asks for versions does not know yet which we speak.
  if (key == ApiKey::api_versions) return;
  ProtocolWriter(out, version >= find_api(static_cast<std::int16_t>(key))->flexible).end();
}

}  // namespace hansa::wire
