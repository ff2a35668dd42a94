#pragma once

// A plan is data: every step with its reason, what it waits for and the etag it was made against.
// `apply` carries it out and decides nothing. A value that is known only later stays a reference.

#include "core/moves.hpp"
#include "core/resource.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class Action {
  create,
  update,
  replace,
  remove,
  forget,
  noop,  ///< Nothing is sent; the state takes over `after`, `depends_on` and `protect`.
};

/// "create", "update", "replace", "delete", "forget", "no-op".
std::string_view action_name(Action action);

enum class Reason {
  equal,            ///< Nothing differs.
  not_recorded,     ///< New in the spec.
  gone,             ///< Recorded, but no longer on the platform.
  spec_changed,     ///< The spec changed.
  drifted,          ///< Somebody changed the object; the spec did not change.
  spec_and_drift,   ///< Both.
  create_only,      ///< A field changed that can only be set on create.
  requested,        ///< `--replace`.
  follows,          ///< Something that it is built on is replaced.
  not_in_spec,      ///< Recorded, no longer in the spec.
  destroyed,        ///< `--destroy`.
  replaced_before,  ///< An object that an earlier run replaced and did not delete.
  let_go,           ///< The spec says that it is to stay on the platform, managed by nobody.
};

std::string_view reason_name(Reason reason);

/// Who moved a field away from where it was.
enum class Cause {
  spec,
  drift,
  both,
  follows,  ///< What the field refers to has another value, or will have one.
};

std::string_view cause_name(Cause cause);

/// One field that differs. `before` is null where the platform has nothing, `after` where nothing
/// is wanted; `after` may hold references.
struct Change {
  std::string field;  ///< "description", "rows[_tenant.email]".
  Json before;
  Json after;
  Cause cause = Cause::spec;
  bool forces_replacement = false;
  bool breaks = false;  ///< What is built on the object may not do without what goes.

  bool operator==(const Change&) const = default;
};

/// A field whose observed value is not the recorded one.
struct Drift {
  Address address;
  std::string field;
  Json recorded;
  Json observed;
  std::string updated_by;
  std::int64_t updated_at = 0;
  std::string deposed = {};  ///< The object's id when it was replaced and is still there.

  bool operator==(const Drift&) const = default;
};

struct Step {
  std::string key;  ///< The address, or "address~id" for a deposed object. Unique in the plan.
  Action action = Action::noop;
  Reason reason = Reason::equal;
  Address address;
  std::string kind;
  std::string name;
  std::string id;               ///< The object acted on; empty for a create.
  std::string etag;             ///< As seen by the plan; empty where there is none.
  Json facts = Json::object();  ///< As observed: a mapping set's "version".
  Fields before;                ///< Managed fields as seen by the plan; empty for noop.
  /// What is wanted, with references; empty for delete and forget, and for a noop that leaves the
  /// state as it is, too.
  Fields after;
  std::set<Address> depends_on;
  bool protect = false;
  bool deposed = false;  ///< Acts on a replaced object, not on the address's present one.
  std::vector<Change> changes;
  std::vector<std::string> waits_for;  ///< Keys of steps.
  std::string note;                    ///< Said next to the step, such as a changed inlet URL.

  bool operator==(const Step&) const = default;
};

/// Same-named objects that no state entry owns. Apply refuses while there are any.
struct NameClash {
  Address address;
  std::string kind;
  std::string name;
  std::vector<std::string> ids;
  /// The answer to a create at the address was lost, and what it made may be one of them. No saved
  /// plan has such a one.
  bool lost_create = false;

  bool operator==(const NameClash&) const = default;
};

/// A recorded object that a plan leaves where it is though nobody wants it, and why: `because` is
/// one sentence. It may be one that was replaced, so an address can have two.
struct Kept {
  Address address;
  std::string kind;
  std::string name;
  std::string id;
  std::string because;

  bool operator==(const Kept&) const = default;
};

/// A recorded and desired object that the platform does not have ready, long after it was made or
/// changed. No saved plan has such a one.
struct Unready {
  Address address;
  std::string kind;
  std::string id;
  std::string what;  ///< In words, after "the platform says that": "it is initializing".

  bool operator==(const Unready&) const = default;
};

enum class PlanMode { normal, destroy, refresh_only };

struct Plan {
  std::string id;  ///< UUID; a plan is applied once.
  PlanMode mode = PlanMode::normal;
  bool refreshed = true;
  std::string spec_name;
  std::string environment;
  std::string spec_hash;  ///< SHA-256 over the spec's text and variables.
  Place place;
  std::string ims;         ///< The token service's URL that the spec names, or empty.
  std::string state_path;  ///< Where the state lies, as seen from where the plan was made.
  std::string lineage;
  std::int64_t serial = 0;
  std::vector<Step> steps;  ///< In an order that honours `waits_for`.
  std::vector<Drift> drift;
  std::vector<NameClash> clashes;
  std::vector<Unready> unready;
  std::vector<Kept> kept;           ///< What stays though unwanted, in the state too.
  std::vector<Relocation> moves;    ///< Records whose address became another.
  std::vector<Relocation> renames;  ///< What looks like a rename that the spec does not tell of.
  std::map<std::string, Json> outputs;  ///< As in the spec, with references.

  bool operator==(const Plan&) const = default;

  /// Whether applying it would do anything, a forgotten or moved entry and accepted drift included.
  bool has_changes() const;
};

/// Counts for the summary line. A replacement counts once, its deletions not at all.
struct PlanCounts {
  int create = 0;
  int update = 0;
  int replace = 0;
  int remove = 0;
  int forget = 0;
};
PlanCounts count(const Plan& plan);

/// Counts one step of a plan.
void add_count(const Step& step, PlanCounts& counts);

/// Objects that the platform would delete, the old ones of replacements included.
int deletions(const Plan& plan);

/// The plan file's document.
Json plan_to_json(const Plan& plan);

/// Reads a plan file, which may come from anywhere: one that is nested so deeply that it would use
/// up the stack is none. nullopt with an error that says what is wrong with it.
std::optional<Plan> plan_from_text(std::string_view text, Diagnostics& diagnostics);

}  // namespace sluice
