#include "report/environment_diff.hpp"

#include "report/json_parts.hpp"
#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::report {

namespace {

void add_if_different(std::vector<FieldDifference>& into, const std::string& name, Json left,
                      Json right) {
  if (left != right) into.push_back({name, std::move(left), std::move(right)});
}

const char* side_of(const ResourceDifference& difference) {
  if (difference.left == nullptr) return "right";
  return difference.right == nullptr ? "left" : "both";
}

/// The sides of a resource that is only on one, by field.
std::vector<FieldDifference> one_sided(const ResourceDifference& difference) {
  std::vector<FieldDifference> fields;
  const bool is_left = difference.left != nullptr;
  for (const auto& [name, value] : (is_left ? difference.left : difference.right)->fields)
    fields.push_back({name, is_left ? value : Json(), is_left ? Json() : value});
  return fields;
}

Json differences_array(const std::vector<FieldDifference>& differences, const char* key) {
  Json list = Json::array();
  for (const FieldDifference& each : differences)
    list.push_back({{key, each.field}, {"left", each.left}, {"right", each.right}});
  return list;
}

std::string section(const char* title, const std::vector<FieldDifference>& differences,
                    const Style& style) {
  if (differences.empty()) return {};
  std::string text = painted(title, Tone::bold, style) + "\n\n";
  for (const FieldDifference& each : differences)
    text += difference_lines(each, style);
  return text + "\n";
}

struct SideLook {
  char symbol;
  Tone tone;
};

SideLook look_of_side(const ResourceDifference& difference) {
  if (difference.left == nullptr) return {'+', Tone::green};
  return difference.right == nullptr ? SideLook{'-', Tone::red} : SideLook{'~', Tone::yellow};
}

std::string resource_text(const ResourceDifference& difference, const Style& style) {
  const SideLook look = look_of_side(difference);
  const Resource& known = difference.left != nullptr ? *difference.left : *difference.right;
  std::string text = fmt::format(
      "  {} {}  {}\n", painted(std::string(1, look.symbol), look.tone, style),
      painted(harmless(difference.address.text()), Tone::bold, style), noun(known.kind));
  if (difference.left == nullptr || difference.right == nullptr) {
    return text + created_fields(known.fields);
  }
  for (const FieldDifference& field : difference.fields)
    text += difference_lines(field, style);
  return text;
}

std::size_t count_symbol(const EnvironmentDiff& diff, char symbol) {
  return static_cast<std::size_t>(std::count_if(
      diff.resources.begin(), diff.resources.end(),
      [symbol](const auto& resource) { return look_of_side(resource).symbol == symbol; }));
}

std::string legend_of(const EnvironmentDiff& diff) {
  std::vector<std::string> words;
  if (count_symbol(diff, '-') > 0) words.push_back("- only in " + harmless(diff.left));
  if (count_symbol(diff, '+') > 0) words.push_back("+ only in " + harmless(diff.right));
  if (count_symbol(diff, '~') > 0) words.emplace_back("~ different");
  return words.empty() ? "" : fmt::format("Symbols: {}\n\n", fmt::join(words, ", "));
}

}  // namespace

EnvironmentDiff compare_environments(const spec::Spec& left, const spec::Spec& right,
                                     const Catalogue& catalogue) {
  EnvironmentDiff diff;
  diff.spec_name = left.name;
  diff.left = left.environment.name;
  diff.right = right.environment.name;
  for (const auto& [name, value] : left.variables) {
    if (value.sensitive) continue;
    add_if_different(diff.variables, name, value.text, right.variables.at(name).text);
  }
  add_if_different(diff.settings, "endpoint", or_null(left.platform.endpoint),
                   or_null(right.platform.endpoint));
  add_if_different(diff.settings, "ims", or_null(left.platform.ims), or_null(right.platform.ims));
  add_if_different(diff.settings, "sandbox", or_null(left.platform.sandbox),
                   or_null(right.platform.sandbox));
  add_if_different(diff.settings, "protect", left.environment.protect, right.environment.protect);
  diff.resources = resource_differences(catalogue, left.resources, right.resources);
  return diff;
}

std::string diff_text(const EnvironmentDiff& diff, const Style& style) {
  const std::string left = harmless(diff.left);
  const std::string right = harmless(diff.right);
  const std::string both =
      fmt::format("{} and {} of spec {}", left, right, harmless(diff.spec_name));
  if (!diff.differs()) {
    return painted("No differences.", Tone::green, style) + " The environments " + both +
           " are alike.\n";
  }
  std::string text = fmt::format("The environments {} differ:\n\n", both);
  text += section("Variables:", diff.variables, style);
  text += section("Settings:", diff.settings, style);
  text += legend_of(diff);
  for (const ResourceDifference& resource : diff.resources)
    text += resource_text(resource, style) + "\n";
  const std::string summary =
      fmt::format("Diff: {} only in {}, {} only in {}, {} different.", count_symbol(diff, '-'),
                  left, count_symbol(diff, '+'), right, count_symbol(diff, '~'));
  return text + painted(summary, Tone::bold, style) + "\n";
}

Json diff_document(const EnvironmentDiff& diff) {
  Json resources = Json::array();
  for (const ResourceDifference& resource : diff.resources) {
    const bool is_in_both = resource.left != nullptr && resource.right != nullptr;
    const Resource& known = resource.left != nullptr ? *resource.left : *resource.right;
    resources.push_back(
        {{"address", resource.address.text()},
         {"kind", known.kind},
         {"in", side_of(resource)},
         {"fields",
          differences_array(is_in_both ? resource.fields : one_sided(resource), "field")}});
  }
  return {{"format_version", 1},
          {"spec", diff.spec_name},
          {"left", diff.left},
          {"right", diff.right},
          {"differs", diff.differs()},
          {"variables", differences_array(diff.variables, "name")},
          {"settings", differences_array(diff.settings, "name")},
          {"resources", std::move(resources)}};
}

}  // namespace sluice::report
