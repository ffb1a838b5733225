#include "mesh/environments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "mesh/names.h"

namespace hansa::mesh {

namespace {

constexpr std::int64_t connections_min = 4;
constexpr std::int64_t connections_limit = 10'000;

bool is_reference(std::string_view inside) {
  if (inside.starts_with("file:") || inside.starts_with("cmd:")) {
    return inside.size() > inside.find(':') + 1;
  }
  auto const word = [](char c) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !inside.empty() && std::ranges::all_of(inside, word) &&
         !(inside[0] >= '0' && inside[0] <= '9');
}

// Whether every ${...} is closed and of a known form.
bool references_are_sound(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at)) {
    std::size_t const end = text.find('}', at);
    if (end == std::string_view::npos || !is_reference(text.substr(at + 2, end - at - 2))) {
      return false;
    }
    at = end;
  }
  return true;
}

// A password that stands in the file itself: "password=secret", or "user:secret@" of a URL.
bool holds_plain_password(std::string_view text) {
  std::size_t const key = text.find("password=");
  if (key != std::string_view::npos) return !text.substr(key + 9).starts_with("${");
  std::size_t const scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  std::string_view const authority =
      text.substr(scheme + 3, text.find('/', scheme + 3) - scheme - 3);
  std::size_t const at = authority.rfind('@');
  if (at == std::string_view::npos) return false;
  std::size_t const colon = authority.substr(0, at).find(':');
  return colon != std::string_view::npos && !authority.substr(colon + 1).starts_with("${");
}

std::optional<Secret> connection(spec::Text const& text, Diagnostics& diagnostics) {
  if (!spec::written(text)) return std::nullopt;
  if (text.value.empty() || !references_are_sound(text.value)) {
    diagnostics.error(Code::invalid_value, text.where, "the reference is not understood",
                      "references are ${NAME}, ${file:/path} or ${cmd:command}");
    return std::nullopt;
  }
  if (holds_plain_password(text.value)) {
    diagnostics.error(Code::invalid_value, text.where, "a password stands in the file",
                      "write it as ${NAME}, ${file:/path} or ${cmd:command}");
    return std::nullopt;
  }
  return Secret{text.value, text.where};
}

struct Address {
  std::string host;  // may be empty
  std::uint16_t port = 0;
};

// "host:port", "[v6]:port" or ":port".
std::optional<Address> parse_address(std::string_view all) {
  std::size_t const colon = all.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Address address;
  std::string_view const digits = all.substr(colon + 1);
  auto const [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view host = all.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.find_first_of(" /") != std::string_view::npos) return std::nullopt;
  address.host = host;
  return address;
}

void resolve_listen(spec::Text const& text, Environment& environment, Diagnostics& diagnostics) {
  if (!spec::written(text)) return;
  auto address = parse_address(text.value);
  if (!address) {
    diagnostics.error(Code::invalid_value, text.where,
                      fmt::format("`{:.80}` is no address to listen on", text.value),
                      "write host:port, e.g. 0.0.0.0:8000");
    return;
  }
  if (!address->host.empty()) environment.listen_host = std::move(address->host);
  environment.listen_port = address->port;
}

void resolve_advertised(spec::Text const& text, Environment& environment,
                        Diagnostics& diagnostics) {
  if (!spec::written(text)) return;
  auto address = parse_address(text.value);
  if (!address || address->host.empty() || address->port == 0) {
    diagnostics.error(
        Code::invalid_value, text.where,
        fmt::format("`{:.80}` is no address that Kafka clients can be told", text.value),
        "write host:port, e.g. kafka.shop.example:9092");
    return;
  }
  environment.advertised_host = std::move(address->host);
  environment.advertised_port = address->port;
}

void resolve_url(spec::Text const& text, Environment& environment, Diagnostics& diagnostics) {
  if (!spec::written(text)) return;
  bool const http = text.value.starts_with("https://") || text.value.starts_with("http://");
  if (!http || text.value.find_first_of(" ?#\"<>") != std::string::npos) {
    diagnostics.error(Code::invalid_value, text.where,
                      fmt::format("`{:.120}` is no base URL", text.value),
                      "write http(s)://host[:port][/path]");
    return;
  }
  environment.url = text.value;
  while (environment.url.ends_with('/')) environment.url.pop_back();
}

Environment resolve_environment(spec::EnvironmentSpec const& source,
                                std::set<std::string> const& domains, Diagnostics& diagnostics) {
  Environment environment;
  environment.name = source.name.value;
  check_name(NameKind::environment, environment.name, source.name.where, diagnostics);
  resolve_url(source.url, environment, diagnostics);
  resolve_listen(source.listen, environment, diagnostics);
  resolve_advertised(source.advertised, environment, diagnostics);
  environment.postgres = connection(source.postgres, diagnostics);
  environment.registry = connection(source.registry, diagnostics);
  if (environment.registry)
    diagnostics.warning(Code::not_supported_yet, source.registry.where,
                        "schemas are kept by Hansa's own registry; another is not used yet");
  environment.seed = source.seed.value_or(environment.name == "development");
  if (source.connections) {
    std::int64_t const wanted = source.connections->value;
    if (wanted < connections_min || wanted > connections_limit) {
      diagnostics.error(Code::invalid_value, source.connections->where,
                        fmt::format("`connections` is a number from {} to {}", connections_min,
                                    connections_limit));
    } else {
      environment.connections_max = static_cast<std::uint32_t>(wanted);
    }
  }
  for (auto const& [domain, postgres] : source.domain_postgres) {
    if (!domains.contains(domain.value)) {
      std::vector<std::string_view> const names(domains.begin(), domains.end());
      std::string_view const near = nearest(domain.value, names);
      diagnostics.error(Code::missing_reference, domain.where,
                        fmt::format("the mesh has no domain `{:.80}`", domain.value),
                        near.empty() ? std::string{} : fmt::format("did you mean `{}`?", near));
    } else if (auto secret = connection(postgres, diagnostics)) {
      environment.domain_postgres.emplace(DomainName(domain.value), std::move(*secret));
    }
  }
  return environment;
}

}  // namespace

std::map<std::string, Environment> resolve_environments(spec::MeshFile const& file,
                                                        std::set<std::string> const& domains,
                                                        Diagnostics& diagnostics) {
  std::map<std::string, Environment> environments;
  Environment development;
  development.name = "development";
  development.seed = true;
  environments.emplace(development.name, development);
  for (spec::EnvironmentSpec const& source : file.environments) {
    environments.insert_or_assign(source.name.value,
                                  resolve_environment(source, domains, diagnostics));
  }
  return environments;
}

}  // namespace hansa::mesh
