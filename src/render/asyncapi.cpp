#include "render/asyncapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "json/value.h"
#include "render/channels.h"
#include "render/domain_events.h"
#include "render/event_schemas.h"
#include "render/words.h"

namespace hansa::render {

namespace {

// A domain has no version of its own: that of its one contract, else its newest major.
std::string version_of(DomainEvents const& events) {
  Major newest{};
  bool one = true;
  for (auto const& each : events.published) {
    newest = std::max(newest, each.topic.major);
    one = one && each.contract == events.published.front().contract;
  }
  if (events.published.empty() || !one) return fmt::format("{}", number(newest));
  return events.published.front().contract->version;
}

json::Value contact_of(mesh::Domain const& domain) {
  json::Object contact;
  add(contact, "name", domain.team);
  auto const has_url = [](mesh::SupportChannel const& channel) { return !channel.url.empty(); };
  auto const found = std::ranges::find_if(domain.support, has_url);
  if (found != domain.support.end()) add(contact, "url", found->url);
  return json::object(std::move(contact));
}

// The products that have a port for events.
json::Value tags_of(mesh::Domain const& domain, DomainEvents const& events) {
  auto const takes_part = [&](mesh::Product const& product) {
    return std::ranges::any_of(
               events.published,
               [&](EventTopic const& each) { return each.topic.product == product.name; }) ||
           std::ranges::any_of(events.ports,
                               [&](auto const* port) { return port->product == product.name; });
  };
  json::Array tags;
  for (auto const& product : domain.products) {
    if (!takes_part(product)) continue;
    json::Object tag{{"name", json::text(product.name.text())}};
    add(tag, "description", product.description.empty() ? product.title : product.description);
    tags.push_back(json::object(std::move(tag)));
  }
  return json::array(std::move(tags));
}

json::Value info(mesh::Domain const& domain, DomainEvents const& events,
                 AsyncApiOptions const& options) {
  json::Object members{{"title", json::text("Events of " + domain.name.text())},
                       {"version", json::text(version_of(events))}};
  add(members, "description", domain.description);
  members.emplace_back("contact", contact_of(domain));
  members.emplace_back("tags", tags_of(domain, events));
  if (!options.page_url.empty()) {
    members.emplace_back("externalDocs",
                         json::object({{"url", json::text(options.page_url)},
                                       {"description", json::text("The same as a page.")}}));
  }
  return json::object(std::move(members));
}

json::Value servers(AsyncApiOptions const& options) {
  json::Object members;
  for (auto const& server : options.servers) {
    members.emplace_back(server.name, json::object({{"host", json::text(server.host)},
                                                    {"protocol", json::text(server.protocol)}}));
  }
  return json::object(std::move(members));
}

struct Parts {
  json::Object channels, operations, schemas;
};

void add_topics(std::span<EventTopic const> topics, Parts& parts) {
  for (auto const& each : topics) {
    parts.channels.emplace_back(each.topic.name, channel_of(each));
    parts.schemas.emplace_back(each.topic.name, value_schema(each.object, each.topic));
  }
}

void add_sends(std::span<EventTopic const> topics, Parts& parts) {
  for (auto const& each : topics) {
    parts.operations.emplace_back(send_name(each.topic), send_operation(each));
  }
}

}  // namespace

std::string asyncapi(mesh::Mesh const& mesh, mesh::Domain const& domain,
                     AsyncApiOptions const& options) {
  auto const events = domain_events(mesh, domain);
  Parts parts;
  add_topics(events.published, parts);
  add_topics(events.foreign, parts);
  add_topics(events.dead_letters, parts);
  add_sends(events.published, parts);
  for (auto const* port : events.ports) {
    auto const* topic = mesh.find_topic(port->topic);
    if (topic == nullptr) continue;
    parts.operations.emplace_back(receive_name(*port), receive_operation(*port, *topic));
  }
  add_sends(events.dead_letters, parts);
  json::Object document{
      {"asyncapi", json::text("3.0.0")},
      {"id", json::text(fmt::format("urn:hansa:{}:{}", mesh.name.text(), domain.name.text()))},
      {"info", info(domain, events, options)}};
  if (!options.servers.empty()) document.emplace_back("servers", servers(options));
  document.emplace_back("channels", json::object(std::move(parts.channels)));
  document.emplace_back("operations", json::object(std::move(parts.operations)));
  document.emplace_back("components",
                        json::object({{"schemas", json::object(std::move(parts.schemas))}}));
  return json::to_pretty_text(json::object(std::move(document))) + "\n";
}

}  // namespace hansa::render
