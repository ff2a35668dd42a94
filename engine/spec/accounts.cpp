#include "spec/accounts.hpp"

#include "spec/lifecycle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::size_t kVersionDigitsMax = 9;

class AccountReader {
 public:
  AccountReader(const Entry& account, Spec& spec, const PartTools& tools)
      : account_(account),
        spec_(spec),
        tools_(tools),
        entries_(entries_of(*account.value, shape_of("account"), tools.messages)),
        reader_(tools, {"accounts", account.key->text, {}, {}}, "account", account.key->place) {}

  ReadPart read();

 private:
  void read_connection();
  void read_auth();
  void read_params(const Entry& params);
  std::optional<Json> read_param(const Entry& entry);
  void read_secrets_version();

  const Entry& account_;
  Spec& spec_;
  const PartTools& tools_;
  Entries entries_;
  PartReader reader_;
  bool has_secret_ = false;
};

ReadPart AccountReader::read() {
  reader_.put_name(entry_of(entries_, "name"),
                   fmt::format("{} {}", spec_.name, account_.key->text));
  reader_.put_text("description", entry_of(entries_, "description"));
  read_connection();
  read_auth();
  read_secrets_version();
  std::vector<ReadPart> parts;
  parts.push_back(reader_.take());
  read_section_lifecycle(entry_of(entries_, "lifecycle"), parts, tools_);
  return std::move(parts.front());
}

void AccountReader::read_connection() {
  constexpr const char* kForm = "Write `connection_spec: {id: ..., version: ...}`.";
  reader_.put_versioned("connection_spec", entry_of(entries_, "connection_spec"));
  const Entry connector = entry_of(entries_, "connector");
  const ConnectorPreset* preset = connector ? preset_of(connector, tools_) : nullptr;
  if (preset != nullptr) reader_.put_below(preset->account);
  if (connector && preset == nullptr) return;
  reader_.require("connection_spec.id", "connection_spec",
                  connector ? "This connector needs no account; give a `connection_spec` if one is "
                              "meant all the same."
                            : "Name a `connector`, or give `connection_spec: {id: ..., version: "
                              "...}`.");
  if (reader_.has("connection_spec.id")) {
    reader_.require("connection_spec.version", "connection_spec.version", kForm);
  }
}

void AccountReader::read_auth() {
  const Entry auth = entry_of(entries_, "auth");
  if (!auth) return;
  const Entries entries = entries_of(*auth.value, shape_of("auth"), tools_.messages);
  reader_.put_text("auth.spec", entry_of(entries, "spec"));
  reader_.require("auth.spec", "auth.spec", "Write `auth: {spec: ..., params: {...}}`.");
  if (const Entry params = entry_of(entries, "params")) read_params(params);
}

void AccountReader::read_params(const Entry& params) {
  Json result = Json::object();
  for (const auto& [name, entry] : all_entries(*params.value, "`params`", tools_.messages)) {
    if (name.empty() || name.starts_with('$')) {
      tools_.messages.error(entry.key->place,
                            fmt::format("{} cannot be the name of a parameter", shown(name)),
                            "A name does not begin with `$`.");
    } else if (std::optional<Json> value = read_param(entry)) {
      result[std::string(name)] = std::move(*value);
    }
  }
  reader_.put("auth.params", std::move(result));
}

/// Each parameter has a type that only the platform knows. So here, as nowhere else, what a text
/// without quotes looks like decides.
std::optional<Json> AccountReader::read_param(const Entry& entry) {
  if (const std::optional<std::string> name = tools_.interpolator.secret(entry)) {
    has_secret_ = true;
    spec_.secrets[*name] = spec_.variables.at(*name).text;
    return Json{{"$secret", *name}};
  }
  const Node& node = *entry.value;
  if (node.kind == Node::Kind::text && node.is_plain) {
    if (node.text == "true" || node.text == "false") return Json(node.text == "true");
    if (is_number(node.text)) return Json::parse(node.text);
  }
  return tools_.interpolator.value(entry);
}

void AccountReader::read_secrets_version() {
  const Entry entry = entry_of(entries_, "secrets_version");
  if (!entry) {
    if (!has_secret_) return;
    tools_.messages.error(
        account_.key->place,
        fmt::format("accounts.{} uses a secret and has no `secrets_version`", account_.key->text),
        "Write `secrets_version: 1`, and raise it when the secret changes: "
        "nothing else tells that it is to be sent again.");
    return;
  }
  const std::optional<std::string> text = tools_.interpolator.known_text(entry);
  if (!text) return;
  const bool is_digits =
      std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!text->empty() && text->size() <= kVersionDigitsMax && is_digits && text->front() != '0') {
    reader_.put("secrets_version", std::stoi(*text));
    return;
  }
  tools_.messages.error(entry.value->place, fmt::format("`secrets_version` is {}", shown(*text)),
                        "It is a whole number from 1 on.");
}

}  // namespace

std::vector<ReadPart> read_accounts(const Document& document, Spec& spec, const PartTools& tools) {
  std::vector<ReadPart> parts;
  for (const auto& [key, account] : document.accounts)
    parts.push_back(AccountReader(account, spec, tools).read());
  return parts;
}

}  // namespace sluice::spec
