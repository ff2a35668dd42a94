#include "spec/schema_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

bool is_field_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// The platform's rule; a leading `_` is for its own names.
bool is_field_name(std::string_view name) {
  return !name.empty() && name.front() != '_' &&
         std::all_of(name.begin(), name.end(), is_field_char);
}

bool is_numeric(const std::string& type) {
  return type == "integer" || type == "number";
}

class FieldsReader {
 public:
  explicit FieldsReader(const PartTools& tools) : tools_(tools) {}

  void read_all(const Node& node, const std::string& above, bool in_list);
  Json take_flat() { return std::move(flat_); }
  std::vector<IdentityField> take_identities() { return std::move(identities_); }

 private:
  void read_field(const Entry& entry, const std::string& path, bool in_list);
  std::string read_type(const Entry& field, const Entries& entries, Json& into);
  void read_texts(const Entries& entries, Json& into);
  void check_limits(const Entries& entries, const std::string& type, const std::string& path);
  void read_limits(const Entries& entries, const std::string& type, Json& into);
  void read_children(const Entry& field, const Entries& entries, const std::string& type,
                     const std::string& path, bool in_list);
  std::optional<Json> read_scalar(const Entry& entry, const std::string& type);
  void read_identity(const Entry& entry, const std::string& path, bool in_list);

  const PartTools& tools_;
  Json flat_ = Json::object();
  std::vector<IdentityField> identities_;
};

void FieldsReader::read_all(const Node& node, const std::string& above, bool in_list) {
  for (const auto& [name, entry] : all_entries(node, "a map of fields", tools_.messages)) {
    if (!is_field_name(name)) {
      tools_.messages.error(entry.key->place,
                            fmt::format("{} cannot be the name of a field", shown(name)),
                            "A name is letters, digits, `-` and `_`, and does not begin with `_`.");
      continue;
    }
    const std::string path = above.empty() ? std::string(name) : fmt::format("{}.{}", above, name);
    read_field(entry, path, in_list);
  }
}

void FieldsReader::read_field(const Entry& field, const std::string& path, bool in_list) {
  Json result = Json::object();
  if (field.value->kind == Node::Kind::text) {
    tools_.messages.error(field.value->place, fmt::format("Field {} is a text", shown(path)),
                          "Write `{type: string}`.");
    return;
  }
  const Entries entries = entries_of(*field.value, shape_of("field"), tools_.messages);
  const std::string type = read_type(field, entries, result);
  read_texts(entries, result);
  check_limits(entries, type, path);
  read_limits(entries, type, result);
  flat_[path] = std::move(result);
  read_children(field, entries, type, path, in_list);
  if (const Entry identity = entry_of(entries, "identity")) read_identity(identity, path, in_list);
}

/// The type as the platform has it: a date is a string with a format there.
std::string FieldsReader::read_type(const Entry& field, const Entries& entries, Json& into) {
  const std::vector<std::string> known = {"string", "integer", "number", "boolean",
                                          "object", "array",   "date",   "date-time"};
  const Entry entry = entry_of(entries, "type");
  if (!entry) {
    tools_.messages.error(field.key->place,
                          fmt::format("Field {} has no `type`", shown(field.key->text)),
                          "Write `{type: string}`.");
    return {};
  }
  const std::optional<std::string> type = tools_.interpolator.known_text(entry);
  if (!type) return {};
  if (std::find(known.begin(), known.end(), *type) == known.end()) {
    tools_.messages.error(entry.value->place,
                          fmt::format("{} is not a type of a field", shown(*type)),
                          tools_.messages.suggestion(*type, known));
    return {};
  }
  const bool is_date = *type == "date" || *type == "date-time";
  into["type"] = is_date ? "string" : *type;
  if (is_date) into["format"] = *type;
  return is_date ? "string" : *type;
}

void FieldsReader::read_texts(const Entries& entries, Json& into) {
  for (const char* key : {"title", "description", "format", "pattern"}) {
    const Entry entry = entry_of(entries, key);
    if (!entry) continue;
    const bool is_description = std::string_view(key) == "description";
    const std::optional<std::string> text =
        tools_.interpolator.known_text(entry, is_description ? Breaks::allowed : Breaks::refused);
    if (!text) continue;
    if (into.contains(key)) {
      tools_.messages.error(entry.value->place, "A date has a `format` already",
                            "Leave it out, or write `type: string`.");
    } else {
      into[key] = *text;
    }
  }
}

/// The registry refuses a limit that means nothing for the field's type.
void FieldsReader::check_limits(const Entries& entries, const std::string& type,
                                const std::string& path) {
  if (type.empty()) return;
  for (const auto& [key, fits, whose] : {std::tuple("pattern", type == "string", "text"),
                                         std::tuple("minimum", is_numeric(type), "number"),
                                         std::tuple("maximum", is_numeric(type), "number")}) {
    const Entry entry = entry_of(entries, key);
    if (!entry || fits) continue;
    tools_.messages.error(
        entry.key->place, fmt::format("Field {} has `{}` and is no {}", shown(path), key, whose),
        fmt::format("Its type is {}. Leave `{}` out, or change the type.", shown(type), key));
  }
}

void FieldsReader::read_limits(const Entries& entries, const std::string& type, Json& into) {
  for (const char* key : {"minimum", "maximum"}) {
    const Entry entry = entry_of(entries, key);
    if (!entry) continue;
    if (std::optional<Json> value = read_scalar(entry, "number")) into[key] = std::move(*value);
  }
  const Entry choices = entry_of(entries, "enum");
  if (!choices) return;
  const std::vector<Node>* items = list_of(*choices.value, "`enum`", "texts", tools_.messages);
  if (items == nullptr) return;
  Json values = Json::array();
  for (const Node& item : *items) {
    if (std::optional<Json> value = read_scalar({choices.key, &item}, type)) {
      values.push_back(std::move(*value));
    }
  }
  into["enum"] = std::move(values);
}

/// A value of a field of this type.
std::optional<Json> FieldsReader::read_scalar(const Entry& entry, const std::string& type) {
  const std::optional<std::string> text = tools_.interpolator.known_text(entry);
  if (!text) return std::nullopt;
  if (!is_numeric(type)) return Json(*text);
  if (is_number(*text)) return Json::parse(*text);
  tools_.messages.error(
      entry.value->place,
      fmt::format("{} holds {}, which is not a number", shown(entry.key->text), shown(*text)),
      "Write it in decimal, such as `12` or `0.5`.");
  return std::nullopt;
}

void FieldsReader::read_children(const Entry& field, const Entries& entries,
                                 const std::string& type, const std::string& path, bool in_list) {
  const Entry properties = entry_of(entries, "properties");
  const Entry items = entry_of(entries, "items");
  if (properties) read_all(*properties.value, path, in_list);
  if (items) read_field(items, path + "[]", true);
  if (type.empty()) return;
  for (const auto& [entry, key, owner] :
       {std::tuple(properties, "properties", "object"), std::tuple(items, "items", "array")}) {
    if (static_cast<bool>(entry) == (type == owner)) continue;
    tools_.messages.error(
        entry ? entry.key->place : field.key->place,
        entry ? fmt::format("Field {} is no {} and has `{}`", shown(path), owner, key)
              : fmt::format("Field {} is an {} and has no `{}`", shown(path), owner, key),
        "An object has `properties`, an array has `items`, and nothing else has either.");
  }
}

void FieldsReader::read_identity(const Entry& identity, const std::string& path, bool in_list) {
  if (in_list) {
    tools_.messages.error(identity.key->place,
                          fmt::format("Field {} is in an array and has `identity`", shown(path)),
                          "An identity is a single field, outside of arrays.");
    return;
  }
  constexpr const char* kForm = "Write `identity: {namespace: Email, primary: true}`.";
  if (identity.value->kind == Node::Kind::text) {
    tools_.messages.error(identity.value->place, "`identity` is a text", kForm);
    return;
  }
  const Entries entries = entries_of(*identity.value, shape_of("identity"), tools_.messages);
  const bool primary = boolean(entry_of(entries, "primary"), false, tools_.messages);
  const Entry name = entry_of(entries, "namespace");
  if (!name) {
    tools_.messages.error(identity.key->place, "`identity` has no `namespace`", kForm);
    return;
  }
  const std::optional<std::string> text = tools_.interpolator.known_text(name);
  if (!text) return;
  if (text->empty()) {
    tools_.messages.error(name.value->place, "`namespace` is empty", kForm);
    return;
  }
  const auto first = std::find_if(identities_.begin(), identities_.end(),
                                  [](const IdentityField& known) { return known.primary; });
  if (primary && first != identities_.end()) {
    tools_.messages.error(identity.key->place, "A schema has two primary identities",
                          fmt::format("The other one is {}, at {}.", shown(first->path),
                                      tools_.messages.position_text(first->place)));
  }
  identities_.push_back({path, *text, primary, identity.key->place});
}

}  // namespace

SchemaFields read_schema_fields(const Node& fields, const PartTools& tools) {
  FieldsReader reader(tools);
  SchemaFields result;
  reader.read_all(fields, {}, false);
  result.properties = reader.take_flat();
  result.identities = reader.take_identities();
  return result;
}

}  // namespace sluice::spec
