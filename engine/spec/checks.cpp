#include "spec/checks.hpp"

#include "core/order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

namespace sluice::spec {

namespace {

std::string_view name_of_part(const ReadPart& part) {
  const auto found = part.resource.fields.find("name");
  if (found == part.resource.fields.end()) return {};
  return found->second.get_ref<const std::string&>();
}

void same_name(const ReadPart& first, const ReadPart& part, Messages& messages) {
  messages.error(part.name_place,
                 fmt::format("{} and {} have the same name {}", first.resource.address.text(),
                             part.resource.address.text(), shown(name_of_part(part))),
                 fmt::format("The other one is at {}. An object whose creation was not confirmed "
                             "is found by its name, so the names of one kind must differ.",
                             messages.position_text(first.name_place)));
}

/// What the language itself makes later than what: a flow needs its source, never the other way
/// round.
int rank_of(const Address& address) {
  if (address.section == "pipelines") return address.part == "flow" ? 6 : 5;
  if (address.section != "schemas") return 4;
  if (address.part == "fields") return 0;
  if (address.part == "identity") return 2;
  return address.part.empty() ? 1 : 3;
}

/// True when all references point to lower ranks, so that there can be no loop. It is so in nearly
/// every spec, and cheap to see.
bool is_ranked(const std::vector<Wanted>& all) {
  return std::all_of(all.begin(), all.end(), [](const Wanted& wanted) {
    const int rank = rank_of(wanted.resource->address);
    return std::all_of(wanted.needs.begin(), wanted.needs.end(),
                       [rank](const Address& need) { return rank_of(need) < rank; });
  });
}

}  // namespace

void check_names(const std::vector<ReadPart>& parts, Messages& messages) {
  // Kind, name, and where it stands in the list. The views look into the parts.
  std::vector<std::tuple<std::string_view, std::string_view, std::size_t>> names;
  names.reserve(parts.size());
  for (const ReadPart& part : parts) {
    const std::string_view name = name_of_part(part);
    if (!name.empty()) {
      names.emplace_back(part.resource.kind, name, static_cast<std::size_t>(&part - parts.data()));
    }
  }
  std::sort(names.begin(), names.end());
  std::size_t first = 0;
  for (std::size_t at = 1; at < names.size(); ++at) {
    const auto& [kind, name, part] = names[at];
    const auto& [first_kind, first_name, first_part] = names[first];
    if (kind == first_kind && name == first_name) {
      same_name(parts[first_part], parts[part], messages);
    } else {
      first = at;
    }
  }
}

void check_order(const std::vector<ReadPart>& parts, Messages& messages) {
  std::vector<Wanted> all;
  all.reserve(parts.size());
  for (const ReadPart& part : parts)
    all.emplace_back(part.resource);
  if (is_ranked(all)) return;
  const auto order = dependency_order(all);
  const Cycle* cycle = std::get_if<Cycle>(&order);
  if (cycle == nullptr) return;
  messages.error(parts[cycle->first].place,
                 fmt::format("Each of these needs the next: {}", fmt::join(cycle->path, " -> ")),
                 "A flow needs its source, target and mapping by itself; take out a reference that "
                 "points back.");
}

}  // namespace sluice::spec
