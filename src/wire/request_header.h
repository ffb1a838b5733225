// What stands before each request and each answer (Kafka protocol guide, section Request Header;
// KIP-482, KIP-511). Pure; open to all threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/api.h"

namespace hansa::wire {

struct RequestHeader {
  std::int16_t key = 0;      // may be one that is not served
  std::int16_t version = 0;  // likewise
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id;
};

struct FramedRequest {
  RequestHeader header;
  std::string_view body;
};

// `frame`: a request without its length. Of a key or version that is not served the header is read
// as far as all versions have it; what is behind it then says nothing. Error: invalid_body.
[[nodiscard]] Result<FramedRequest> read_request_header(std::string_view frame);

// Appends, for tests and clients of ours.
void write_request_header(RequestHeader const& header, std::string& out);

// Appends what stands before an answer, without its length.
void begin_response(ApiKey key, std::int16_t version, std::int32_t correlation_id,
                    std::string& out);

}  // namespace hansa::wire
