#pragma once

// Texts on their way into YAML, so that every reader takes them for what they are. Nobody but what
// writes a spec includes this.

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <string_view>

namespace sluice::spec {

/// Emits a key or a value, in quotes where it could be taken for something else.
void put_word(YAML::Emitter& out, std::string_view text, YAML::EMITTER_MANIP where);

/// A key of the language.
void put_key(YAML::Emitter& out, std::string_view key);

/// A value that stands for itself: in a spec `${` begins a reference, so it is written `$${`.
void put_text(YAML::Emitter& out, std::string_view text);

}  // namespace sluice::spec
