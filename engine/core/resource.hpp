#pragma once

// The three views of a resource, which are never mixed: desired (what the spec says), recorded
// (what the state remembers of the last apply) and observed (what the platform says now).

#include "core/address.hpp"
#include "core/diagnostics.hpp"
#include "core/json.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sluice {

/// Field name to value. The names are those of the kind's rules; a nested key of the spec is
/// written with dots ("schema.id"). The rows of a mapping are one field, "rows", keyed by
/// destination.
using Fields = std::map<std::string, Json>;

/// What the spec says should exist.
struct Resource {
  Address address;
  std::string kind;
  Fields fields;                 ///< With references unresolved; holds "name".
  bool protect = false;          ///< A plan that would destroy it is refused.
  std::set<std::string> ignore;  ///< Fields that people may change by hand.
  bool allow_data_loss = false;  ///< A plan may destroy it although data goes with it.
  SourcePos where;

  /// The addresses that the fields refer to.
  std::set<Address> needs() const;
};

/// An object that was replaced but is not deleted yet.
struct Deposed {
  std::string id;
  std::string kind;
  std::string etag;
  std::string since;  ///< RFC 3339.
  std::string reason;
  Fields inputs = {};           ///< As the record had them; empty in states of earlier programs.
  Json facts = Json::object();  ///< As in `Record::facts`.

  bool operator==(const Deposed&) const = default;
};

/// What the state remembers. An empty `id` means that only deposed objects are left.
struct Record {
  Address address;
  std::string kind;
  std::string id;
  std::string etag;
  std::string name;
  Fields inputs;                 ///< Managed fields as last applied, references resolved.
  std::set<Address> depends_on;  ///< As they stood then: the spec may be gone by now.
  bool protect = false;
  Json facts = Json::object();  ///< The kind's own, such as a mapping set's "version".
  std::vector<Deposed> deposed;

  bool operator==(const Record&) const = default;
};

/// The endpoint, organisation and sandbox that a state belongs to.
struct Place {
  std::string endpoint;
  std::string org;
  std::string sandbox;

  auto operator<=>(const Place&) const = default;
};

/// A mutation that was announced and whose outcome is not known.
struct PendingIntent {
  std::string op;      ///< Unique id of the intent.
  std::string action;  ///< "create", "update", "delete", "enable", "disable".
  Address address;
  std::string kind;
  std::string id;    ///< Empty for a create.
  std::string name;  ///< The natural key.
  Fields inputs;     ///< What was to be, references resolved.
  std::set<Address> depends_on;
  bool protect = false;
  Json facts = Json::object();
  std::string since;             ///< RFC 3339, this machine's clock.
  std::int64_t server_time = 0;  ///< The platform's clock in epoch ms when last heard, 0 if never.
  bool replaces = false;         ///< The address's present object is to be deposed.
  std::string client;            ///< Who sends it, as the platform names the creator of objects.
  /// Ids of other people's objects that bore the name before, so that it made none of them.
  std::set<std::string> namesakes;

  bool operator==(const PendingIntent&) const = default;
};

/// The recorded world.
struct State {
  std::string lineage;  ///< UUID, born with the first plan; empty when there is no state yet.
  std::int64_t serial = 0;
  std::string spec_name;
  std::string environment;
  Place place;
  std::string applied_plan;  ///< Id of the last plan that was applied.
  std::string applied_by;    ///< user@host, and the CI run's URL if there is one.
  std::map<Address, Record> records;
  std::map<std::string, PendingIntent> pending;  ///< By op.

  /// Every object id that the state owns for this kind, deposed ones included.
  std::set<std::string> ids_of(const std::string& kind) const;
  bool operator==(const State&) const = default;
};

/// What the platform says of one object.
struct Observed {
  std::string id;
  std::string etag;
  Fields fields;                ///< In the same terms as `Resource::fields`.
  Json facts = Json::object();  ///< As in `Record::facts`.
  /// What references may ask for besides the id. May hold secrets, so it is kept nowhere.
  Json attributes = Json::object();
  std::string updated_by;
  std::int64_t updated_at = 0;  ///< Epoch milliseconds, 0 if not told.
  std::int64_t created_at = 0;
  std::string created_client;
  std::string created_by;
};

/// Answers to the reads of one plan. An id that is in `looked_up` but not in `objects` is gone.
struct ObservedWorld {
  std::set<std::string> looked_up;          ///< Ids that were read.
  std::map<std::string, Observed> objects;  ///< By id.
  /// For each desired name that was listed: objects with that name, by kind then name.
  std::map<std::string, std::map<std::string, std::vector<Observed>>> by_name;
};

}  // namespace sluice
