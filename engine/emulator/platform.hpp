#pragma once

// Adobe Experience Platform in memory: requests in, replies out. It refuses what the real platform
// refuses, by the platform's published interfaces; what those leave open is a switch here. It
// shares no builder or parser with the engine, so that it cannot share its mistakes.

#include "core/json.hpp"
#include "core/seams.hpp"
#include "http/message.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::emulator {

/// Points on which the platform's documents are silent or disagree, each with the default that
/// seemed likeliest.
struct Switches {
  /// What GET of a mapping set without a version tells of.
  enum class MappingVersion { newest, first };
  MappingVersion default_mapping_version = MappingVersion::newest;
  int missing_version_status = 404;  ///< Of a mapping set's version that there is not: 404 or 400.
  int mapping_delete_status = 204;   ///< 204, 404, 405 or 501.
  bool refuse_delete_in_use = true;  ///< Of a source or target that a flow uses: FLOW-1447-400.
  bool echo_provider_id = false;
  bool echo_mapping_name = true;
  bool mapping_version_as_text = false;
  bool schema_key_is_schema_id = false;  ///< A target's `data.schema.schemaId` instead of `id`.
  bool extra_fields = false;             ///< Unknown keys in every reply.
  bool phantom_differences = false;      ///< Replies fill in, respell and reorder.
  bool patch_answers_items = false;      ///< PATCH of a connection answers {"items": [...]}.
  bool refuse_mapping_update = true;     ///< Of a flow whose specification supports no update.
  std::string secret_mask = "******";    ///< In place of an account's secrets; empty: left out.
  Millis run_length{5000};               ///< From a run's first event until it is over.
  bool refuse_same_title = true;         ///< Of schemas and field groups alike: XDM-1521-400.
  int descriptor_put_status = 201;       ///< 201 with the `@id` alone, or 200 with the whole.
  int array_as_json_status = 400;        ///< PATCH of a dataset: an array sent as application/json.
  int page_size_max = 100;
  Millis enable_delay{1500};  ///< From a flow's creation until it is enabled and has its inlet.
  Millis delete_delay{0};     ///< From a flow's deletion until it is gone.
  Millis token_life{86'399'000};
};

/// Who may come in.
struct Access {
  std::string client_id = "emulator";
  std::string client_secret = "emulator-secret";
  std::string org = "EMULATOR@AdobeOrg";
  /// A token that is good for ever, besides those that the IMS part gives out.
  std::string access_token = "emulator-token";
  std::vector<std::string> sandboxes = {"dev", "prod", "stage"};
};

/// One thing that goes wrong, once. It is used up by the first request that it fits.
struct Fault {
  enum class Kind {
    status,        ///< Answers `status` without doing anything.
    late_status,   ///< Does the work, and answers `status` all the same, as a gateway may.
    lost_reply,    ///< Does the work, and the reply never arrives.
    lost_request,  ///< Does nothing, and no reply arrives.
    cut_body,      ///< Does the work, and the reply's body is cut short.
  };
  Kind kind = Kind::status;
  std::string method;  ///< Empty: any.
  /// Ends where a segment of the path does: "/flows" is not in "/flowservice/runs". Empty: any path
  /// but those of IMS.
  std::string path_part;
  int status = 503;
  std::string retry_after;  ///< The header's text; empty: no header.
};

/// A reply as it leaves the platform, and what becomes of it on its way.
struct Answer {
  http::Response response;
  /// Nothing, or the loss that a fault makes of it: `lost_reply` and `lost_request` (nothing
  /// arrives; after the latter `response` is empty, since nothing was done) or `cut_body`.
  std::optional<Fault::Kind> loss;
};

class Platform {
 public:
  /// The tutorial's schema and dataset are there from the start, in every sandbox.
  Platform(Clock& clock, Random& random, Switches switches = {}, Access access = {});
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  ~Platform();

  /// The answer to one request, or the failure that a fault makes of it. The host of
  /// `request.origin` does not matter: IMS, the platform and the inlets are told apart by path.
  /// Header names in requests count in any case.
  http::Outcome handle(const http::Request& request);
  /// The same, for those who bring about the loss themselves, as a socket does.
  Answer answer(const http::Request& request);

  void add_fault(Fault fault);
  /// How many faults no request has fitted yet.
  std::size_t faults_left() const;
  /// Another person's edit: sets a top-level field of an object, and what tells of a change of its
  /// kind: etag, version, who and when. `collection` is "flows", "sourceConnections",
  /// "targetConnections", "connections", "mappingSets", "schemas", "fieldgroups", "descriptors" or
  /// "dataSets". Nothing is refused. False when there is no such object.
  bool edit(const std::string& collection, const std::string& id, const std::string& field,
            const Json& value);
  /// An access label that the caller has no permission for, on an object of Flow Service: reads and
  /// lists no longer tell of it, and what would change it is forbidden. False when there is none.
  bool hide(const std::string& collection, const std::string& id);
  /// Another person's deletion.
  bool erase(const std::string& collection, const std::string& id);

  /// Ids in a collection of a sandbox, in order of creation.
  std::vector<std::string> ids(const std::string& sandbox, const std::string& collection) const;
  /// The stored object as GET would show it now; null when there is none.
  Json object(const std::string& collection, const std::string& id) const;

  /// "POST /data/foundation/flowservice/flows 201", one line a request that reached it.
  const std::vector<std::string>& log() const;
  void clear_log();

  /// Everything that it holds, faults aside, and back. `restore` returns false, and changes
  /// nothing, when the document is not one of its own.
  Json save() const;
  bool restore(const Json& document);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::emulator
