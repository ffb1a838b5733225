// SaslHandshake, SaslAuthenticate: a client on the developer's machine may say for which domain it
// speaks (PLAIN, RFC 4616; its password is not looked at), and can then write to topics of that
// domain and of nobody. Elsewhere nobody is let in: there is no access control yet.
#include "gateway/handlers.h"
#include "wire/metadata.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

constexpr std::string_view plain = "PLAIN";

// The domain a name stands for: "orders", or a role of it, "orders-writer".
mesh::Domain const* domain_of(mesh::Mesh const& mesh, std::string_view name) {
  auto const* const whole = mesh.find_domain(name);
  if (whole != nullptr) return whole;
  return mesh.find_domain(name.substr(0, name.find('-')));
}

}  // namespace

async::Task<void> answer_sasl_handshake(Broker&, Call& call) {
  auto const request = request_of<wire::SaslHandshakeRequest>(call);
  if (!request) co_return;
  wire::SaslHandshakeResponse response;
  response.mechanisms = {std::string(plain)};
  if (request->mechanism != plain) response.error = KafkaError::unsupported_sasl_mechanism;
  call.note(response.error);
  respond(call, response);
}

async::Task<void> answer_sasl_authenticate(Broker& broker, Call& call) {
  auto const request = request_of<wire::SaslAuthenticateRequest>(call);
  if (!request) co_return;
  std::string_view const bytes = request->bytes;
  auto const first = bytes.find('\0');
  auto const second = first == std::string_view::npos ? first : bytes.find('\0', first + 1);
  wire::SaslAuthenticateResponse response;
  auto const topics = broker.topics();
  auto const name = second == std::string_view::npos ? std::string_view{}
                                                     : bytes.substr(first + 1, second - first - 1);
  auto const* const domain =
      topics->mesh && !name.empty() ? domain_of(*topics->mesh, name) : nullptr;
  if (!call.peer->principal.may_write) {
    response.error = KafkaError::sasl_authentication_failed;
    response.error_message = "there is no access control yet, so nobody is let in from elsewhere";
  } else if (domain == nullptr) {
    response.error = KafkaError::sasl_authentication_failed;
    response.error_message = "the user is the name of a domain of the mesh, or of a role of one";
  } else {
    call.peer->principal.name = name;
    call.peer->principal.domain = domain->name;
  }
  call.note(response.error);
  respond(call, response);
}

}  // namespace hansa::gateway
