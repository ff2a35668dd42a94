#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/file_guard.hpp"
#include "cli/place.hpp"
#include "cli/settling.hpp"
#include "cli/takeover.hpp"
#include "cli/workspace.hpp"
#include "report/takeover.hpp"
#include "run/adopt_stores.hpp"
#include "run/ledger.hpp"
#include "spec/spec_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSpecBytesMax = 64U << 20U;
constexpr const char* kHeader =
    "# What was found on the platform, as `sluice adopt` wrote it down. It is yours to change.\n\n";

/// One adopt from the first call to the last line.
class AdoptRun {
 public:
  AdoptRun(World& world, const AdoptCommand& command) : world_(world), command_(command) {}

  ExitCode run() {
    refuse_unasked();
    connect();
    flows_ = std::move(run::list_sandbox(connection_->remote(), {"flow"})["flow"]);
    choose();
    refuse_same_name();
    workspace_.emplace(world_, command_.common, state_path());
    refuse_state_file(world_, "--out", spec_path_, workspace_->store().path());
    workspace_->lock("adopt");
    State state = workspace_->store().load();
    workspace_->warn_of_left_behind(state);
    refuse_other_place(state, place_, workspace_->store().path());
    state = settle_open_calls(*workspace_, *connection_, std::move(state));
    find();
    const bool is_written = adoption_.pipelines.empty() || spec_is_there();
    refuse_others_in(state);
    const report::Style style = workspace_->style_out();
    world_.print(report::adoption_text(place_, adoption_.pipelines, adoption_.left_out, style));
    for (const std::string& note : adoption_.notes)
      world_.print("Note: " + report::harmless(note) + "\n");
    if (adoption_.pipelines.empty() || (is_written && is_recorded(state))) {
      world_.print("There is nothing to take over.\n");
      return code();
    }
    world_.print(
        fmt::format("They would be described in {} and recorded in {}; nothing changes on "
                    "the platform.\n",
                    report::harmless(spec_path_), report::harmless(workspace_->store().path())));
    if (!agreed()) return ExitCode::failed;
    // The spec first: a spec without a state can only create, and the names on the platform stand
    // in the way of that. A state without a spec is a list of what the next apply is to delete. A
    // run that is killed in between is mended by running it again: it finds the spec as it would
    // write it, and writes the state.
    if (!is_written) write_spec();
    write_state(std::move(state));
    world_.outcome = "All was taken over: spec and state are written.";
    say_done();
    return code();
  }

 private:
  void refuse_unasked() const {
    if (command_.yes || world_.in_is_terminal) return;
    throw Fatal(ExitCode::failed, "Nobody can be asked whether to go on: this is no terminal",
                "Add --yes.");
  }

  void connect() {
    Surroundings around = surroundings(world_, command_.common, registry_.catalogue());
    place_ = place_of(around.session);
    add_credentials(world_, command_.common, around.session);
    local_state_ = around.state_path;
    // What only flags and environment say is for them to say again.
    platform_ = around.platform;
    platform_.sandbox = place_.sandbox;
    // The embedded platform's data belongs to the name of a spec.
    if (command_.common.local && !command_.name.empty()) {
      local_state_ = state_path_for(world_, command_.common, command_.name, path_of(command_.name));
    }
    refuse_trace_file(world_, command_.common, local_state_, spec_or_folder(command_.common));
    if (!command_.name.empty()) {
      refuse_trace_file(
          world_, command_.common,
          state_path_for(world_, command_.common, command_.name, path_of(command_.name)),
          path_of(command_.name));
    }
    connection_ = std::make_unique<Connection>(world_, command_.common, registry_, around.session,
                                               local_state_ + ".platform");
  }

  std::string path_of(const std::string& name) const {
    return command_.out.empty() ? "specs/" + name + ".yaml" : command_.out;
  }

  std::string state_path() const {
    return state_path_for(world_, command_.common, name_, spec_path_);
  }

  /// Which flows, and the name of the spec that they go into.
  void choose() {
    for (const std::string& id : command_.flows) {
      if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
    }
    if (command_.all) {
      for (const Observed& flow : flows_)
        ids_.push_back(flow.id);
    }
    name_ = command_.name.empty() ? default_name() : command_.name;
    spec_path_ = path_of(name_);
  }

  std::string default_name() const {
    constexpr std::string_view kEnd = ".local.json";
    const std::string local = fs::path(local_state_).filename().string();
    if (command_.common.local && local.ends_with(kEnd)) {
      return key_from(local.substr(0, local.size() - kEnd.size()), "spec");
    }
    const auto only = std::find_if(flows_.begin(), flows_.end(), [this](const Observed& flow) {
      return ids_.size() == 1 && flow.id == ids_.front();
    });
    if (only == flows_.end()) return key_from(place_.sandbox, "sandbox");
    const auto name = only->fields.find("name");
    const bool is_named = name != only->fields.end() && name->second.is_string();
    return key_from(is_named ? name->second.get<std::string>() : std::string(), "flow");
  }

  /// Two specs of one name would share a state.
  void refuse_same_name() const {
    for (const std::string& path : yaml_files(world_, store::folder_of(spec_path_))) {
      if (fs::path(path).lexically_normal() == fs::path(spec_path_).lexically_normal()) continue;
      const std::optional<std::string> text = read(path);
      if (!text || spec::name_in({path, *text}) != name_) continue;
      throw Fatal(ExitCode::failed, fmt::format("{} is a spec named {} already", path, name_),
                  "The name of a spec names its state, too. Give another one with --name.");
    }
  }

  std::optional<std::string> read(const std::string& path) const {
    auto text = world_.files.read(path, kSpecBytesMax);
    if (const auto* failure = std::get_if<store::FileError>(&text)) {
      throw Fatal(ExitCode::failed, "Cannot read " + path + ": " + failure->what);
    }
    return std::get<std::optional<std::string>>(std::move(text));
  }

  void find() {
    // This state's own flows are not somebody else's: an adopt that was cut off goes on with them.
    const run::Owners owners = owners_beside(world_, workspace_->store().path(), place_);
    run::Walk walk = run::walk_flows(connection_->remote(), ids_, flows_, owners);
    run::FoundStores stores;
    if (command_.with_dataset || command_.with_schema) {
      stores = run::walk_stores(connection_->remote(), walk.found, owners, command_.with_schema);
    }
    adoption_ =
        run::adopt_flows(name_, platform_, std::move(walk.found), stores, registry_.catalogue());
    adoption_.text = kHeader + adoption_.text;
    adoption_.left_out.insert(adoption_.left_out.begin(), walk.left_out.begin(),
                              walk.left_out.end());
  }

  /// Whether the spec's file holds already what would be written. Any other file is kept.
  bool spec_is_there() const {
    const std::optional<std::string> there = read(spec_path_);
    if (!there) return false;
    if (*there == adoption_.text) return true;
    throw Fatal(
        ExitCode::failed, "There is a " + spec_path_ + " already, and it says otherwise",
        "Nothing was written. Choose another spec with --name, or another file with --out.");
  }

  const Record* adopted(const Address& address) const {
    for (const AdoptedPipeline& pipeline : adoption_.pipelines) {
      for (const Record& record : pipeline.records) {
        if (record.address == address) return &record;
      }
    }
    return nullptr;
  }

  /// What the state has and the new spec has not would be deleted by the next apply.
  void refuse_others_in(const State& state) {
    if (adoption_.pipelines.empty()) return;
    for (const auto& [address, record] : state.records) {
      const Record* mine = adopted(address);
      if (mine != nullptr && mine->id == record.id && record.deposed.empty()) continue;
      throw Fatal(ExitCode::failed,
                  fmt::format("The state {} has {}, which the new spec would not have",
                              workspace_->store().path(), address.text()),
                  "Nothing was written. Give the new spec another name with --name.");
    }
  }

  bool is_recorded(const State& state) const {
    std::size_t count = 0;
    for (const AdoptedPipeline& pipeline : adoption_.pipelines)
      count += pipeline.records.size();
    return state.records.size() == count;
  }

  bool agreed() {
    if (command_.yes) return true;
    world_.say("\nTake this over? Only `yes` is taken for a yes: ");
    std::string answer;
    std::getline(world_.in, answer);
    if (answer == "yes") return true;
    world_.say("Nothing was written.\n");
    return false;
  }

  template <class T>
  T good(store::FileResult<T> result) const {
    if (const auto* error = std::get_if<store::FileError>(&result)) {
      throw Fatal(ExitCode::failed, "The spec cannot be written: " + error->what,
                  "Nothing was taken over. Run it again once that is mended.");
    }
    return std::get<T>(std::move(result));
  }

  /// Under its own name the file is there as a whole or not at all.
  void write_spec() {
    const std::string folder = store::folder_of(spec_path_);
    const std::string temporary = spec_path_ + ".new";
    good(world_.files.make_folder(folder));
    good(world_.files.remove(temporary));
    const auto file = good(world_.files.open(temporary, store::OpenMode::create_new));
    good(file->append(adoption_.text));
    good(file->sync());
    good(world_.files.rename(temporary, spec_path_));
    good(world_.files.sync_folder(folder));
  }

  void write_state(State state) {
    prepare_state(world_, place_, name_, {}, state);
    workspace_->store().begin(state, {}, state.applied_by);
    run::Ledger ledger(workspace_->store(), std::move(state), connection_->loop(), world_.random);
    for (const AdoptedPipeline& pipeline : adoption_.pipelines) {
      for (const Record& record : pipeline.records)
        ledger.record({}, record);
    }
    ledger.commit();
    workspace_->store().save(ledger.state());
  }

  void say_done() {
    const auto count = std::count_if(
        adoption_.pipelines.begin(), adoption_.pipelines.end(),
        [](const AdoptedPipeline& pipeline) { return pipeline.section == "pipelines"; });
    const bool by_id = static_cast<std::size_t>(count) == adoption_.pipelines.size();
    const std::string plan =
        std::string("sluice plan ") + spec_path_ + (command_.common.local ? " --local" : "") +
        (command_.common.state.empty() ? "" : " --state " + command_.common.state);
    world_.print(
        fmt::format("Took over {} pipeline{}{}.{}\nNext: `{}`.\n", count, count == 1 ? "" : "s",
                    by_id ? "" : ", with the datasets and schemas that are listed above",
                    by_id ? " Datasets and schemas stay as they are: the spec names them by their "
                            "ids."
                          : "",
                    report::harmless(plan)));
  }

  /// A flow that was named and cannot be taken is a failure; with --all it is only said.
  ExitCode code() const {
    const bool failed = std::any_of(
        adoption_.left_out.begin(), adoption_.left_out.end(), [this](const LeftOut& flow) {
          return !flow.is_managed && std::find(command_.flows.begin(), command_.flows.end(),
                                               flow.id) != command_.flows.end();
        });
    return failed ? ExitCode::failed : ExitCode::done;
  }

  World& world_;
  const AdoptCommand& command_;
  kinds::Registry registry_;
  Place place_;
  spec::PlatformPart platform_;  // As the new spec is to say it.
  std::string local_state_;
  std::unique_ptr<Connection> connection_;
  std::vector<Observed> flows_;  // Of the whole sandbox.
  std::vector<std::string> ids_;
  std::string name_;
  std::string spec_path_;
  std::optional<Workspace> workspace_;
  run::Adoption adoption_;
};

}  // namespace

ExitCode run_adopt(World& world, const AdoptCommand& command) {
  return AdoptRun(world, command).run();
}

}  // namespace sluice::cli
