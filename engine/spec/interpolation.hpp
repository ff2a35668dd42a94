#pragma once

// Texts with `${...}` in them. Variables are replaced at once and what they hold is not looked at
// again; references to resources stay, in the form that core/value.hpp describes.

#include "core/kind_rules.hpp"
#include "core/value.hpp"
#include "spec/document.hpp"
#include "spec/for_each.hpp"
#include "spec/spec.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

class Interpolator {
 public:
  /// All of them must outlive this object.
  Interpolator(const Document& document, const std::map<std::string, VariableValue>& variables,
               const Catalogue& catalogue, Messages& messages);

  /// The instances that references may name; must outlive this object. Without it, there are none.
  void set_instances(const InstancesOf& instances) { instances_ = &instances; }

  /// What `each` stands for from now on: an instance of this pipeline, or nothing. Both must
  /// outlive this object.
  void set_instance(const std::string& pipeline, const Instance* instance) {
    pipeline_ = &pipeline;
    instance_ = instance;
  }

  /// The text of an entry that must be known when a plan is made: it may use variables only.
  /// nullopt when an error was reported.
  std::optional<std::string> known_text(const Entry& entry, Breaks breaks = Breaks::refused) const;

  /// The sensitive variable that stands alone in this entry, if that is what it is.
  std::optional<std::string> secret(const Entry& entry) const;

  /// The value of an output: it may use references to all that a resource has.
  std::optional<Json> output_value(const Entry& entry) const;

  /// The value of a resource's own entry. Of other resources it may use what lasts as long as they
  /// do, which are their id and version; a plan could never tell what the rest will be.
  std::optional<Json> value(const Entry& entry, Breaks breaks = Breaks::refused) const;

 private:
  std::optional<std::vector<Json>> pieces(const Entry& entry, Breaks breaks) const;
  bool charge(const Entry& entry, std::size_t bytes) const;
  std::optional<Json> reference(const Node& node, const std::string& inner) const;
  std::optional<Json> variable(const Node& node, const std::string& name) const;
  std::optional<Json> each(const Node& node, const std::string& inner) const;
  std::optional<Json> pipeline(const Node& node, std::string_view inner) const;
  std::optional<Json> section(const Node& node, const std::string& section,
                              std::string_view inner) const;
  std::optional<std::string> choose_instance(const Node& node, const std::string& key,
                                             const std::optional<std::string>& given) const;
  std::optional<Json> attribute(const Node& node, const Address& address,
                                const std::string& name) const;
  void not_a_reference(const Node& node, std::string_view inner) const;

  const Document& document_;
  const std::map<std::string, VariableValue>& variables_;
  const Catalogue& catalogue_;
  Messages& messages_;
  const InstancesOf* instances_ = nullptr;
  const std::string* pipeline_ = nullptr;
  const Instance* instance_ = nullptr;
  /// The bytes of all texts that came of references so far, by this one and by its copies: a short
  /// reference may stand for a long text, and there may be many.
  std::shared_ptr<std::size_t> bytes_made_ = std::make_shared<std::size_t>(0);
};

}  // namespace sluice::spec
