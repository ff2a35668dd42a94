#include "cli/workspace.hpp"

#include "cli/file_guard.hpp"
#include "core/fatal.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

Millis to_millis(double seconds) {
  return Millis(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

Workspace::Workspace(World& world, const CommonOptions& options, SpecUse use)
    : world_(world), options_(options) {
  if (use == SpecUse::named) {
    const std::optional<LoadedSpec> named =
        options.state.empty() ? std::optional(name_spec(world, options)) : std::nullopt;
    open_store(named ? default_state_path(world, *named, options.local) : options.state,
               named ? named->path : options.spec);
    return;
  }
  const bool without = use == SpecUse::optional && options.spec.empty() && !options.state.empty();
  if (!without) spec_ = load_spec(world, options, registry_.catalogue());
  open_store(without ? options.state : default_state_path(world, *spec_, options.local),
             spec_ ? spec_->path : std::string());
}

Workspace::Workspace(World& world, const CommonOptions& options, const std::string& state_path)
    : world_(world), options_(options) {
  open_store(state_path, options.spec);
}

Workspace::~Workspace() {
  if (spec_) world_.leave(std::move(*spec_));
}

void Workspace::open_store(const std::string& path, const std::string& spec_path) {
  store_ = std::make_unique<store::StateStore>(
      world_.files, world_.clock, options_.state.empty() ? path : options_.state, kTool);
  refuse_trace_file(world_, options_, store_->path(), spec_path);
}

http::SessionOptions Workspace::place(const State& state, spec::PlatformPart otherwise) const {
  KnownPlace known;
  known.org = state.place.org;
  if (spec_) {
    known.platform = spec_->spec.platform;
  } else if (!otherwise.sandbox.empty()) {
    known.platform = std::move(otherwise);
  } else {
    known.platform = {state.place.endpoint, {}, state.place.sandbox};
  }
  http::SessionOptions session = resolve_place(world_, options_, known);
  refuse_other_place(state, place_of(session), store_->path());
  if (spec_) refuse_other_environment(state, spec_->spec.environment.name, store_->path());
  return session;
}

std::unique_ptr<Connection> Workspace::connect(http::SessionOptions session) {
  add_credentials(world_, options_, session);
  return std::make_unique<Connection>(world_, options_, registry_, session,
                                      store_->path() + ".platform");
}

void Workspace::lock(const std::string& operation) {
  store::LockHolder me;
  me.id = make_uuid(world_.random);
  me.operation = operation;
  me.who = world_.user + "@" + world_.host;
  me.host = world_.host;
  me.pid = world_.pid;
  me.command = world_.redactor.redact(world_.command_line);
  me.created = utc_text(world_.clock.wall());
  me.job_url = ci_job_url(world_.environment);
  store_->lock(me, to_millis(options_.lock_timeout_seconds));
}

void Workspace::warn_of_left_behind(const State& state) const {
  constexpr std::size_t kNamed = 3;
  const auto left = store_->left_behind(state);
  if (!left) return;
  std::string named;
  for (std::size_t i = 0; i < std::min(kNamed, left->objects.size()); ++i) {
    const auto& [address, id] = left->objects[i];
    named += (i == 0 ? "" : ", ") + address.text() + " (" + report::harmless(id) + ")";
  }
  if (left->objects.size() > kNamed) {
    named += fmt::format(" and {} more", left->objects.size() - kNamed);
  }
  world_.say(
      {Severity::warning,
       {},
       fmt::format("The state {} of serial {} is older than {}, and lacks objects that it "
                   "has: {}",
                   store_->path(), state.serial, left->backup, named),
       "An older state was put back. What it lacks is not looked after, and a destroy leaves "
       "it on the platform. To have it again, copy that backup over the state; to go on "
       "without, do nothing: once the state is saved this is not said again.",
       {}},
      style_err());
}

Millis Workspace::settle() const {
  return to_millis(options_.settle_seconds);
}

report::Style Workspace::style_out() const {
  return style_for(world_, options_.no_color, world_.out_is_terminal);
}

report::Style Workspace::style_err() const {
  return style_for(world_, options_.no_color, world_.err_is_terminal);
}

report::Style style_for(const World& world, bool no_color, bool terminal) {
  const bool dumb = world.environment.get("TERM") == "dumb";
  return {terminal && !no_color && !dumb && world.environment.get("NO_COLOR").empty()};
}

std::string who_runs(const World& world) {
  const std::string url = ci_job_url(world.environment);
  return world.user + "@" + world.host + (url.empty() ? "" : " " + url);
}

std::string ci_job_url(const Environment& environment) {
  const std::string gitlab = environment.get("CI_JOB_URL");
  if (!gitlab.empty()) return gitlab;
  const std::string run = environment.get("GITHUB_RUN_ID");
  if (run.empty()) return environment.get("BUILD_URL");
  return environment.get("GITHUB_SERVER_URL") + "/" + environment.get("GITHUB_REPOSITORY") +
         "/actions/runs/" + run;
}

}  // namespace sluice::cli
