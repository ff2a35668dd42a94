#include "spec/for_each.hpp"

#include "spec/interpolation.hpp"

#include <fmt/format.h>

namespace sluice::spec {

namespace {

constexpr std::size_t kInstanceKeyMax = 128;
constexpr const char* kForEachForm =
    "Write `for_each: [a, b]`, or a map whose values are texts or maps of texts.";

class ForEachReader {
 public:
  ForEachReader(const Interpolator& interpolator, Messages& messages)
      : interpolator_(interpolator), messages_(messages) {}

  Instances read(const Entry& for_each);

 private:
  void add(const std::string& key, const Place& place, Instance instance);
  bool check_key(const std::string& key, const Place& place);
  void read_values(const Entry& entry, const std::string& path, Instance& instance);

  const Interpolator& interpolator_;
  Messages& messages_;
  Instances result_;
  std::map<std::string, Place, std::less<>> places_;
};

Instances ForEachReader::read(const Entry& for_each) {
  const Node& node = *for_each.value;
  if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items) {
      const std::optional<std::string> text = interpolator_.known_text({for_each.key, &item});
      if (text) add(*text, item.place, {*text, {{"", *text}}});
    }
  } else if (node.kind == Node::Kind::map) {
    for (std::size_t at = 0; at + 1 < node.items.size(); at += 2) {
      const Node& key = node.items[at];
      Instance instance{key.text, {}};
      read_values({&key, &node.items[at + 1]}, {}, instance);
      add(key.text, key.place, std::move(instance));
    }
  } else {
    messages_.error(node.place, "`for_each` is neither a list nor a map", kForEachForm);
  }
  return std::move(result_);
}

void ForEachReader::add(const std::string& key, const Place& place, Instance instance) {
  if (!check_key(key, place)) return;
  const auto [first, is_new] = places_.emplace(key, place);
  if (is_new) {
    result_.emplace(key, std::move(instance));
    return;
  }
  messages_.error(place, fmt::format("The key {} is in `for_each` twice", shown(key)),
                  fmt::format("It is first at {}.", messages_.position_text(first->second)));
}

/// An instance's key stands in addresses, between quotes.
bool ForEachReader::check_key(const std::string& key, const Place& place) {
  const char* why = nullptr;
  if (key.empty()) why = "is empty";
  if (key.find('"') != std::string::npos) why = "holds a quote";
  if (key.size() > kInstanceKeyMax) why = "is longer than 128 bytes";
  if (find_control(key, Breaks::refused) != std::string::npos) why = "holds a control character";
  if (why == nullptr) return true;
  messages_.error(place, fmt::format("The key {} of `for_each` {}", shown(key), why),
                  "It stands in addresses, such as `pipelines.events[\"brand-a\"].flow`.");
  return false;
}

void ForEachReader::read_values(const Entry& entry, const std::string& path, Instance& instance) {
  const Node& node = *entry.value;
  if (node.kind != Node::Kind::map) {
    const std::optional<std::string> text = interpolator_.known_text(entry);
    if (text) instance.values[path] = *text;
    return;
  }
  for (std::size_t at = 0; at + 1 < node.items.size(); at += 2) {
    const std::string& key = node.items[at].text;
    if (key.empty() || key.find_first_of(".{}\"") != std::string::npos) {
      messages_.error(node.items[at].place,
                      fmt::format("{} cannot be a word of `each.value`", shown(key)),
                      "A word has no dots, braces or quotes.");
      continue;
    }
    read_values({&node.items[at], &node.items[at + 1]}, path.empty() ? key : path + "." + key,
                instance);
  }
}

}  // namespace

InstancesOf read_for_each(const Document& document, const Interpolator& interpolator,
                          Messages& messages) {
  InstancesOf result;
  for (const auto& [key, pipeline] : document.pipelines) {
    const std::vector<Node>& items = pipeline.value->items;
    if (pipeline.value->kind != Node::Kind::map) continue;
    for (std::size_t at = 0; at + 1 < items.size(); at += 2) {
      if (items[at].text != "for_each") continue;
      result.emplace(key, ForEachReader(interpolator, messages).read({&items[at], &items[at + 1]}));
    }
  }
  return result;
}

}  // namespace sluice::spec
