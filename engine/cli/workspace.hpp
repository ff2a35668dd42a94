#pragma once

// What most commands begin with: the spec, the place and the state's store that the options and the
// environment name.

#include "cli/connection.hpp"
#include "cli/place.hpp"
#include "cli/spec_files.hpp"
#include "store/state_store.hpp"

#include <memory>
#include <optional>

namespace sluice::cli {

/// Whether a command can do its work without a spec, when --state says where the state is.
enum class SpecUse {
  required,
  optional,
  named,  ///< Only its name is needed, so its variables need no values and it may be wrong.
};

class Workspace {
 public:
  /// Throws Fatal as reading a spec does, and for a --trace that would write into spec or state.
  Workspace(World& world, const CommonOptions& options, SpecUse use);

  /// For a command that reads no spec. --state wins over `state_path`.
  Workspace(World& world, const CommonOptions& options, const std::string& state_path);

  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace();

  World& world() { return world_; }
  const CommonOptions& options() const { return options_; }
  const std::optional<LoadedSpec>& spec() const { return spec_; }
  const kinds::Registry& registry() const { return registry_; }
  store::StateStore& store() { return *store_; }

  /// The place that flags, environment and spec name; where there is no spec, `otherwise`, or if
  /// that is empty what the state says. Throws Fatal(conflict) when `state` belongs to another one.
  http::SessionOptions place(const State& state, spec::PlatformPart otherwise) const;

  /// A connection to that place, with credentials.
  std::unique_ptr<Connection> connect(http::SessionOptions session);

  /// Takes the state's lock or throws Fatal(locked).
  void lock(const std::string& operation);

  /// Warns when `state`, as the store gave it, lacks objects that a newer backup has. For commands
  /// that write, and for a plan.
  void warn_of_left_behind(const State& state) const;

  /// How long a lost create is looked for.
  Millis settle() const;

  /// Colour on a stream that is a terminal.
  report::Style style_out() const;
  report::Style style_err() const;

 private:
  void open_store(const std::string& path, const std::string& spec_path);

  World& world_;
  const CommonOptions& options_;
  kinds::Registry registry_;
  std::optional<LoadedSpec> spec_;
  std::unique_ptr<store::StateStore> store_;
};

/// The version of this program, and its name with it.
constexpr const char* kTool = "sluice " SLUICE_VERSION;

/// Colour when `terminal`, and neither the options nor NO_COLOR forbid it.
report::Style style_for(const World& world, bool no_color, bool terminal);

/// "user@host", and the CI job's URL when the environment tells of one.
std::string who_runs(const World& world);
std::string ci_job_url(const Environment& environment);

}  // namespace sluice::cli
