#include "core/moves.hpp"

namespace sluice {

std::string whole_of(const Address& address) {
  Address whole = address;
  whole.part.clear();
  // The instance of a schema's part is the path of a field.
  if (address.section == "schemas") whole.instance.clear();
  return whole.text();
}

bool names_address(const std::string& text, const Address& address) {
  return text == address.text() || text == whole_of(address);
}

namespace {

Address moved_to(const Address& address, const std::string& from, const std::string& to) {
  if (from == address.text() && address.section != "schemas") return Address::parse(to).value();
  Address result = address;
  if (from == address.text() && !address.part.empty()) return Address::parse(to).value();
  if (address.section == "schemas") {
    result.key = Address::parse(to).value().key;
    return result;
  }
  return Address::parse(to + "." + address.part).value();
}

}  // namespace

std::vector<Relocation> relocations(const State& recorded,
                                    const std::vector<std::pair<std::string, std::string>>& moves,
                                    Diagnostics& diagnostics) {
  std::vector<Relocation> result;
  for (const auto& [from, to] : moves) {
    for (const auto& [address, record] : recorded.records) {
      if (!names_address(from, address)) continue;
      const Address target = moved_to(address, from, to);
      const auto there = recorded.records.find(target);
      // Where only replaced objects are left, there is room for another.
      const bool is_free =
          there == recorded.records.end() || there->second.id.empty() || record.id.empty();
      if (!is_free) {
        diagnostics.error({},
                          "The state has both " + address.text() + " and " + target.text() +
                              ", so the one cannot become the other",
                          "Take the `moved` out of the spec, or one of them out of the state "
                          "(`sluice state rm`).");
        continue;
      }
      result.push_back({address, target});
    }
  }
  return result;
}

}  // namespace sluice
