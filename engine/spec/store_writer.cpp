#include "spec/store_writer.hpp"

#include "core/value.hpp"
#include "spec/text_rules.hpp"
#include "spec/yaml_words.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

namespace sluice::spec {

namespace {

constexpr std::array kFieldTypes = {"string", "integer", "number", "boolean", "object", "array"};

/// All that belongs to one schema.
struct SchemaParts {
  const Resource* schema = nullptr;
  const Resource* fields = nullptr;
  const Resource* profile = nullptr;
  std::map<std::string, const Resource*> identities;  ///< By the path of their field.
};

class StoreWriter {
 public:
  std::string schemas(const std::map<std::string, SchemaParts>& schemas);
  std::string datasets(const std::vector<const Resource*>& datasets);

 private:
  void put_text_field(const Resource& resource, const char* field, const char* key);
  void put_schema(const SchemaParts& parts);
  void put_groups(const Json& groups);
  void put_fields(const SchemaParts& parts, const std::string& above);
  void put_field(const SchemaParts& parts, const std::string& path);
  void put_identity(const Resource& identity);
  void put_dataset(const Resource& dataset);
  std::string finished() const { return std::string(out_.c_str()) + "\n\n"; }

  YAML::Emitter out_;
};

void StoreWriter::put_text_field(const Resource& resource, const char* field, const char* key) {
  const auto found = resource.fields.find(field);
  if (found == resource.fields.end()) return;
  put_key(out_, key);
  put_text(out_, found->second.get_ref<const std::string&>());
}

std::string StoreWriter::schemas(const std::map<std::string, SchemaParts>& schemas) {
  out_ << YAML::BeginMap;
  put_key(out_, "schemas");
  out_ << YAML::BeginMap;
  for (const auto& [key, parts] : schemas) {
    put_key(out_, key);
    put_schema(parts);
  }
  out_ << YAML::EndMap << YAML::EndMap;
  return finished();
}

void StoreWriter::put_schema(const SchemaParts& parts) {
  const Resource& schema = *parts.schema;
  out_ << YAML::BeginMap;
  put_text_field(schema, "name", "title");
  put_text_field(schema, "description", "description");
  put_text_field(schema, "class", "class");
  put_groups(schema.fields.at("field_groups"));
  if (parts.profile != nullptr) {
    put_key(out_, "profile");
    out_ << YAML::Value << true;
  }
  if (parts.fields != nullptr) {
    put_key(out_, "fields");
    put_fields(parts, {});
  }
  out_ << YAML::EndMap;
}

/// Those of others, by their ids; the schema's own are its fields.
void StoreWriter::put_groups(const Json& groups) {
  std::vector<std::string> ids;
  for (const Json& group : groups) {
    if (group.is_string()) ids.push_back(group.get<std::string>());
  }
  if (ids.empty()) return;
  put_key(out_, "field_groups");
  out_ << YAML::BeginSeq;
  for (const std::string& id : ids)
    put_text(out_, id);
  out_ << YAML::EndSeq;
}

/// The fields right below `above`, which is empty or a field's path.
void StoreWriter::put_fields(const SchemaParts& parts, const std::string& above) {
  const std::string start = above.empty() ? "" : above + ".";
  out_ << YAML::BeginMap;
  for (const auto& [path, field] : parts.fields->fields.at("properties").items()) {
    if (!path.starts_with(start)) continue;
    const std::string name = path.substr(start.size());
    if (name.find_first_of(".[") != std::string::npos) continue;
    put_key(out_, name);
    put_field(parts, path);
  }
  out_ << YAML::EndMap;
}

void StoreWriter::put_field(const SchemaParts& parts, const std::string& path) {
  const Json& field = parts.fields->fields.at("properties").at(path);
  const std::string type = field.at("type").get<std::string>();
  const bool nests = type == "object" || type == "array";
  if (!nests) out_ << YAML::Flow;
  out_ << YAML::BeginMap;
  put_key(out_, "type");
  put_text(out_, type);
  for (const char* key : {"title", "description", "format", "pattern"}) {
    if (!field.contains(key)) continue;
    put_key(out_, key);
    put_text(out_, field.at(key).get_ref<const std::string&>());
  }
  for (const char* key : {"minimum", "maximum"}) {
    if (!field.contains(key)) continue;
    put_key(out_, key);
    out_ << YAML::Value << field.at(key).dump();
  }
  if (field.contains("enum")) {
    put_key(out_, "enum");
    out_ << YAML::Flow << YAML::BeginSeq;
    for (const Json& value : field.at("enum"))
      put_text(out_, value.is_string() ? value.get<std::string>() : value.dump());
    out_ << YAML::EndSeq;
  }
  const auto identity = parts.identities.find(path);
  if (identity != parts.identities.end()) put_identity(*identity->second);
  if (type == "object") {
    put_key(out_, "properties");
    put_fields(parts, path);
  }
  if (type == "array") {
    put_key(out_, "items");
    put_field(parts, path + "[]");
  }
  out_ << YAML::EndMap;
}

void StoreWriter::put_identity(const Resource& identity) {
  put_key(out_, "identity");
  out_ << YAML::Flow << YAML::BeginMap;
  put_text_field(identity, "namespace", "namespace");
  if (identity.fields.at("primary") == true) {
    put_key(out_, "primary");
    out_ << YAML::Value << true;
  }
  out_ << YAML::EndMap;
}

std::string StoreWriter::datasets(const std::vector<const Resource*>& datasets) {
  out_ << YAML::BeginMap;
  put_key(out_, "datasets");
  out_ << YAML::BeginMap;
  for (const Resource* dataset : datasets) {
    put_key(out_, dataset->address.key);
    put_dataset(*dataset);
  }
  out_ << YAML::EndMap << YAML::EndMap;
  return finished();
}

void StoreWriter::put_dataset(const Resource& dataset) {
  out_ << YAML::BeginMap;
  put_text_field(dataset, "name", "name");
  put_text_field(dataset, "description", "description");
  const Json& schema = dataset.fields.at("schema.id");
  if (as_reference(schema)) {
    put_reference(out_, "schema", schema);
  } else {
    put_key(out_, "schema");
    out_ << YAML::Flow << YAML::BeginMap;
    put_text_field(dataset, "schema.id", "id");
    const auto version = dataset.fields.find("schema.version");
    if (version != dataset.fields.end()) {
      put_key(out_, "version");
      out_ << YAML::Value << version->second.get<std::string>();
    }
    out_ << YAML::EndMap;
  }
  for (const char* field : {"profile", "error_diagnostics"}) {
    if (!dataset.fields.contains(field)) continue;
    put_key(out_, field);
    out_ << YAML::Value << (dataset.fields.at(field) == true);
  }
  out_ << YAML::EndMap;
}

bool is_text(const Json& field, const char* key) {
  return !field.contains(key) || field.at(key).is_string();
}

}  // namespace

void put_reference(YAML::Emitter& out, const char* key, const Json& reference) {
  const auto parsed = as_reference(reference);
  assert(parsed && parsed->attribute == "id");
  put_key(out, key);
  out << YAML::Value << "${" + parsed->address.text() + "}";
}

bool can_be_written(const Json& properties) {
  for (const auto& [path, field] : properties.items()) {
    const Json type = field.value("type", Json());
    const bool known = std::any_of(kFieldTypes.begin(), kFieldTypes.end(),
                                   [&type](const char* word) { return type == word; });
    if (!known || (type == "array" && !properties.contains(path + "[]"))) return false;
    for (const char* key : {"title", "description", "format", "pattern"}) {
      if (!is_text(field, key)) return false;
    }
    for (const char* key : {"minimum", "maximum"}) {
      if (field.contains(key) && !field.at(key).is_number()) return false;
    }
    if (field.contains("enum") && !field.at("enum").is_array()) return false;
    const auto is_below = [&properties](const std::string& start) {
      return std::any_of(properties.items().begin(), properties.items().end(),
                         [&start](const auto& other) { return other.key().starts_with(start); });
    };
    if (type == "object" && !is_below(path + ".")) return false;
  }
  return !properties.empty();
}

std::string stores_text(const std::vector<Resource>& resources) {
  std::map<std::string, SchemaParts> schemas;
  std::vector<const Resource*> datasets;
  for (const Resource& resource : resources) {
    const Address& address = resource.address;
    if (address.section == "datasets") {
      datasets.push_back(&resource);
      continue;
    }
    assert(address.section == "schemas");
    SchemaParts& parts = schemas[address.key];
    if (address.part.empty()) parts.schema = &resource;
    if (address.part == "fields") parts.fields = &resource;
    if (address.part == "profile") parts.profile = &resource;
    if (address.part == "identity") parts.identities[address.instance] = &resource;
  }
  std::string text;
  if (!schemas.empty()) text += StoreWriter().schemas(schemas);
  if (!datasets.empty()) text += StoreWriter().datasets(datasets);
  return text;
}

}  // namespace sluice::spec
