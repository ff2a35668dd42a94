#pragma once

// Which platform, organisation and sandbox a command works on, and with whose credentials.

#include "cli/options.hpp"
#include "cli/world.hpp"
#include "core/resource.hpp"
#include "http/session.hpp"
#include "spec/spec.hpp"

namespace sluice::cli {

/// The platform as far as it is told from outside the environment: by a spec, or by the state or
/// plan that a command is about.
struct KnownPlace {
  spec::PlatformPart platform;
  std::string org;
};

/// Puts together what flags, environment and spec say, in this order of strength, the environment's
/// sandbox last. The credentials are not asked for yet.
///
/// A file may name only Adobe's hosts and loopback; any other one must come from a flag or the
/// environment, so that nobody's credentials follow a file elsewhere.
///
/// Throws Fatal(usage) for an endpoint that credentials may not be sent to, or a missing sandbox.
http::SessionOptions resolve_place(const World& world, const CommonOptions& options,
                                   const KnownPlace& known);

/// Fills in the credentials from the environment and teaches them to the redactor. Throws
/// Fatal(credentials) that names what is missing.
void add_credentials(World& world, const CommonOptions& options, http::SessionOptions& session);

Place place_of(const http::SessionOptions& session);

/// Throws Fatal(conflict) when the state belongs to another place.
void refuse_other_place(const State& state, const Place& place, const std::string& path);

/// Throws Fatal(conflict) when `state` is one of another environment of its spec. No environment is
/// one, too.
void refuse_other_environment(const State& state, const std::string& environment,
                              const std::string& path);

}  // namespace sluice::cli
