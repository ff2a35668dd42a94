#include "core/resource.hpp"

#include "core/value.hpp"

namespace sluice {

std::set<Address> Resource::needs() const {
  std::set<Address> result;
  for (const auto& [name, value] : fields) {
    for (const Reference& reference : references_in(value))
      result.insert(reference.address);
  }
  return result;
}

std::set<std::string> State::ids_of(const std::string& kind) const {
  std::set<std::string> ids;
  for (const auto& [address, record] : records) {
    if (record.kind == kind && !record.id.empty()) ids.insert(record.id);
    for (const Deposed& deposed : record.deposed) {
      if (deposed.kind == kind) ids.insert(deposed.id);
    }
  }
  return ids;
}

}  // namespace sluice
