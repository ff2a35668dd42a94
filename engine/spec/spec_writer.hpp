#pragma once

// Resources to the YAML that people would have written for them. The reader gives the same
// resources back for every text that a spec may hold; what it may not hold is refused there, so
// whoever writes a spec for others reads it once more before it is kept.

#include "core/kind_rules.hpp"
#include "core/resource.hpp"
#include "spec/spec.hpp"

#include <string>
#include <vector>

namespace sluice::spec {

/// Pipelines, and the datasets and schemas that they need; no variables.
struct NewSpec {
  std::string name;
  PlatformPart platform;
  std::vector<Resource> resources;  ///< The parts of each pipeline stand together, each part once.
};

/// The connector that a source and a flow with these fields belong to by their specifications' ids;
/// the nameless one where there is none.
const ConnectorPreset& fitting_preset(const Fields& source, const Fields& flow,
                                      const Catalogue& catalogue);

/// The spec's text. A field that the reader fills in by itself is left out: what the connector
/// gives, the mapping's schema, what a flow is made of. A missing name is left to the reader, too.
///
/// Asserts what the types do not say: accounts and instances of pipelines are not for here, texts
/// hold no references but those to datasets and schemas, `rows` have a type of the language, the
/// pipeline has a source, a target and a mapping.
std::string spec_text(const NewSpec& spec, const Catalogue& catalogue);

/// The name that a file gives to its spec; empty when it gives none or is not to be read.
std::string name_in(const Source& source);

/// The names of the environments that a file declares, as far as it can be read.
std::vector<std::string> environments_in(const Source& source);

}  // namespace sluice::spec
