#include "report/takeover.hpp"

#include "report/json_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

namespace sluice::report {

namespace {

constexpr std::size_t kBelow = 6;

std::string where_text(const Place& place) {
  return fmt::format("sandbox {} of {} ({})", harmless(place.sandbox), harmless(place.org),
                     harmless(place.endpoint));
}

std::string told_text(const Fields& fields, const std::string& field) {
  const auto found = fields.find(field);
  if (found == fields.end()) return {};
  return found->second.is_string() ? found->second.get<std::string>() : found->second.dump();
}

std::string quoted_name(const std::string& name) {
  return name.empty() ? "(no name)" : value_text(name);
}

std::string indented(const std::string& name, const std::string& value) {
  return fmt::format("{}{}: {}\n", std::string(kBelow, ' '), name, value);
}

std::string object_text(const Record& record) {
  // What the platform did not tell, the spec only has a word for.
  const std::string name =
      record.inputs.contains("name") ? " " + value_text(record.name) : std::string();
  std::string text = harmless(record.id) + name;
  if (record.address.part == "flow" && record.inputs.contains("state")) {
    text += ", " + harmless(told_text(record.inputs, "state"));
  }
  if (record.address.part == "mapping") {
    text += fmt::format(", version {}, {}", record.facts.value("version", Json(0)).dump(),
                        counted(record.inputs.at("rows").size(), "row"));
  }
  const Address& address = record.address;
  if (address.part == "identity")
    return indented("identity of " + harmless(address.instance), text);
  return indented(address.part.empty() ? noun(record.kind) : address.part, text);
}

std::string pipeline_text(const AdoptedPipeline& pipeline, const Style& style) {
  std::string text =
      "  " + painted(pipeline.section + "." + harmless(pipeline.key), Tone::bold, style) + "\n";
  for (const Record& record : pipeline.records)
    text += object_text(record);
  for (const Record& record : pipeline.records) {
    if (record.address.part != "target") continue;
    // What it stands on in the spec is listed there.
    if (!record.depends_on.empty()) continue;
    text += indented("dataset", harmless(told_text(record.inputs, "dataset")) + ", by its id");
    text += indented("schema", harmless(told_text(record.inputs, "schema.id")) + ", by its id");
  }
  for (const std::string& note : pipeline.notes) {
    text += std::string(kBelow, ' ') + painted("Note:", Tone::yellow, style) + " " +
            wrapped(harmless(note), kBelow + 6);
  }
  return text + "\n";
}

std::string who_and_when(const Observed& object) {
  const std::string when = utc_text(object.created_at);
  std::string text = when.empty() ? "" : " " + when;
  if (!object.created_by.empty()) text += " by " + harmless(object.created_by);
  return text.empty() ? text : std::string(kBelow, ' ') + "made" + text + "\n";
}

std::string ids_text(const Observed& flow, const char* list) {
  std::string text;
  for (const Json& id : flow.attributes.value(list, Json::array())) {
    if (id.is_string()) text += (text.empty() ? "" : ", ") + harmless(id.get<std::string>());
  }
  return text.empty() ? "none" : text;
}

std::string flow_text(const Observed& flow) {
  const std::string mapping = told_text(flow.fields, "mapping.id");
  const std::string version = told_text(flow.fields, "mapping.version");
  return indented("source", ids_text(flow, "source_ids")) +
         indented("target", ids_text(flow, "target_ids")) +
         indented("mapping", mapping.empty()
                                 ? "none"
                                 : harmless(mapping) + (version.empty() ? "" : ", version ") +
                                       harmless(version));
}

/// Whether a flow is put together from objects of this kind.
bool is_of_flow(const std::string& kind) {
  return kind == "sourceConnection" || kind == "targetConnection" || kind == "mappingSet";
}

std::string lost_create_of(const Discovery& discovery, const Observed& object) {
  const auto found = discovery.lost_creates.find(object.id);
  return found == discovery.lost_creates.end() ? std::string() : found->second;
}

std::string objects_text(const Discovery& discovery, const std::string& kind,
                         const std::vector<Observed>& objects, const Style& style) {
  if (objects.empty()) return {};
  const bool flows = kind == "flow";
  const std::string title = noun(kind) + "s" + (is_of_flow(kind) ? " that no flow uses" : "");
  std::string text = painted(title, Tone::bold, style) + ":\n\n";
  for (const Observed& object : objects) {
    const std::string state = object.attributes.value("state", std::string());
    text += fmt::format("  {} {}{}\n", harmless(object.id),
                        quoted_name(told_text(object.fields, "name")),
                        state.empty() ? "" : ", " + harmless(state));
    if (flows) text += flow_text(object);
    text += who_and_when(object);
    const std::string whose = lost_create_of(discovery, object);
    if (whose.empty()) continue;
    text +=
        std::string(kBelow, ' ') + wrapped("may be what a create made whose answer was lost, of " +
                                               harmless(whose) + "; the next apply there finds out",
                                           kBelow);
  }
  return text + "\n";
}

Json object_document(const Discovery& discovery, const Observed& object) {
  return {{"id", object.id},
          {"lost_create_of", or_null(lost_create_of(discovery, object))},
          {"name", or_null(told_text(object.fields, "name"))},
          {"created_by", or_null(object.created_by)},
          {"created_at", number_or_null(object.created_at)},
          {"updated_by", or_null(object.updated_by)},
          {"updated_at", number_or_null(object.updated_at)}};
}

Json flow_document(const Discovery& discovery, const Observed& flow) {
  Json document = object_document(discovery, flow);
  document["state"] = or_null(flow.attributes.value("state", std::string()));
  for (const char* list : {"source_ids", "target_ids"})
    document[list] = flow.attributes.value(list, Json::array());
  document["mapping_id"] = or_null(told_text(flow.fields, "mapping.id"));
  const auto version = flow.fields.find("mapping.version");
  document["mapping_version"] = version == flow.fields.end() ? Json() : version->second;
  return document;
}

}  // namespace

std::string adoption_text(const Place& place, const std::vector<AdoptedPipeline>& pipelines,
                          const std::vector<LeftOut>& left_out, const Style& style) {
  std::string text;
  if (!pipelines.empty()) text = "Found in " + where_text(place) + ":\n\n";
  for (const AdoptedPipeline& pipeline : pipelines)
    text += pipeline_text(pipeline, style);
  for (const LeftOut& flow : left_out) {
    const std::string name = flow.name.empty() ? "" : " " + value_text(flow.name);
    text += wrapped(
        fmt::format("Left as it is: flow {}{}: {}.", harmless(flow.id), name, harmless(flow.why)),
        2);
  }
  if (!left_out.empty()) text += "\n";
  return text;
}

std::string discovery_text(const Discovery& discovery, const Style& style) {
  const std::string where = where_text(discovery.place);
  std::string text;
  std::string counts;
  const auto flows = discovery.objects.find("flow");
  if (flows != discovery.objects.end()) {
    text += objects_text(discovery, "flow", flows->second, style);
    counts = counted(flows->second.size(), "flow");
  }
  for (const bool of_flow : {true, false}) {
    for (const auto& [kind, objects] : discovery.objects) {
      if (kind == "flow" || is_of_flow(kind) != of_flow) continue;
      text += objects_text(discovery, kind, objects, style);
      counts += ", " + counted(objects.size(), (of_flow ? "unused " : "") + noun(kind));
    }
  }
  if (text.empty()) return "Everything in " + where + " is managed by a state here.\n";
  return "Not managed by any state here, in " + where + ":\n\n" + text + wrapped(counts + ".", 0);
}

Json discovery_document(const Discovery& discovery) {
  Json flows = Json::array();
  Json unused = Json::array();
  Json others = Json::array();
  for (const auto& [kind, objects] : discovery.objects) {
    for (const Observed& object : objects) {
      if (kind == "flow") {
        flows.push_back(flow_document(discovery, object));
        continue;
      }
      Json document = object_document(discovery, object);
      document["kind"] = kind;
      (is_of_flow(kind) ? unused : others).push_back(std::move(document));
    }
  }
  return {{"format_version", 1},         {"endpoint", discovery.place.endpoint},
          {"org", discovery.place.org},  {"sandbox", discovery.place.sandbox},
          {"flows", std::move(flows)},   {"unused", std::move(unused)},
          {"others", std::move(others)}, {"not_listed", discovery.not_listed}};
}

}  // namespace sluice::report
