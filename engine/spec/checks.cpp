#include "spec/checks.hpp"

#include "core/order.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace sluice::spec {

void check_names(const std::vector<ReadPart>& parts, Messages& messages) {
  // The views look into the parts, which stay where they are.
  std::map<std::pair<std::string_view, std::string_view>, const ReadPart*> seen;
  for (const ReadPart& part : parts) {
    const auto name = part.resource.fields.find("name");
    if (name == part.resource.fields.end()) continue;
    const auto& text = name->second.get_ref<const std::string&>();
    const auto [first, is_new] = seen.emplace(
        std::pair<std::string_view, std::string_view>(part.resource.kind, text), &part);
    if (is_new) continue;
    messages.error(
        part.name_place,
        fmt::format("{} and {} have the same name {}", first->second->resource.address.text(),
                    part.resource.address.text(), shown(text)),
        fmt::format("The other one is at {}. An object whose creation was not confirmed "
                    "is found by its name, so the names of one kind must differ.",
                    messages.position_text(first->second->name_place)));
  }
}

void check_order(const std::vector<ReadPart>& parts, Messages& messages) {
  std::map<std::string, std::set<std::string>> needs;
  std::map<std::string, const ReadPart*> by_address;
  for (const ReadPart& part : parts) {
    const std::string address = part.resource.address.text();
    by_address[address] = &part;
    std::set<std::string>& needed = needs[address];
    for (const Address& other : part.resource.needs())
      needed.insert(other.text());
  }
  const auto order = dependency_order(needs);
  const Cycle* cycle = std::get_if<Cycle>(&order);
  if (cycle == nullptr) return;
  messages.error(by_address.at(cycle->path.front())->place,
                 fmt::format("Each of these needs the next: {}", fmt::join(cycle->path, " -> ")),
                 "A flow needs its source, target and mapping by itself; take out a reference that "
                 "points back.");
}

}  // namespace sluice::spec
