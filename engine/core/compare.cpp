#include "core/compare.hpp"

#include "core/value.hpp"

#include <set>

namespace sluice {

namespace {

const Json& value_or_null(const Fields& fields, const std::string& name) {
  static const Json null;
  const auto found = fields.find(name);
  return found == fields.end() ? null : found->second;
}

bool is_empty_text(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
}

/// "1.0" and "1" and the number 1 become "1".
std::string plain_version(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

const Json& entry_or_null(const Json& entries, const std::string& key) {
  static const Json null;
  return entries.is_object() && entries.contains(key) ? entries.at(key) : null;
}

/// Entries compare by the keys that the wanted side sets, so that what the platform adds to a
/// mapping row is not a change.
bool equal_entry(const Json& found, const Json& wanted) {
  if (!found.is_object() || !wanted.is_object()) return found == wanted;
  for (const auto& [key, value] : wanted.items()) {
    const Json& other = entry_or_null(found, key);
    if (other != value && !(is_empty_text(other) && is_empty_text(value))) return false;
  }
  return true;
}

void add_keyed(const std::string& field, const Json& found, const Json& wanted,
               std::vector<FieldDifference>& result) {
  std::set<std::string> keys;
  for (const Json* side : {&found, &wanted}) {
    if (!side->is_object()) continue;
    for (const auto& [key, value] : side->items())
      keys.insert(key);
  }
  for (const std::string& key : keys) {
    const Json& left = entry_or_null(found, key);
    const Json& right = entry_or_null(wanted, key);
    if (!equal_entry(left, right)) result.push_back({field + "[" + key + "]", left, right});
  }
}

}  // namespace

bool equal_under(const FieldRule& rule, const Json& left, const Json& right) {
  switch (rule.equality) {
    case Equality::exact:
      return left == right;
    case Equality::text:
      return left == right || (is_empty_text(left) && is_empty_text(right));
    case Equality::version:
      return plain_version(left) == plain_version(right);
    case Equality::if_told:
      return left.is_null() || left == right;
    case Equality::keyed: {
      std::vector<FieldDifference> found;
      add_keyed(rule.name, left, right, found);
      return found.empty();
    }
  }
  return left == right;
}

std::vector<FieldDifference> differences(const KindRules& rules, const Fields& found,
                                         const Fields& wanted) {
  std::vector<FieldDifference> result;
  for (const auto& [name, value] : wanted) {
    const FieldRule* rule = rules.field(name);
    if (rule == nullptr || rule->field_class == FieldClass::write_only) continue;
    const Json& other = value_or_null(found, name);
    if (rule->equality == Equality::keyed) {
      add_keyed(name, other, value, result);
    } else if (!equal_under(*rule, other, value)) {
      result.push_back({name, other, value});
    }
  }
  return result;
}

}  // namespace sluice
