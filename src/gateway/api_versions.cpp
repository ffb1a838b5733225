#include "gateway/handlers.h"
#include "wire/metadata.h"

namespace hansa::gateway {

// An unknown version is answered in the shape of version 0, with the error and the range of this
// very request, so that the client can ask again (KIP-511).
async::Task<void> answer_api_versions(Broker&, Call& call) {
  bool const known = wire::find_api(call.header.key)->serves(call.header.version);
  wire::ApiVersionsResponse response;
  if (!known) {
    call.header.version = 0;
    response.error = wire::KafkaError::unsupported_version;
    call.note(response.error);
  } else if (!request_of<wire::ApiVersionsRequest>(call)) {
    co_return;
  }
  for (wire::Api const& api : wire::apis)
    if (known || api.key == wire::ApiKey::api_versions)
      response.apis.push_back({.api_key = static_cast<std::int16_t>(api.key),
                               .min = api.advertised_min,
                               .max = api.max});
  respond(call, response);
}

}  // namespace hansa::gateway
