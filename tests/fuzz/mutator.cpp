// Most of what is fuzzed is JSON, and of what is left of it after a random change of its bytes most
// is none any more. So every other change is one of the document: a value is put in another one's
// place, dropped, doubled or turned into one that is seldom met.

#include "core/json.hpp"
#include "fuzz/targets.hpp"

#include <array>
#include <cstring>
#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace sluice::fuzz {

namespace {

using Chance = std::minstd_rand;

std::size_t below(std::size_t end, Chance& chance) {
  return chance() % end;
}

void collect(Json& node, std::vector<Json*>& into) {
  into.push_back(&node);
  if (!node.is_structured()) return;
  for (Json& item : node)
    collect(item, into);
}

Json odd_value(Chance& chance) {
  switch (below(8, chance)) {
    case 0:
      return nullptr;
    case 1:
      return "";
    case 2:
      return Json::array();
    case 3:
      return Json::object();
    case 4:
      return -1;
    case 5:
      return ~std::uint64_t{0};
    case 6:
      return 1e300;
    default:
      return "\x1b\x07 \u00e9\u0085";
  }
}

/// Nests a value in as many lists as limits of depth are about.
Json nested(Json value, Chance& chance) {
  for (std::size_t left = 50 + below(16, chance); left > 0; --left)
    value = Json::array({std::move(value)});
  return value;
}

void change(Json& document, Chance& chance) {
  std::vector<Json*> nodes;
  collect(document, nodes);
  // Flags are few among the values, and much depends on them.
  if (below(4, chance) == 0)
    std::erase_if(nodes, [](const Json* node) { return !node->is_boolean(); });
  if (nodes.empty()) return;
  Json& node = *nodes[below(nodes.size(), chance)];
  const Json other = *nodes[below(nodes.size(), chance)];
  if (node.is_boolean() && below(2, chance) == 0) {
    node = !node.get<bool>();
    return;
  }
  const std::size_t count = node.is_structured() ? node.size() : 0;
  const std::size_t at = count == 0 ? 0 : below(count, chance);
  switch (below(count == 0 ? 3 : 6, chance)) {
    case 0:
      node = odd_value(chance);
      return;
    case 1:
      node = below(20, chance) == 0 ? nested(node, chance) : other;
      return;
    case 2:
      if (node.is_string())
        node = node.get<std::string>() + (other.is_string() ? other : "x").get<std::string>();
      return;
    case 3:
      node.erase(std::next(node.begin(), static_cast<std::ptrdiff_t>(at)));
      return;
    case 4:
      if (node.is_array()) node.push_back(node[at]);
      if (node.is_object()) node["x"] = other;
      return;
    default:
      if (node.is_array()) std::swap(node[at], node[0]);
      return;
  }
}

/// The part of an input that may be JSON: the body of a reply, a line, or all.
struct Part {
  std::size_t start = 0;
  std::size_t end = 0;
};

Part part_of(std::string_view text, Chance& chance) {
  const std::size_t body = text.find("\r\n\r\n{");
  if (body != std::string_view::npos) return {body + 4, text.size()};
  const std::size_t somewhere = text.empty() ? 0 : below(text.size(), chance);
  const std::size_t newline = text.rfind('\n', somewhere);
  const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const std::size_t brace = line.rfind('}');
  // A line of a document that goes over several ends with a comma, or has no brace.
  const bool whole = line.starts_with('{') && brace != std::string_view::npos;
  return whole ? Part{start, start + brace + 1} : Part{0, text.size()};
}

/// Nothing when the input holds no JSON.
std::string changed(std::string_view text, Chance& chance) {
  const Part part = part_of(text, chance);
  Json document = Json::parse(text.substr(part.start, part.end - part.start), nullptr, false);
  if (!document.is_structured()) return {};
  for (std::size_t left = 1 + below(2, chance) * below(4, chance); left > 0; --left)
    change(document, chance);
  std::string result(text);
  return result.replace(part.start, part.end - part.start,
                        document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

}  // namespace sluice::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  sluice::fuzz::Chance chance(seed);
  if (chance() % 2 == 0) {
    const std::string text =
        sluice::fuzz::changed({reinterpret_cast<const char*>(data), size}, chance);
    if (!text.empty() && text.size() <= max_size) {
      std::memcpy(data, text.data(), text.size());
      return text.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
