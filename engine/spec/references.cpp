// What stands between `${` and `}`.

#include "spec/interpolation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::spec {

namespace {

constexpr const char* kForms =
    "`${...}` holds `var.NAME`, `each.key`, `each.value` or `pipelines.KEY.PART.ATTRIBUTE` and "
    "nothing else; `$${` is a literal `${`.";

/// The words between the dots. A text that ends in a dot has an empty last word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == '.') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

bool are_keys(const std::vector<std::string>& words) {
  return std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return is_key(word); });
}

constexpr std::array<std::string_view, 4> kPipelineParts = {"flow", "mapping", "source", "target"};

const KindRules* rules_of_part(const Catalogue& catalogue, const std::string& part) {
  if (std::find(kPipelineParts.begin(), kPipelineParts.end(), part) == kPipelineParts.end()) {
    return nullptr;
  }
  const auto found = std::find_if(catalogue.kinds.begin(), catalogue.kinds.end(),
                                  [&part](const auto& kind) { return kind.second.part == part; });
  return found == catalogue.kinds.end() ? nullptr : &found->second;
}

std::vector<std::string> keys_of(const auto& entries) {
  std::vector<std::string> result;
  for (const auto& [key, entry] : entries)
    result.emplace_back(key);
  return result;
}

/// A section whose entries are one resource each, as references see it.
struct KindSection {
  const char* section;
  const char* kind;
  const char* one;
};
constexpr std::array kReferredSections = {KindSection{"accounts", "account", "account"},
                                          KindSection{"datasets", "dataset", "dataset"},
                                          KindSection{"schemas", "schema", "schema"}};

const KindSection* section_of(const std::string& name) {
  const auto* found =
      std::find_if(kReferredSections.begin(), kReferredSections.end(),
                   [&name](const KindSection& known) { return name == known.section; });
  return found == kReferredSections.end() ? nullptr : found;
}

const Entries& entries_in(const Document& document, const std::string& section) {
  if (section == "accounts") return document.accounts;
  return section == "datasets" ? document.datasets : document.schemas;
}

/// `KEY`, or `KEY["INSTANCE"]`, and the words behind it.
struct PipelinePath {
  std::string key;
  std::optional<std::string> instance;
  std::vector<std::string> words;
};

std::optional<PipelinePath> parse_path(std::string_view text) {
  PipelinePath path;
  const std::size_t end = std::min(text.find_first_of(".["), text.size());
  path.key = text.substr(0, end);
  text.remove_prefix(end);
  if (text.starts_with("[\"")) {
    const std::size_t close = text.find("\"]");
    if (close == std::string_view::npos || close == 2) return std::nullopt;
    path.instance = text.substr(2, close - 2);
    text.remove_prefix(close + 2);
  }
  if (!text.starts_with('.')) return std::nullopt;
  path.words = words_of(text.substr(1));
  if (!is_key(path.key) || !are_keys(path.words)) return std::nullopt;
  return path;
}

}  // namespace

/// What stands for `${inner}`: a text, or a reference value.
std::optional<Json> Interpolator::reference(const Node& node, const std::string& inner) const {
  const std::string root = inner.substr(0, inner.find('.'));
  if (section_of(root) != nullptr) {
    return section(node, root, std::string_view(inner).substr(root.size()));
  }
  if (root == "each") return each(node, inner);
  if (root == "pipelines" && root.size() < inner.size()) {
    return pipeline(node, std::string_view(inner).substr(root.size() + 1));
  }
  const std::vector<std::string> words = words_of(inner);
  if (root == "var" && words.size() == 2 && are_keys(words)) return variable(node, words[1]);
  not_a_reference(node, inner);
  return std::nullopt;
}

void Interpolator::not_a_reference(const Node& node, std::string_view inner) const {
  std::string detail = kForms;
  const std::vector<std::string> words = words_of(inner);
  const std::vector<std::string> roots = {"pipelines", "var", "each"};
  if (are_keys(words) && std::find(roots.begin(), roots.end(), words.front()) == roots.end()) {
    const std::string near = nearest(words.front(), roots);
    if (!near.empty()) detail = fmt::format("Did you mean `{}`? {}", near, kForms);
  }
  messages_.error(node.place,
                  fmt::format("{} is not a reference", shown(fmt::format("${{{}}}", inner))),
                  detail);
}

std::optional<Json> Interpolator::variable(const Node& node, const std::string& name) const {
  const auto found = variables_.find(name);
  if (found != variables_.end() && found->second.sensitive) {
    messages_.error(node.place, fmt::format("Variable `{}` is sensitive and used here", name),
                    "A sensitive variable may be used only in an account's `auth.params`, where "
                    "it stands alone.");
    return std::nullopt;
  }
  if (found != variables_.end()) return Json(found->second.text);
  // One that is declared but has no value has been reported where it is declared.
  if (!document_.variables.contains(name) && document_.is_whole) {
    const std::vector<std::string> known = keys_of(document_.variables);
    messages_.error(
        node.place, fmt::format("There is no variable {}", shown(name)),
        known.empty() ? "Declare it in `variables`." : messages_.suggestion(name, known));
  }
  return std::nullopt;
}

std::optional<Json> Interpolator::each(const Node& node, const std::string& inner) const {
  if (instance_ == nullptr) {
    messages_.error(node.place,
                    fmt::format("{} stands outside a `for_each`", shown("${" + inner + "}")),
                    "Only a pipeline with `for_each`, and `defaults` that such a pipeline uses, "
                    "may use `each`.");
    return std::nullopt;
  }
  if (inner == "each.key") return Json(instance_->key);
  constexpr std::string_view kValue = "each.value";
  const std::string_view text = inner;
  if (text != kValue && !text.starts_with("each.value.")) {
    messages_.error(node.place, fmt::format("{} is not a reference", shown("${" + inner + "}")),
                    "Of `each` there are `each.key`, `each.value` and `each.value.PATH`.");
    return std::nullopt;
  }
  const std::string_view path = text.substr(std::min(kValue.size() + 1, text.size()));
  const auto found = instance_->values.find(path);
  if (found != instance_->values.end()) return Json(found->second);
  const std::vector<std::string> known = keys_of(instance_->values);
  messages_.error(node.place,
                  path.empty()
                      ? fmt::format("The value of {} in `for_each` is a map", shown(instance_->key))
                      : fmt::format("The value of {} in `for_each` has no text {}",
                                    shown(instance_->key), shown(path)),
                  path.empty() ? "Name one of its texts, such as `each.value.PATH`."
                               : messages_.suggestion(path, known));
  return std::nullopt;
}

/// `inner` is what follows `pipelines.`.
std::optional<Json> Interpolator::pipeline(const Node& node, std::string_view inner) const {
  const std::optional<PipelinePath> path = parse_path(inner);
  if (!path || path->words.size() != 2) {
    not_a_reference(node, fmt::format("pipelines.{}", inner));
    return std::nullopt;
  }
  if (!document_.pipelines.contains(path->key)) {
    if (document_.is_whole) {
      messages_.error(node.place, fmt::format("There is no pipeline {}", shown(path->key)),
                      messages_.suggestion(path->key, keys_of(document_.pipelines)));
    }
    return std::nullopt;
  }
  const std::optional<std::string> instance = choose_instance(node, path->key, path->instance);
  if (!instance) return std::nullopt;
  return attribute(node, {"pipelines", path->key, *instance, path->words[0]}, path->words[1]);
}

/// `inner` is what follows `datasets`, with its dot: `.KEY`, which means its id, or
/// `.KEY.ATTRIBUTE`.
std::optional<Json> Interpolator::section(const Node& node, const std::string& section,
                                          std::string_view inner) const {
  const std::vector<std::string> words =
      words_of(inner.substr(std::min<std::size_t>(1, inner.size())));
  if (words.size() > 2 || !are_keys(words)) {
    not_a_reference(node, fmt::format("{}{}", section, inner));
    return std::nullopt;
  }
  const KindSection& known = *section_of(section);
  const Entries& entries = entries_in(document_, section);
  if (!entries.contains(words[0])) {
    if (document_.is_whole) {
      messages_.error(node.place, fmt::format("There is no {} {}", known.one, shown(words[0])),
                      entries.empty() ? fmt::format("Describe it in `{}`, or give the id of one "
                                                    "that exists.",
                                                    section)
                                      : messages_.suggestion(words[0], keys_of(entries)));
    }
    return std::nullopt;
  }
  const std::string name = words.size() == 2 ? words[1] : "id";
  const auto& attributes = catalogue_.rules(known.kind).attributes;
  if (name == "id" || std::find(attributes.begin(), attributes.end(), name) != attributes.end()) {
    return reference_value({{section, words[0], {}, {}}, name});
  }
  messages_.error(node.place, fmt::format("{} is not an attribute of a {}", shown(name), known.one),
                  messages_.suggestion(name, attributes));
  return std::nullopt;
}

/// The instance that a reference to pipeline `key` means: the one it names, or the one that it
/// stands in. Empty for a pipeline without `for_each`.
std::optional<std::string> Interpolator::choose_instance(
    const Node& node, const std::string& key, const std::optional<std::string>& given) const {
  if (!given && instance_ != nullptr && *pipeline_ == key) return instance_->key;
  const Instances* instances = nullptr;
  if (instances_ != nullptr) {
    const auto found = instances_->find(key);
    if (found != instances_->end()) instances = &found->second;
  }
  if (instances == nullptr) {
    if (!given) return std::string();
    messages_.error(node.place, fmt::format("Pipeline `{}` has no `for_each`", key),
                    fmt::format("Refer to it as `pipelines.{}`.", key));
    return std::nullopt;
  }
  if (!given) {
    const std::string example = instances->empty() ? "KEY" : instances->begin()->first;
    messages_.error(node.place, fmt::format("Pipeline `{}` has `for_each`", key),
                    fmt::format("Say which instance: {}.",
                                shown(fmt::format("pipelines.{}[\"{}\"]", key, example))));
    return std::nullopt;
  }
  if (instances->contains(*given)) return *given;
  messages_.error(node.place, fmt::format("Pipeline `{}` has no instance {}", key, shown(*given)),
                  messages_.suggestion(*given, keys_of(*instances)));
  return std::nullopt;
}

std::optional<Json> Interpolator::attribute(const Node& node, const Address& address,
                                            const std::string& name) const {
  const std::string& part = address.part;
  const KindRules* rules = rules_of_part(catalogue_, part);
  if (rules == nullptr) {
    messages_.error(node.place, fmt::format("{} is not a part of a pipeline", shown(part)),
                    messages_.suggestion(part, {kPipelineParts.begin(), kPipelineParts.end()}));
    return std::nullopt;
  }
  const auto& attributes = rules->attributes;
  if (std::find(attributes.begin(), attributes.end(), name) == attributes.end()) {
    messages_.error(node.place,
                    fmt::format("{} is not an attribute of a pipeline's {}", shown(name), part),
                    messages_.suggestion(name, attributes));
    return std::nullopt;
  }
  return reference_value({address, name});
}

}  // namespace sluice::spec
