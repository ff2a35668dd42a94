#include "spec/moves.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace sluice::spec {

namespace {

constexpr const char* kAddressForm =
    "An address is `pipelines.KEY.PART`, `pipelines.KEY[\"INSTANCE\"].PART` or `SECTION.KEY`; that "
    "of a pipeline may leave the part out.";

/// An address, whose part is empty for a pipeline as a whole.
std::optional<Address> parse_whole(const std::string& text) {
  std::optional<Address> address = Address::parse(text);
  if (address || !text.starts_with("pipelines.")) return address;
  address = Address::parse(text + ".flow");
  if (address) address->part.clear();
  return address;
}

class MoveReader {
 public:
  MoveReader(bool is_complete, Spec& spec, Messages& messages);

  void add_move(const Node& node);
  void add_removal(const Node& node);

 private:
  std::optional<Address> read_address(const Node& node, const Entries& entries,
                                      std::string_view key);
  bool expect(const Entry& entry, const Address& address, bool exists);
  bool expect_new(std::map<Address, Place>& seen, const Entry& entry, const Address& address);

  bool is_complete_;
  Spec& spec_;
  Messages& messages_;
  std::set<Address> known_;  // With an entry for each pipeline as a whole.
  std::map<Address, Place> left_;
  std::map<Address, Place> reached_;
};

MoveReader::MoveReader(bool is_complete, Spec& spec, Messages& messages)
    : is_complete_(is_complete), spec_(spec), messages_(messages) {
  for (const Resource& resource : spec.resources) {
    Address address = resource.address;
    known_.insert(address);
    if (address.section != "pipelines") continue;
    address.part.clear();
    known_.insert(address);
  }
}

void MoveReader::add_move(const Node& node) {
  if (node.kind != Node::Kind::map) {
    messages_.error(node.place, "This is not a move", "Write `{from: ADDRESS, to: ADDRESS}`.");
    return;
  }
  const Entries entries = entries_of(node, shape_of("move"), messages_);
  const std::optional<Address> from = read_address(node, entries, "from");
  const std::optional<Address> to = read_address(node, entries, "to");
  if (!from || !to) return;
  const Entry from_entry = entry_of(entries, "from");
  const Entry to_entry = entry_of(entries, "to");
  if (from->section != to->section || from->part != to->part) {
    messages_.error(to_entry.value->place,
                    fmt::format("{} cannot become {}", shown(from->text()), shown(to->text())),
                    "A resource keeps its section and its part when it moves.");
    return;
  }
  if (!expect(from_entry, *from, false) || !expect(to_entry, *to, true)) return;
  if (!expect_new(left_, from_entry, *from) || !expect_new(reached_, to_entry, *to)) return;
  spec_.moved.push_back({from->text(), to->text(), messages_.position(node.place)});
}

void MoveReader::add_removal(const Node& node) {
  constexpr const char* kForm = "Write `{address: ADDRESS, destroy: false}`.";
  if (node.kind != Node::Kind::map) {
    messages_.error(node.place, "This is not a removal", kForm);
    return;
  }
  const Entries entries = entries_of(node, shape_of("removal"), messages_);
  const std::optional<Address> address = read_address(node, entries, "address");
  const Entry destroy = entry_of(entries, "destroy");
  if (!destroy) {
    messages_.error(node.place, "A removal has no `destroy`", kForm);
  } else if (boolean(destroy, false, messages_)) {
    messages_.error(destroy.value->place, "`destroy` is `true`",
                    "What is taken out of a spec is destroyed anyway; leave the entry out.");
  }
  if (!address || !destroy) return;
  const Entry entry = entry_of(entries, "address");
  if (!expect(entry, *address, false) || !expect_new(left_, entry, *address)) return;
  spec_.removed.push_back({address->text(), false, messages_.position(node.place)});
}

std::optional<Address> MoveReader::read_address(const Node& node, const Entries& entries,
                                                std::string_view key) {
  const Entry entry = entry_of(entries, key);
  if (!entry) {
    messages_.error(node.place, fmt::format("`{}` is missing here", key), kAddressForm);
    return std::nullopt;
  }
  const std::optional<std::string> text = raw_text(entry, Breaks::refused, messages_);
  if (!text) return std::nullopt;
  std::optional<Address> address = parse_whole(*text);
  if (!address) {
    messages_.error(entry.value->place, fmt::format("{} is not an address", shown(*text)),
                    kAddressForm);
  }
  return address;
}

bool MoveReader::expect(const Entry& entry, const Address& address, bool exists) {
  if (known_.contains(address) == exists || (exists && !is_complete_)) return true;
  if (!exists) {
    messages_.error(entry.value->place,
                    fmt::format("{} is still in the spec", shown(address.text())),
                    "Only an address that the spec has no longer may stand here.");
    return false;
  }
  std::vector<std::string> names;
  for (const Address& known : known_)
    names.push_back(known.text());
  messages_.error(entry.value->place, fmt::format("{} is not in the spec", shown(address.text())),
                  messages_.suggestion(address.text(), names));
  return false;
}

bool MoveReader::expect_new(std::map<Address, Place>& seen, const Entry& entry,
                            const Address& address) {
  const auto [first, is_new] = seen.emplace(address, entry.value->place);
  if (is_new) return true;
  messages_.error(entry.value->place,
                  fmt::format("{} is moved or removed twice", shown(address.text())),
                  fmt::format("It is first at {}.", messages_.position_text(first->second)));
  return false;
}

}  // namespace

void read_moves(const Document& document, bool is_complete, Spec& spec, Messages& messages) {
  if (document.moved.empty() && document.removed.empty()) return;
  MoveReader reader(is_complete && document.is_whole, spec, messages);
  for (const Node* node : document.moved)
    reader.add_move(*node);
  for (const Node* node : document.removed)
    reader.add_removal(*node);
}

}  // namespace sluice::spec
