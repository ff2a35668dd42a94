#pragma once

// What the tests of the spec reader share: a catalogue with one connector besides the nameless one,
// and ways to read a text and to look at what came of it.

#include "spec/spec.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice::spec {

inline const std::string kHead = "sluice: 1\nname: n\n";

inline KindRules rules_of(const std::string& kind, const std::string& part,
                          const std::vector<std::string>& fields,
                          const std::vector<std::string>& attributes) {
  KindRules rules;
  rules.kind = kind;
  rules.part = part;
  for (const std::string& field : fields)
    rules.fields.push_back({field, FieldClass::in_place, Equality::exact});
  rules.attributes = attributes;
  return rules;
}

inline Catalogue test_catalogue() {
  Catalogue catalogue;
  for (const KindRules& rules :
       {rules_of("sourceConnection", "source",
                 {"name", "description", "connection_spec.id", "connection_spec.version",
                  "provider_id", "format"},
                 {"id"}),
        rules_of("targetConnection", "target",
                 {"name", "description", "connection_spec.id", "connection_spec.version", "format",
                  "schema.id", "schema.version", "dataset"},
                 {"id"}),
        rules_of("mappingSet", "mapping", {"name", "schema.id", "schema.version", "rows"},
                 {"id", "version"}),
        rules_of("flow", "flow",
                 {"name", "description", "flow_spec.id", "flow_spec.version", "source", "target",
                  "mapping.id", "mapping.version", "state"},
                 {"id", "inlet_url", "webhook_url", "state"})}) {
    catalogue.kinds[rules.kind] = rules;
  }
  const std::map<std::string, Json> target = {
      {"connection_spec.id", "lake"}, {"connection_spec.version", "1.0"}, {"format", "json"}};
  const std::map<std::string, Json> flow = {{"flow_spec.id", "streaming"},
                                            {"flow_spec.version", "1.0"}};
  catalogue.presets = {{"", {{"format", "json"}}, target, flow},
                       {"customer.io",
                        {{"connection_spec.id", "cio"},
                         {"connection_spec.version", "1.0"},
                         {"provider_id", "provider"},
                         {"format", "json"}},
                        target,
                        flow}};
  catalogue.kinds.at("sourceConnection").fields.push_back({"account"});
  for (const KindRules& rules :
       {rules_of("account", "",
                 {"name", "description", "connection_spec.id", "connection_spec.version",
                  "auth.spec", "auth.params", "secrets_version"},
                 {"id"}),
        rules_of(
            "dataset", "",
            {"name", "description", "schema.id", "schema.version", "profile", "error_diagnostics"},
            {"id"}),
        rules_of("fieldGroup", "fields", {"name", "class", "properties"}, {"id"}),
        rules_of("schema", "", {"name", "description", "class", "field_groups"}, {"id", "version"}),
        rules_of("identity", "identity", {"name", "schema", "path", "namespace", "primary"},
                 {"id"}),
        rules_of("schemaProfile", "profile", {"name", "schema", "identities"}, {"id"})}) {
    catalogue.kinds[rules.kind] = rules;
  }
  return catalogue;
}

/// The test catalogue with two more connectors that need an account: `http-api`, and `xdm`, which
/// takes no mapping.
inline Catalogue full_catalogue() {
  Catalogue catalogue = test_catalogue();
  ConnectorPreset preset = catalogue.presets.back();
  preset.name = "http-api";
  preset.account = {{"connection_spec.id", "http"}, {"connection_spec.version", "1.0"}};
  catalogue.presets.push_back(preset);
  preset.name = "xdm";
  preset.takes_mapping = false;
  catalogue.presets.push_back(preset);
  return catalogue;
}

inline Json ref(const std::string& text) {
  return {{"$ref", text}};
}

struct Reading {
  std::optional<Spec> spec;
  std::vector<Diagnostic> errors;  ///< By place.

  /// "line:column summary | detail" of each error, a line each.
  std::string text() const {
    std::string result;
    for (const Diagnostic& error : errors) {
      result += std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " +
                error.summary + " | " + error.detail + "\n";
    }
    return result;
  }

  const Resource& resource(const std::string& address) const {
    for (const Resource& candidate : spec.value().resources) {
      if (candidate.address.text() == address) return candidate;
    }
    throw std::out_of_range(address);
  }
};

inline Reading read_files(const std::vector<Source>& sources, const Options& options = {},
                          const Catalogue& catalogue = test_catalogue()) {
  Diagnostics diagnostics;
  Reading reading;
  reading.spec = read_spec(sources, options, catalogue, diagnostics);
  reading.errors = diagnostics.sorted();
  return reading;
}

inline Reading read(const std::string& text, const Options& options = {}) {
  return read_files({{"a.yaml", text}}, options);
}

/// Reads with all the connectors.
inline Reading read_full(const std::string& text, const Options& options = {}) {
  return read_files({{"a.yaml", text}}, options, full_catalogue());
}

/// A whole spec of one pipeline, `p`, with these lines of flow style in place of its parts' usual
/// ones. An empty text leaves the part out.
struct Lines {
  std::string source = "{connector: customer.io}";
  std::string target = "{dataset: d, schema: {id: s}}";
  std::string mapping = "[{source: a, destination: b}]";
  std::string flow = "{}";
  std::string rest = {};  ///< Further lines, from line 9 on when no part is left out.
};

inline std::string spec_text(const Lines& lines) {
  std::string text = "sluice: 1\nname: n\npipelines:\n  p:\n";
  if (!lines.source.empty()) text += "    source: " + lines.source + "\n";
  if (!lines.target.empty()) text += "    target: " + lines.target + "\n";
  if (!lines.mapping.empty()) text += "    mapping: " + lines.mapping + "\n";
  if (!lines.flow.empty()) text += "    flow: " + lines.flow + "\n";
  return text + lines.rest;
}

}  // namespace sluice::spec
