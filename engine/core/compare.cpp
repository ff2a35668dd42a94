#include "core/compare.hpp"

#include "core/value.hpp"

#include <algorithm>
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

bool same_entry(const Json& left, const Json& right) {
  return left == right;
}

void add_keyed(const std::string& field, const Json& found, const Json& wanted,
               bool (*are_equal)(const Json&, const Json&), std::vector<FieldDifference>& result) {
  static const Json::object_t none;
  const auto& left = found.is_object() ? found.get_ref<const Json::object_t&>() : none;
  const auto& right = wanted.is_object() ? wanted.get_ref<const Json::object_t&>() : none;
  const auto compare = [&](const std::string& key, const Json& of_left, const Json& of_right) {
    if (are_equal(of_left, of_right)) return;
    result.push_back({field + "[" + key + "]", of_left, of_right});
  };
  auto one = left.begin();
  auto other = right.begin();
  while (one != left.end() || other != right.end()) {
    if (other == right.end() || (one != left.end() && one->first < other->first)) {
      compare(one->first, one->second, Json());
      ++one;
    } else if (one == left.end() || other->first < one->first) {
      compare(other->first, Json(), other->second);
      ++other;
    } else {
      compare(one->first, one->second, other->second);
      ++one;
      ++other;
    }
  }
}

bool holds(const Json& list, const Json& item) {
  return list.is_array() && std::find(list.begin(), list.end(), item) != list.end();
}

/// Each wanted entry by itself, like `add_keyed`, or a wanted list as a whole.
void add_subset(const FieldRule& rule, const Json& found, const Json& wanted,
                std::vector<FieldDifference>& result) {
  const std::string& field = rule.name;
  if (!wanted.is_object()) {
    const bool all =
        wanted.is_array() && std::all_of(wanted.begin(), wanted.end(),
                                         [&found](const Json& item) { return holds(found, item); });
    if (!all) result.push_back({field, found, wanted});
    return;
  }
  for (const auto& [key, value] : wanted.items()) {
    const Json& other = entry_or_null(found, key);
    if (as_secret(value) || equal_entry(other, value)) continue;
    if (rule.hides_entries && is_hidden(other)) continue;
    result.push_back({field + "[" + key + "]", other, value});
  }
}

/// Whether two specs mean the same by a field.
bool alike(const FieldRule* rule, const Json& left, const Json& right) {
  if (left == right) return true;
  return rule != nullptr && rule->equality == Equality::version && !left.is_null() &&
         !right.is_null() && equal_under(*rule, left, right);
}

std::vector<FieldDifference> desired_differences(const KindRules& rules, const Fields& left,
                                                 const Fields& right) {
  std::set<std::string> names;
  for (const Fields* side : {&left, &right}) {
    for (const auto& [name, value] : *side)
      names.insert(name);
  }
  std::vector<FieldDifference> result;
  for (const std::string& name : names) {
    const Json& of_left = value_or_null(left, name);
    const Json& of_right = value_or_null(right, name);
    const FieldRule* rule = rules.field(name);
    const bool has_entries = of_left.is_object() && of_right.is_object();
    const bool by_entry = rule != nullptr && (rule->equality == Equality::keyed ||
                                              (rule->equality == Equality::subset && has_entries));
    if (by_entry) {
      add_keyed(name, of_left, of_right, same_entry, result);
    } else if (!alike(rule, of_left, of_right)) {
      result.push_back({name, of_left, of_right});
    }
  }
  return result;
}

}  // namespace

bool is_hidden(const Json& entry) {
  if (!entry.is_string()) return entry.is_null();
  const auto& text = entry.get_ref<const std::string&>();
  return !text.empty() && text.find_first_not_of('*') == std::string::npos;
}

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
      add_keyed(rule.name, left, right, equal_entry, found);
      return found.empty();
    }
    case Equality::subset: {
      std::vector<FieldDifference> found;
      add_subset(rule, left, right, found);
      return found.empty();
    }
  }
  return left == right;
}

Json managed_part(const FieldRule& rule, const Json& found, const Json& managed) {
  if (rule.equality != Equality::subset) return found;
  if (found.is_array() && managed.is_array()) {
    Json result = Json::array();
    for (const Json& item : managed) {
      if (holds(found, item)) result.push_back(item);
    }
    return result;
  }
  if (!found.is_object() || !managed.is_object()) return found;
  Json result = Json::object();
  for (const auto& [key, value] : managed.items()) {
    if (as_secret(value) || (rule.hides_entries && is_hidden(entry_or_null(found, key)))) {
      result[key] = value;
    } else if (found.contains(key)) {
      result[key] = found.at(key);
    }
  }
  return result;
}

std::vector<FieldDifference> differences(const KindRules& rules, const Fields& found,
                                         const Fields& wanted) {
  std::vector<FieldDifference> result;
  for (const auto& [name, value] : wanted) {
    const FieldRule* rule = rules.field(name);
    if (rule == nullptr || rule->field_class == FieldClass::write_only ||
        rule->field_class == FieldClass::recorded) {
      continue;
    }
    const Json& other = value_or_null(found, name);
    if (rule->equality == Equality::keyed) {
      add_keyed(name, other, value, equal_entry, result);
    } else if (rule->equality == Equality::subset) {
      add_subset(*rule, other, value, result);
    } else if (!equal_under(*rule, other, value)) {
      result.push_back({name, other, value});
    }
  }
  return result;
}

std::vector<ResourceDifference> resource_differences(const Catalogue& catalogue,
                                                     const std::vector<Resource>& left,
                                                     const std::vector<Resource>& right) {
  std::map<Address, ResourceDifference> by_address;
  for (const Resource& resource : left)
    by_address[resource.address].left = &resource;
  for (const Resource& resource : right)
    by_address[resource.address].right = &resource;
  std::vector<ResourceDifference> result;
  for (auto& [address, difference] : by_address) {
    difference.address = address;
    const bool is_in_both = difference.left != nullptr && difference.right != nullptr;
    if (is_in_both) {
      difference.fields = desired_differences(catalogue.rules(difference.left->kind),
                                              difference.left->fields, difference.right->fields);
    }
    if (!is_in_both || !difference.fields.empty()) result.push_back(std::move(difference));
  }
  return result;
}

}  // namespace sluice
