#pragma once

// What the platform holds: objects by sandbox and collection, and the counters that keep ids and
// etags from repeating. It knows no HTTP and refuses nothing.

#include "core/json.hpp"
#include "core/seams.hpp"
#include "emulator/platform.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace sluice::emulator {

inline constexpr const char* kFlows = "flows";
inline constexpr const char* kSources = "sourceConnections";
inline constexpr const char* kTargets = "targetConnections";
inline constexpr const char* kMappingSets = "mappingSets";
inline constexpr const char* kAccounts = "connections";
inline constexpr const char* kRuns = "runs";
inline constexpr const char* kSchemas = "schemas";
inline constexpr const char* kFieldGroups = "fieldgroups";
inline constexpr const char* kDescriptors = "descriptors";
inline constexpr const char* kDataSets = "dataSets";

/// The organisation's name in the ids and the namespace of its own fields.
inline constexpr const char* kTenant = "extconndev";

/// What a flow that is on its way becomes, and when; for a run, when it ends.
struct Transition {
  Millis due{0};          ///< Wall time.
  std::string state;      ///< Empty: it is gone then.
  std::string operation;  ///< For `lastOperation`.
};

struct Record {
  std::uint64_t serial = 0;  ///< Its place in the order of creation.
  std::string id;
  Json body = Json::object();  ///< As GET shows it, before the switches have their say.
  Json own = Json::object();   ///< What GET does not show.
  std::optional<Transition> transition;
};

/// Objects of one kind in one sandbox.
class Collection {
 public:
  Record& add(Record record);
  Record* find(const std::string& id);
  /// False when there is none.
  bool erase(const std::string& id);
  const std::map<std::uint64_t, Record>& in_order() const { return records_; }
  /// Whether one of them is a flow over this connection. A flow keeps its connections for life.
  bool has_flow_over(const std::string& connection) const { return flows_.contains(connection); }

 private:
  std::map<std::uint64_t, Record> records_;  // By serial.
  std::map<std::string, std::uint64_t> serials_;
  std::map<std::string, int> flows_;  // How many, by connection; so that nobody has to search.
};

class World {
 public:
  /// The tutorial's schema and dataset are there, in every sandbox.
  World(Random& random, Switches switches, Access access);

  const Switches& switches() const { return switches_; }
  const Access& access() const { return access_; }
  bool has_sandbox(const std::string& name) const;
  const std::string& sandbox_id(const std::string& sandbox) const;

  /// `sandbox` must be one of `access().sandboxes`.
  Collection& collection(const std::string& sandbox, const std::string& name);
  Record* find(const std::string& sandbox, const std::string& collection, const std::string& id);
  /// In whatever sandbox it is, with the sandbox's name.
  std::pair<std::string, Record*> find_anywhere(const std::string& collection,
                                                const std::string& id);
  /// Gives it its serial.
  Record& add(const std::string& sandbox, const std::string& collection, Record record);

  /// An id that no object had before, whatever the random source gives.
  std::string new_uuid();
  /// Lower-case hexadecimal digits, likewise; `digits` must be 16 or more.
  std::string new_hex(std::size_t digits);
  std::string new_etag(Millis now);
  std::uint64_t next_count() { return ++counter_; }
  /// Gives the object a new etag and says who changed it when.
  void touch(Record& record, Millis now, const std::string& who);
  const std::string& technical_account() const { return technical_account_; }

  /// A token that is good until `access().token_life` has passed.
  std::string new_token(Millis now);
  bool is_token_good(const std::string& token, Millis now) const;

  /// Sets what becomes of a flow or a run; it comes about in `advance`.
  void set_transition(const std::string& sandbox, Record& record, Transition transition);
  /// Carries out what is due, in the order in which it falls due.
  void advance(Millis now);

  Json save() const;
  /// False, and no change, when the document is not one of `save`'s.
  bool restore(const Json& document);

 private:
  using Sandbox = std::map<std::string, Collection>;

  void furnish(const std::string& sandbox);
  void finish_transition(const std::string& sandbox, const std::string& id, Millis due);
  void restore_checked(const Json& document);

  Random& random_;
  Switches switches_;
  Access access_;
  std::string technical_account_ = "emulator@techacct.adobe.com";
  std::uint64_t counter_ = 0;
  std::map<std::string, std::string> sandbox_ids_;
  std::map<std::string, Sandbox> sandboxes_;
  std::set<std::tuple<Millis, std::string, std::string>> due_;  // When, sandbox, what.
  std::map<std::string, Millis> tokens_;                        // And when they expire.
};

}  // namespace sluice::emulator
