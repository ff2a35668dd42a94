#pragma once

// The pieces of `make_plan`, kept apart by what they decide. Nobody but the planner includes this.

#include "core/order.hpp"
#include "core/planner.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sluice::planner {

/// What one plan is made from.
struct Input {
  const State& recorded;
  const ObservedWorld& observed;
  const Catalogue& catalogue;
  const PlanOptions& options;
  std::set<Address> selected;                ///< Empty: everything.
  std::map<Address, const Wanted*> desired;  ///< The whole spec, chosen or not.

  bool is_selected(const Address& address) const {
    return selected.empty() || selected.contains(address);
  }
  /// nullptr when the spec has none.
  const Resource* resource(const Address& address) const;
  const Record* record(const Address& address) const;
  /// The object as read; nullptr when it is gone, and when the platform was not read. Asserts that
  /// the id was looked up: nothing may be taken for gone because nobody asked for it.
  const Observed* object(const std::string& id) const;
};

/// Why an object must be replaced although none of its own fields says so.
struct Forced {
  Reason reason = Reason::requested;
  Address by;  ///< For `follows`.
};

/// What is to become of one desired resource.
struct Decision {
  Action action = Action::noop;
  Reason reason = Reason::equal;
  std::string kind;
  Address follows;                ///< For Reason::follows.
  const Fields* found = nullptr;  ///< As they are; nullptr where they cannot be compared.
  /// As desired, with what is known put in, and ignored fields as they were found. Nothing where
  /// that is what the spec says, which is then not copied.
  std::optional<Fields> wanted;
  std::string etag;
  std::string id;
  Json facts = Json::object();
  std::vector<Change> changes;

  const Fields& wanted_of(const Resource& resource) const {
    return wanted ? *wanted : resource.fields;
  }
};

/// Decides one resource, given the decisions on everything that it needs.
Decision decide(const Input& input, const Resource& resource,
                const std::map<Address, Decision>& decided,
                const std::map<Address, Forced>& forced);

std::vector<Drift> find_drift(const Input& input);
std::vector<NameClash> find_clashes(const Input& input, const std::vector<Step>& steps);

/// The step of a decision, and the removal of the old object after a replacement.
void add_steps(const Input& input, const Wanted& wanted, Decision decision,
               std::vector<Step>& steps);

/// Steps that only bring the state up to what was observed.
void add_refresh_steps(const Input& input, std::vector<Step>& steps);

/// Removals of what is recorded and not wanted any more, and of replaced objects left over.
void add_removals(const Input& input, std::vector<Step>& steps);

/// The removal of what an earlier plan replaced, or its being forgotten when it is gone already.
Step deposed_removal(const Input& input, const Record& record, const Deposed& deposed);

/// What a destroy must leave and does not let go: objects whose data nobody said may be lost, what
/// the platform never takes back, and what these stand on.
std::vector<Kept> find_kept(const Input& input, const std::vector<Step>& steps);

/// Whether a step forgets what stays on the platform.
bool is_let_go(const Step& step);

/// Removals that would take something away under what stays: by their keys, what stands on it.
struct Needed {
  std::map<std::string, std::string> by_kept;    ///< What the state goes on to know.
  std::map<std::string, std::string> by_let_go;  ///< What stays, managed by nobody.
  /// For those of what was replaced and is held, which are none of the plan's steps so far.
  std::vector<Step> held;
};

/// Lets go of what was replaced and left over, and in a destroy of everything, if something that is
/// let go stands on it. Returns what such things stand on.
Needed let_go_along(const Input& input, std::vector<Step>& steps);

/// Takes out of `steps` what must stay, and returns it: what a destroy must leave, and what is
/// named by its id in anything that the plan leaves on the platform. That is what it does not
/// touch, what was replaced and is held, what it leaves in what it changes, and what the spec
/// itself names.
std::vector<Kept> keep_needed(const Input& input, std::vector<Step>& steps);

/// Whether a step removes what an earlier plan replaced, and not what this one does.
bool is_leftover(const Input& input, const Step& step);

/// Created and removed resources that are alike, so that one may be the other under a new key: a
/// pair for each pipeline or schema as far as all its removed parts agree.
std::vector<Relocation> find_renames(const Input& input, const std::vector<Step>& steps);

/// Errors for steps that nobody may take, or not without a flag. True when there are none.
bool refuse_forbidden(const Input& input, const Needed& needed, const std::vector<Step>& steps,
                      Diagnostics& diagnostics);

/// Fills in `waits_for`: makers wait for what they are built on, removals for what is built on
/// them, and whoever takes what only one can have waits for whoever gives it up.
void add_waits(const Input& input, std::vector<Step>& steps);

}  // namespace sluice::planner
