#include "core/kind_rules.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

const FieldRule* KindRules::field(const std::string& name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&name](const FieldRule& rule) { return rule.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

const KindRules& Catalogue::rules(const std::string& kind) const {
  const auto found = kinds.find(kind);
  assert(found != kinds.end());
  return found->second;
}

const ConnectorPreset* Catalogue::preset(const std::string& name) const {
  const auto found =
      std::find_if(presets.begin(), presets.end(),
                   [&name](const ConnectorPreset& preset) { return preset.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

}  // namespace sluice
