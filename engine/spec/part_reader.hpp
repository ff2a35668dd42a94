#pragma once

// One part of a pipeline on its way to a resource: its fields, each with its place.

#include "core/resource.hpp"
#include "spec/interpolation.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

/// A resource and its place in the reader's own terms, for errors that are found later.
struct ReadPart {
  Resource resource;
  Place place;
  Place name_place;
};

/// What all parts of a spec are read with.
struct PartTools {
  const Interpolator& interpolator;
  const Catalogue& catalogue;
  Messages& messages;
};

/// What `connector` supplies to all parts; without one, that of sources that are described in full.
/// nullptr when there is no such connector, which is reported.
const ConnectorPreset* preset_of(const Entry& connector, const PartTools& tools);

class PartReader {
 public:
  /// `place` is that of the part's key, or of the pipeline's when the part is left out.
  PartReader(const PartTools& tools, Address address, std::string kind, const Place& place);

  /// The name of the part: what the spec says, or `otherwise`.
  void put_name(const Entry& entry, const std::string& otherwise);

  /// A text field that may hold references; nothing when the entry is empty. Only a description
  /// may be an empty text.
  void put_text(const std::string& field, const Entry& entry);

  /// `{id, version}` as the fields `<field>.id` and `<field>.version`. The id is required.
  void put_versioned(const std::string& field, const Entry& entry);

  /// `schema`: `{id, version}` with version 1 when it is left out, or a reference to a schema of
  /// this spec.
  void put_schema(const Entry& entry);

  /// `true` or `false`, only if given.
  void put_boolean(const std::string& field, const Entry& entry);

  void put(const std::string& field, Json value);

  /// Fields for which the spec says nothing.
  void put_below(const std::map<std::string, Json>& preset);

  bool has(const std::string& field) const { return part_.resource.fields.contains(field); }

  /// Counts the field as reported, so that it is not said to be missing, too.
  void mark_wrong(const std::string& field) { wrong_.push_back(field); }

  /// Reports the field as missing unless it is there or was reported as wrong. `key` is how the
  /// spec spells it.
  void require(const std::string& field, const std::string& key, const std::string& advice);

  const Fields& fields() const { return part_.resource.fields; }
  ReadPart take() { return std::move(part_); }

 private:
  ReadPart part_;
  const PartTools& tools_;
  std::vector<std::string> wrong_;  // Fields whose value was reported.
};

}  // namespace sluice::spec
