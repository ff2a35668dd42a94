#include "spec/schemas.hpp"

#include "spec/lifecycle.hpp"
#include "spec/schema_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr const char* kEventClass = "https://ns.adobe.com/xdm/context/experienceevent";

class SchemaReader {
 public:
  SchemaReader(const Entry& schema, const std::string& spec_name, const PartTools& tools)
      : schema_(schema),
        spec_name_(spec_name),
        tools_(tools),
        entries_(entries_of(*schema.value, shape_of("schema"), tools.messages)) {}

  std::vector<ReadPart> read();

 private:
  Address address(const std::string& instance, const char* part) const;
  PartReader start(const std::string& instance, const char* part, const char* kind,
                   const Place& place) const;
  ReadPart read_schema(bool has_fields);
  Json read_groups(bool has_fields) const;
  ReadPart field_group(Json properties) const;
  ReadPart identity(const IdentityField& field) const;
  ReadPart profile(const std::vector<IdentityField>& identities) const;

  const Entry& schema_;
  const std::string& spec_name_;
  const PartTools& tools_;
  Entries entries_;
  std::string title_;
  std::string class_;
};

std::vector<ReadPart> SchemaReader::read() {
  const Entry fields = entry_of(entries_, "fields");
  SchemaFields read_fields;
  if (fields) read_fields = read_schema_fields(*fields.value, tools_);
  std::vector<ReadPart> parts;
  parts.push_back(read_schema(static_cast<bool>(fields)));
  if (fields) parts.push_back(field_group(std::move(read_fields.properties)));
  for (const IdentityField& field : read_fields.identities)
    parts.push_back(identity(field));
  if (boolean(entry_of(entries_, "profile"), false, tools_.messages)) {
    parts.push_back(profile(read_fields.identities));
  }
  read_section_lifecycle(entry_of(entries_, "lifecycle"), parts, tools_);
  return parts;
}

Address SchemaReader::address(const std::string& instance, const char* part) const {
  return {"schemas", schema_.key->text, instance, part};
}

PartReader SchemaReader::start(const std::string& instance, const char* part, const char* kind,
                               const Place& place) const {
  return PartReader(tools_, address(instance, part), kind, place);
}

ReadPart SchemaReader::read_schema(bool has_fields) {
  PartReader reader = start({}, "", "schema", schema_.key->place);
  const std::string otherwise = fmt::format("{} {}", spec_name_, schema_.key->text);
  reader.put_name(entry_of(entries_, "title"), otherwise);
  const auto title = reader.fields().find("name");
  title_ = title == reader.fields().end() ? otherwise : title->second.get<std::string>();
  reader.put_text("description", entry_of(entries_, "description"));
  const Entry given = entry_of(entries_, "class");
  class_ = given ? tools_.interpolator.known_text(given).value_or("") : kEventClass;
  if (given && class_.empty()) {
    tools_.messages.error(given.value->place, "`class` is not the id of a class",
                          fmt::format("Left out, it is {}.", kEventClass));
  }
  reader.put("class", class_);
  reader.put("field_groups", read_groups(has_fields));
  return reader.take();
}

/// The groups that exist, and at the end the one of this schema's own fields.
Json SchemaReader::read_groups(bool has_fields) const {
  Json result = Json::array();
  if (const Entry entry = entry_of(entries_, "field_groups")) {
    const std::vector<Node>* items =
        list_of(*entry.value, "`field_groups`", "ids", tools_.messages);
    if (items != nullptr) {
      for (const Node& item : *items) {
        if (auto id = tools_.interpolator.known_text({entry.key, &item})) result.push_back(*id);
      }
    }
  }
  if (has_fields) result.push_back(reference_value({address({}, "fields"), "id"}));
  return result;
}

ReadPart SchemaReader::field_group(Json properties) const {
  const Entry fields = entry_of(entries_, "fields");
  PartReader reader = start({}, "fields", "fieldGroup", fields.key->place);
  reader.put("name", title_ + " fields");
  reader.put("class", class_);
  reader.put("properties", std::move(properties));
  return reader.take();
}

ReadPart SchemaReader::identity(const IdentityField& field) const {
  PartReader reader = start(field.path, "identity", "identity", field.place);
  reader.put("name", title_ + " " + field.path);
  reader.put("schema", reference_value({address({}, ""), "id"}));
  reader.put("path", field.path);
  reader.put("namespace", field.name_space);
  reader.put("primary", field.primary);
  return reader.take();
}

/// A schema can be part of the profile only when its identities are there.
ReadPart SchemaReader::profile(const std::vector<IdentityField>& identities) const {
  const Place& place = entry_of(entries_, "profile").key->place;
  PartReader reader = start({}, "profile", "schemaProfile", place);
  const bool has_primary = std::any_of(identities.begin(), identities.end(),
                                       [](const IdentityField& field) { return field.primary; });
  // A field group that exists may bring one.
  if (!has_primary && !entry_of(entries_, "field_groups")) {
    tools_.messages.error(place, "A schema without a primary identity cannot be in the profile",
                          "Give one of its fields `identity: {namespace: ..., primary: true}`.");
  }
  reader.put("name", title_ + " profile");
  reader.put("schema", reference_value({address({}, ""), "id"}));
  Json ids = Json::array();
  for (const IdentityField& field : identities)
    ids.push_back(reference_value({address(field.path, "identity"), "id"}));
  reader.put("identities", std::move(ids));
  return reader.take();
}

}  // namespace

std::vector<ReadPart> read_schemas(const Document& document, const std::string& spec_name,
                                   const PartTools& tools) {
  std::vector<ReadPart> parts;
  for (const auto& [key, schema] : document.schemas) {
    for (ReadPart& part : SchemaReader(schema, spec_name, tools).read())
      parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end(), [](const ReadPart& left, const ReadPart& right) {
    return left.resource.address < right.resource.address;
  });
  return parts;
}

}  // namespace sluice::spec
