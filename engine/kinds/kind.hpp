#pragma once

// What a kind of resource is on the platform: how its requests are built and its replies read.
// Pure functions over plain values; sending them is `run/`'s work. The planner sees only `rules`.

#include "core/kind_rules.hpp"
#include "core/plan.hpp"
#include "core/resource.hpp"
#include "http/message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sluice::kinds {

/// The answer to a create or an update: what the state must remember at once.
struct Written {
  std::string id;
  std::string etag;
  Json facts = Json::object();
};

/// One page of a list. `next` is the target of the next page, empty at the end.
struct Page {
  std::vector<Observed> objects;
  std::string next;
};

/// What an update is to bring about. `after` is resolved; `etag` and `facts` are as last seen.
struct Update {
  std::string id;
  std::string etag;
  Json facts = Json::object();
  std::vector<Change> changes;
  Fields after;
};

/// How an update is guarded against somebody else's edit.
enum class Guard {
  etag,     ///< If-Match; a mismatch is answered 412.
  version,  ///< No etag: the newest version is read first, and the write makes the next one.
  compare,  ///< No etag that must be sent: the object is read and compared right before the write.
};

/// Every function is total: bad input is a broken promise of the caller and asserts. The parsers
/// return nullopt for a reply that is not what the contract says; they never throw.
struct Kind {
  KindRules rules;
  std::string noun;  ///< As people call it: "source connection".
  Guard guard = Guard::etag;
  bool settles = false;              ///< After a write it passes through transitional states.
  bool may_lack_delete = false;      ///< The platform may answer 404, 405 or 501 to every delete.
  bool says_taken_with_400 = false;  ///< Of what is there, as of any bad request.
  bool has_client = true;            ///< Replies tell which client created the object.
  bool has_name = true;              ///< Replies tell its name, by which it can be looked for.
  /// `create` and `update` are given the tenant's id as one more field, "tenant".
  bool needs_tenant = false;

  std::function<http::Request(const Fields& inputs)> create;
  std::function<http::Request(const std::string& id)> read;
  std::function<http::Request(const std::string& id, std::int64_t version)> read_version;
  std::function<std::optional<Observed>(const http::Response&)> parse;
  std::function<http::Request(const std::string& id)> remove;
  /// Its service has a code for what does not exist, so a 404 without it is somebody else's: that
  /// of a gateway, or of a page that stands in for the service.
  bool gone_has_code = false;
  /// A change that no etag fits, to the name that the object has on record: it takes no effect, and
  /// would change nothing if it did. Its answer tells an object that an access label hides, which
  /// reads cannot tell from one that does not exist. Not set where labels hide nothing.
  std::function<http::Request(const std::string& id, const std::string& name)> hidden_probe;
  /// Whether a successful answer to a read by id says that there is no such object.
  std::function<bool(const http::Response&)> says_gone;
  /// A first page: of those with one of these names where a filter can carry them, else of all.
  /// Not set for a kind that has no list of its own.
  std::function<http::Request(const std::vector<std::string>& names)> list;
  std::function<std::optional<Page>(const http::Response&, const http::Request&)> parse_page;
  /// For a kind without names: the fields by which people tell its objects apart, if there are any.
  std::vector<std::string> key_fields;
  /// For a kind without names: a first page of those among which a create with these inputs shows.
  std::function<http::Request(const Fields& inputs)> candidates;
  std::function<std::optional<Written>(const http::Response&)> parse_written;
  /// The write that brings the changes about; nullopt when none of them needs one.
  std::function<std::optional<http::Request>(const Update&)> update;
  /// The field that `action` moves; empty when there is no such call.
  std::string action_field;
  /// The call that moves the object to the state `after` asks for; nullopt when none is needed.
  std::function<std::optional<http::Request>(const std::string& id, const Fields& found,
                                             const Fields& after)>
      action;
  /// A call that says whether the object works; nullopt from `parse_test` when it does, else what
  /// was said. Not set where there is none.
  std::function<http::Request(const std::string& id)> test;
  std::function<std::optional<std::string>(const http::Response&)> parse_test;
};

/// True while the object is on its way to another state by itself.
bool is_transitional(const Observed& object);

/// What the platform says of such an object, as the end of a sentence: "it is initializing".
std::string transition_text(const Observed& object);

/// Every kind, by name. Asserts that the name is known.
class Registry {
 public:
  Registry();
  const Kind& at(const std::string& kind) const;
  /// The rules of every kind and the connector presets, for the spec reader and the planner.
  const Catalogue& catalogue() const { return catalogue_; }
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Kind> kinds_;
  Catalogue catalogue_;
};

/// A call that proves the credentials and the sandbox and costs little.
http::Request probe_request();

/// The id of a schema's part in the profile, which has none of its own.
std::string profile_id(const std::string& schema_id);

/// The call whose answer tells the tenant's id, and the id out of it; empty when it is not there.
http::Request tenant_request();
std::string parse_tenant(const http::Response& response);

Kind account();
Kind source_connection();
Kind target_connection();
Kind flow();
Kind mapping_set();
Kind dataset();
Kind field_group();
Kind schema();
Kind identity();
Kind schema_profile();

}  // namespace sluice::kinds
