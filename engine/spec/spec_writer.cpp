#include "spec/spec_writer.hpp"

#include "core/value.hpp"
#include "spec/store_writer.hpp"
#include "spec/text_rules.hpp"
#include "spec/yaml_tree.hpp"
#include "spec/yaml_words.hpp"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <string_view>

namespace sluice::spec {

namespace {

/// The parts of one pipeline, by part.
using Parts = std::map<std::string, const Resource*, std::less<>>;

class Writer {
 public:
  explicit Writer(const Catalogue& catalogue) : catalogue_(catalogue) {}

  std::string pipelines(const std::vector<Resource>& resources);
  std::string entry(const char* key, std::string_view text);
  std::string platform(const PlatformPart& platform);

 private:
  void put_key(std::string_view key) { spec::put_key(out_, key); }
  void put_text(std::string_view text) { spec::put_text(out_, text); }
  void put_field(const Resource& part, const char* field, const std::map<std::string, Json>& below);
  void put_versioned(const Resource& part, const std::string& field,
                     const std::map<std::string, Json>& below);
  void put_pipeline(const Parts& parts);
  void put_target(const Resource& target, const ConnectorPreset& preset);
  void put_mapping(const Resource& mapping);
  void put_rows(const Json& rows);
  void put_flow(const Resource& flow, const ConnectorPreset& preset);
  void put_lifecycle(const Parts& parts);

  const Catalogue& catalogue_;
  YAML::Emitter out_;
};

/// The text of a value; versions may have come as numbers.
std::string text_of_value(const Json& value) {
  assert(value.is_string() || value.is_number());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void Writer::put_field(const Resource& part, const char* field,
                       const std::map<std::string, Json>& below) {
  const auto found = part.fields.find(field);
  if (found == part.fields.end()) return;
  const auto given = below.find(field);
  if (given != below.end() && given->second == found->second) return;
  put_key(field);
  put_text(text_of_value(found->second));
}

/// `{id, version}` as a whole, unless all of it is given already.
void Writer::put_versioned(const Resource& part, const std::string& field,
                           const std::map<std::string, Json>& below) {
  const auto id = part.fields.find(field + ".id");
  if (id == part.fields.end()) return;
  const auto version = part.fields.find(field + ".version");
  const auto is_given = [&](const Fields::const_iterator& wanted) {
    if (wanted == part.fields.end()) return true;
    const auto given = below.find(wanted->first);
    return given != below.end() && given->second == wanted->second;
  };
  if (is_given(id) && is_given(version)) return;
  put_key(field);
  out_ << YAML::Flow << YAML::BeginMap;
  put_key("id");
  put_text(text_of_value(id->second));
  if (version != part.fields.end()) {
    const std::string text = text_of_value(version->second);
    put_key("version");
    // People write the version of a schema as the number that it is.
    if (is_number(text)) {
      out_ << YAML::Value << text;
    } else {
      put_text(text);
    }
  }
  out_ << YAML::EndMap;
}

void Writer::put_target(const Resource& target, const ConnectorPreset& preset) {
  put_key("target");
  out_ << YAML::BeginMap;
  for (const char* field : {"name", "description", "format"})
    put_field(target, field, preset.target);
  const auto dataset = target.fields.find("dataset");
  if (dataset != target.fields.end() && as_reference(dataset->second)) {
    // The schema is the dataset's.
    put_reference(out_, "dataset", dataset->second);
  } else {
    put_field(target, "dataset", preset.target);
    put_versioned(target, "schema", {});
  }
  put_versioned(target, "connection_spec", preset.target);
  out_ << YAML::EndMap;
}

const char* key_of_type(const Json& row) {
  const std::string& type = row.at("type").get_ref<const std::string&>();
  if (type == "attribute") return "source";
  assert(type == "expression" || type == "static");
  return type == "expression" ? "expression" : "static";
}

void Writer::put_rows(const Json& rows) {
  out_ << YAML::BeginSeq;
  for (const auto& [destination, row] : rows.items()) {
    out_ << YAML::Flow << YAML::BeginMap;
    put_key(key_of_type(row));
    put_text(row.at("source").get_ref<const std::string&>());
    put_key("destination");
    put_text(destination);
    for (const char* key : {"name", "description"}) {
      if (!row.contains(key)) continue;
      put_key(key);
      put_text(row.at(key).get_ref<const std::string&>());
    }
    out_ << YAML::EndMap;
  }
  out_ << YAML::EndSeq;
}

void Writer::put_mapping(const Resource& mapping) {
  put_key("mapping");
  const Json& rows = mapping.fields.at("rows");
  if (!mapping.fields.contains("name")) {
    put_rows(rows);
    return;
  }
  out_ << YAML::BeginMap;
  put_field(mapping, "name", {});
  put_key("rows");
  put_rows(rows);
  out_ << YAML::EndMap;
}

void Writer::put_flow(const Resource& flow, const ConnectorPreset& preset) {
  put_key("flow");
  out_ << YAML::BeginMap;
  for (const char* field : {"name", "description", "state"})
    put_field(flow, field, preset.flow);
  put_versioned(flow, "flow_spec", preset.flow);
  out_ << YAML::EndMap;
}

void Writer::put_lifecycle(const Parts& parts) {
  std::vector<std::string> ignored;
  bool protect = false;
  for (const auto& [part, resource] : parts) {
    protect = protect || resource->protect;
    for (const std::string& field : resource->ignore)
      ignored.push_back(part + "." + field);
  }
  if (!protect && ignored.empty()) return;
  put_key("lifecycle");
  out_ << YAML::BeginMap;
  if (protect) {
    put_key("protect");
    out_ << YAML::Value << true;
  }
  if (!ignored.empty()) {
    put_key("ignore");
    out_ << YAML::Flow << YAML::BeginSeq;
    for (const std::string& field : ignored)
      put_text(field);
    out_ << YAML::EndSeq;
  }
  out_ << YAML::EndMap;
}

void Writer::put_pipeline(const Parts& parts) {
  const Resource& source = *parts.at("source");
  const auto flow = parts.find("flow");
  const Fields flow_fields = flow == parts.end() ? Fields() : flow->second->fields;
  const ConnectorPreset& preset = fitting_preset(source.fields, flow_fields, catalogue_);
  put_key(source.address.key);
  out_ << YAML::BeginMap;
  put_key("source");
  out_ << YAML::BeginMap;
  if (!preset.name.empty()) {
    put_key("connector");
    put_text(preset.name);
  }
  for (const char* field : {"name", "description", "format", "provider_id", "account"})
    put_field(source, field, preset.source);
  put_versioned(source, "connection_spec", preset.source);
  out_ << YAML::EndMap;
  put_target(*parts.at("target"), preset);
  put_mapping(*parts.at("mapping"));
  if (flow != parts.end()) put_flow(*flow->second, preset);
  put_lifecycle(parts);
  out_ << YAML::EndMap;
}

std::string Writer::pipelines(const std::vector<Resource>& resources) {
  out_ << YAML::BeginMap;
  put_key("pipelines");
  out_ << YAML::BeginMap;
  Parts parts;
  for (std::size_t at = 0; at < resources.size(); ++at) {
    const Resource& resource = resources[at];
    assert(resource.address.section == "pipelines" && resource.address.instance.empty());
    parts[resource.address.part] = &resource;
    const bool last =
        at + 1 == resources.size() || resources[at + 1].address.key != resource.address.key;
    if (!last) continue;
    put_pipeline(parts);
    parts.clear();
  }
  out_ << YAML::EndMap << YAML::EndMap;
  return out_.c_str();
}

std::string Writer::entry(const char* key, std::string_view text) {
  out_ << YAML::BeginMap;
  put_key(key);
  put_text(text);
  out_ << YAML::EndMap;
  return out_.c_str();
}

std::string Writer::platform(const PlatformPart& platform) {
  out_ << YAML::BeginMap;
  put_key("platform");
  out_ << YAML::BeginMap;
  const std::array<std::pair<const char*, const std::string&>, 3> entries = {
      {{"endpoint", platform.endpoint}, {"ims", platform.ims}, {"sandbox", platform.sandbox}}};
  for (const auto& [key, text] : entries) {
    if (text.empty()) continue;
    put_key(key);
    put_text(text);
  }
  out_ << YAML::EndMap << YAML::EndMap;
  return out_.c_str();
}

}  // namespace

const ConnectorPreset& fitting_preset(const Fields& source, const Fields& flow,
                                      const Catalogue& catalogue) {
  const auto same = [](const Fields& fields, const std::map<std::string, Json>& given,
                       const char* field) {
    const auto found = fields.find(field);
    const auto wanted = given.find(field);
    return found != fields.end() && wanted != given.end() && found->second == wanted->second;
  };
  for (const ConnectorPreset& preset : catalogue.presets) {
    if (preset.name.empty()) continue;
    if (!preset.account.empty() && !source.contains("account")) continue;
    if (same(source, preset.source, "connection_spec.id") &&
        same(flow, preset.flow, "flow_spec.id")) {
      return preset;
    }
  }
  const ConnectorPreset* nameless = catalogue.preset("");
  assert(nameless != nullptr);
  return *nameless;
}

std::string spec_text(const NewSpec& spec, const Catalogue& catalogue) {
  std::string text = "sluice: 1\n" + Writer(catalogue).entry("name", spec.name) + "\n\n";
  const PlatformPart& platform = spec.platform;
  if (!(platform.endpoint + platform.ims + platform.sandbox).empty()) {
    text += Writer(catalogue).platform(platform) + "\n\n";
  }
  std::vector<Resource> pipelines;
  std::vector<Resource> stores;
  for (const Resource& resource : spec.resources)
    (resource.address.section == "pipelines" ? pipelines : stores).push_back(resource);
  text += stores_text(stores);
  return text + Writer(catalogue).pipelines(pipelines) + "\n";
}

namespace {

/// The value at a key of a file's root, when the file can be read so far.
std::optional<Node> at_root(const Source& source, std::string_view key) {
  Diagnostics unheard;
  const std::vector<Source> sources = {source};
  const std::vector<Source> no_files;
  Messages messages(sources, no_files, unheard);
  std::optional<Node> root = read_trees(0, 1, messages).front();
  if (!root || root->kind != Node::Kind::map) return std::nullopt;
  for (std::size_t at = 0; at + 1 < root->items.size(); at += 2) {
    if (root->items[at].text == key) return std::move(root->items[at + 1]);
  }
  return std::nullopt;
}

}  // namespace

std::string name_in(const Source& source) {
  const std::optional<Node> name = at_root(source, "name");
  return name ? name->text : std::string();
}

std::vector<std::string> environments_in(const Source& source) {
  const std::optional<Node> environments = at_root(source, "environments");
  std::vector<std::string> result;
  if (!environments || environments->kind != Node::Kind::map) return result;
  for (std::size_t at = 0; at < environments->items.size(); at += 2)
    result.push_back(environments->items[at].text);
  return result;
}

}  // namespace sluice::spec
