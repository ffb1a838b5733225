#include "api/event_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "render/domain_events.h"
#include "render/event_schemas.h"
#include "render/event_text.h"

namespace hansa::api {

namespace {

using render::EventTopic;

std::string code(std::string_view text) { return fmt::format("<code>{}</code>", escaped(text)); }

// Our own sentences name things in backticks. Others' text is shown as it is.
std::string marked(std::string_view sentence) {
  std::string out;
  bool inside = false;
  for (std::size_t at = 0; at <= sentence.size();) {
    auto const tick = std::min(sentence.find('`', at), sentence.size());
    auto const part = sentence.substr(at, tick - at);
    out += inside && tick < sentence.size() ? code(part) : escaped(part);
    inside = !inside;
    at = tick + 1;
  }
  return out;
}

std::string paragraph(std::string_view markup) {
  return markup.empty() ? std::string{} : fmt::format("<p>{}</p>\n", markup);
}

std::string bytes_text(std::uint32_t bytes) {
  if (bytes % (1U << 20U) == 0) return fmt::format("{} MiB", bytes >> 20U);
  if (bytes % (1U << 10U) == 0) return fmt::format("{} KiB", bytes >> 10U);
  return fmt::format("{} bytes", bytes);
}

class Writer {
 public:
  Writer(mesh::Mesh const& mesh, mesh::Domain const& domain,
         std::span<mesh::Domain const* const> served)
      : domain_(domain),
        served_(served),
        mesh_(mesh),
        events_(render::domain_events(mesh, domain)) {}

  std::string run() {
    head();
    if (events_.published.empty() && events_.ports.empty()) {
      add("<p>This domain publishes no events, and none of its ports reads any.</p>\n");
    }
    contents();
    topics("Published", events_.published);
    if (!events_.ports.empty()) add("<h2 class=\"part\">Read</h2>\n");
    for (auto const* port : events_.ports) reading(*port);
    topics("Dead letters", events_.dead_letters);
    add("</main>\n");
    return std::move(out_);
  }

 private:
  void add(std::string_view markup) { out_ += markup; }

  void head() {
    auto const name = escaped(domain_.name.text());
    add(
        fmt::format("<nav><a href=\"/\">{}</a> <a href=\"/{}/asyncapi.json\">asyncapi.json</a>"
                    "</nav>\n<main class=\"events\">\n<h1>Events of {}</h1>\n",
                    escaped(mesh_.name.text()), name, name));
    add(paragraph(escaped(domain_.description)));
    add(paragraph(fmt::format("<small>{}</small>", escaped(domain_.team))));
  }

  // Links to what is on the page. A topic's name has no colon, so a port's anchor is no topic's.
  void contents() {
    add("<ul class=\"contents\">\n");
    auto const list = [this](std::vector<EventTopic> const& topics, std::string_view word) {
      for (auto const& each : topics) {
        add(fmt::format("<li>{} <a href=\"#{}\">{}</a> <span>{}</span></li>\n", word,
                        escaped(each.topic.name), escaped(each.topic.name),
                        escaped(title_of(each))));
      }
    };
    list(events_.published, "publishes");
    for (auto const* port : events_.ports) {
      add(fmt::format("<li>reads <a href=\"#port:{}\">{}</a></li>\n", escaped(port->port),
                      escaped(port->topic)));
    }
    list(events_.dead_letters, "sets aside in");
    add("</ul>\n");
  }

  void topics(std::string_view title, std::vector<EventTopic> const& topics) {
    if (topics.empty()) return;
    add(fmt::format("<h2 class=\"part\">{}</h2>\n", title));
    for (auto const& each : topics) section(each);
  }

  void section(EventTopic const& topic) {
    auto const name = escaped(topic.topic.name);
    add(fmt::format("<section id=\"{}\">\n<h3>{} <small>{}</small></h3>\n", name,
                    escaped(title_of(topic)), name));
    add(paragraph(topic.dead_letters == nullptr ? escaped(topic.object.description)
                                                : marked(topic.object.description)));
    add(paragraph(marked(origin_text(topic))));
    facts(topic);
    fields(topic);
    readers(topic);
    example(topic);
    headers(topic);
    add("</section>\n");
  }

  void fact(std::string_view name, std::string_view markup) {
    add(fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, markup));
  }

  void facts(EventTopic const& topic) {
    auto const& each = topic.topic;
    add("<dl>\n");
    fact("Key", marked(key_text(topic)));
    auto const avro = each.format == mesh::EventFormat::avro;
    fact("Value", avro ? fmt::format("Avro in Confluent framing, registered under {}",
                                     code(render::subject_of(each.name)))
                       : std::string("JSON"));
    fact("Partitions", fmt::format("{}", each.partitions));
    fact("Kept", render::retention_text(each));
    fact("Largest event", bytes_text(each.message_bytes_max));
    if (auto const* contract = topic.contract) {
      fact("Contract", fmt::format("{} {} {}", code(contract->id.text()),
                                   escaped(contract->version), escaped(contract->status)));
      fact("Compatibility", mesh::to_text(each.compatibility));
    }
    fact("Product", code(each.product.text()));
    add("</dl>\n");
  }

  void fields(EventTopic const& topic) {
    add("<h4>Fields</h4>\n<div class=\"wide\"><table>\n<thead><tr><th>Field</th><th>Type</th>"
        "<th>Presence</th><th>Description</th></tr></thead>\n<tbody>\n");
    for (auto const& name : topic.topic.fields) {
      auto const& column = *topic.object.find(name.text());
      auto const in_key = std::ranges::find(topic.topic.key, name) != topic.topic.key.end();
      add(fmt::format(
          "<tr><td>{}{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", code(name.text()),
          in_key ? " <small>key</small>" : "", escaped(render::type_text(column)),
          column.required ? "required" : "may be null", escaped(render::field_text(column))));
    }
    add("</tbody>\n</table></div>\n");
    add(paragraph(marked(left_out_text(topic))));
  }

  // The domain's page at `anchor`, where it is on this server.
  std::string elsewhere(DomainName const& domain, std::string_view anchor, std::string_view text) {
    auto const has_page = std::ranges::any_of(
        served_, [&](mesh::Domain const* each) { return each->name == domain; });
    if (!has_page) return escaped(text);
    return fmt::format("<a href=\"/{}/events#{}\">{}</a>", escaped(domain.text()), escaped(anchor),
                       escaped(text));
  }

  void readers(EventTopic const& topic) {
    if (topic.readers.empty()) {
      add("<p>No port of this mesh reads it.</p>\n");
      return;
    }
    add("<h4>Read by</h4>\n<ul>\n");
    for (auto const* port : topic.readers) {
      auto const address = fmt::format("{}/{}", port->domain.text(), port->port);
      add(fmt::format("<li>{} <span>group {}</span></li>\n",
                      elsewhere(port->domain, "port:" + port->port, address), code(port->group)));
    }
    add("</ul>\n");
  }

  void example(EventTopic const& topic) {
    auto const event = example_event(topic.object, topic.topic, render::RecordKind::event);
    std::string text;
    if (event.key) text += fmt::format("key: {}\n", *event.key);
    for (auto const& [name, value] : event.headers) {
      text += fmt::format("{}: {}\n", name, *value.as_string());
    }
    text += (text.empty() ? "" : "\n") + json::to_pretty_text(event.value);
    auto const avro = topic.topic.format == mesh::EventFormat::avro;
    add(fmt::format("<h4>An event{}</h4>\n<pre>{}</pre>\n", avro ? ", decoded" : "",
                    escaped(text)));
  }

  void headers(EventTopic const& topic) {
    auto const list = record_headers(topic.topic, render::RecordKind::event);
    if (list.empty()) return;
    add("<details><summary>Headers</summary>\n<div class=\"wide\"><table>\n<thead><tr>"
        "<th>Header</th><th>Presence</th><th>Description</th></tr></thead>\n<tbody>\n");
    for (auto const& header : list) {
      std::string values;
      for (auto const& value : header.values) values += " " + code(value);
      add(fmt::format("<tr><td>{}</td><td>{}</td><td>{}{}</td></tr>\n", code(header.name),
                      header.always ? "always" : "at times", escaped(header.description), values));
    }
    add("</tbody>\n</table></div></details>\n");
  }

  void reading(mesh::Subscription const& port) {
    add(fmt::format("<section id=\"port:{0}\">\n<h3>{0} <small>{1}</small></h3>\n",
                    escaped(port.port), escaped(port.product.text())));
    auto const* topic = mesh_.find_topic(port.topic);
    auto const source =
        topic == nullptr ? code(port.topic) : elsewhere(topic->domain, port.topic, port.topic);
    add(paragraph(fmt::format("Reads {} as group {}.", source, code(port.group))));
    add(paragraph(marked(render::reaction_text(port))));
    add("</section>\n");
  }

  mesh::Domain const& domain_;
  std::span<mesh::Domain const* const> served_;
  mesh::Mesh const& mesh_;
  render::DomainEvents events_;
  std::string out_;
};

}  // namespace

Page event_page(mesh::Mesh const& mesh, mesh::Domain const& domain,
                std::span<mesh::Domain const* const> served) {
  return {.title = fmt::format("{} events · {}", domain.name.text(), mesh.name.text()),
          .head = {},
          .body = Writer(mesh, domain, served).run()};
}

}  // namespace hansa::api
