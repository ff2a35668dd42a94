#include "core/compare.hpp"
#include "core/planner_parts.hpp"
#include "core/value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::planner {

namespace {

/// Beyond this many pairs a proposal would be of no help, and take long to find.
constexpr std::size_t kRenamePairsMax = 100'000;

bool destroys(const Step& step) {
  return step.action == Action::replace || (step.action == Action::remove && !step.deposed);
}

SourcePos place_of(const Input& input, const Address& address) {
  const Resource* wanted = input.resource(address);
  return wanted == nullptr ? SourcePos{} : wanted->where;
}

/// What the state says is built on an address, directly or not.
std::set<Address> standing_on(const State& recorded, const Address& address) {
  std::set<Address> result;
  std::vector<Address> open = {address};
  while (!open.empty()) {
    const Address next = open.back();
    open.pop_back();
    for (const auto& [other, record] : recorded.records) {
      if (record.depends_on.contains(next) && result.insert(other).second) open.push_back(other);
    }
  }
  return result;
}

std::string listed(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool may_lose_data(const Input& input, const Address& address) {
  if (input.options.allow_data_loss) return true;
  const Resource* wanted = input.resource(address);
  return wanted != nullptr && wanted->allow_data_loss;
}

void refuse_protected(const Input& input, const Step& step, Diagnostics& diagnostics) {
  if (!destroys(step)) return;
  const Resource* wanted = input.resource(step.address);
  const Record* record = input.record(step.address);
  const bool wants = wanted != nullptr && wanted->protect;
  if (!wants && (record == nullptr || !record->protect)) return;
  diagnostics.error(place_of(input, step.address),
                    step.address.text() + " is protected, and this plan would " +
                        (step.action == Action::replace ? "replace" : "delete") + " it",
                    "Set `lifecycle: {protect: false}` in the spec and apply that first, or "
                    "leave it out with --target.");
}

std::string data_loss_advice(const Input& input, const Step& step) {
  if (is_leftover(input, step)) {
    return "It was replaced and held. If the data may go, give --allow-data-loss; if it is to stay "
           "for now, --hold-old.";
  }
  const std::string removed = "`removed: [{address: " + step.address.text() + ", destroy: false}]`";
  if (!input.desired.contains(step.address)) {
    return "If the data may go, give --allow-data-loss. If it is to stay, managed by nobody, say "
           "so in the spec: " +
           removed + ".";
  }
  return "If the data may go, set `lifecycle: {allow_data_loss: true}` or give --allow-data-loss. "
         "If it is to stay, give the new dataset another key, and let go of this one: " +
         removed + ".";
}

void refuse_data_loss(const Input& input, const KindRules& rules, const Step& step,
                      Diagnostics& diagnostics) {
  if (!rules.holds_data || step.action != Action::remove || may_lose_data(input, step.address)) {
    return;
  }
  diagnostics.error(
      place_of(input, step.address),
      "This plan would delete " + step.address.text() + " (" + step.id + "), and its data with it",
      data_loss_advice(input, step));
}

void refuse_permanent(const Input& input, const KindRules& rules, const Step& step,
                      Diagnostics& diagnostics) {
  if (!rules.is_permanent || !destroys(step)) return;
  const std::string schema = whole_of(step.address);
  diagnostics.error(
      place_of(input, step.address),
      schema +
          " is in the profile, from which the platform takes no schema back: it can neither "
          "be deleted nor replaced",
      "Keep it as it is; or let it go with `removed: [{address: " + schema +
          ", destroy: false}]`, and describe a new one under another key.");
}

/// A change that only follows another one is not told beside it.
bool is_own_break(const Change& change) {
  return change.breaks && references_in(change.after).empty();
}

bool is_break(const Change& change) {
  return change.breaks;
}

void refuse_breaking(const Input& input, const Step& step, bool (*chosen)(const Change&),
                     Diagnostics& diagnostics) {
  std::string fields;
  for (const Change& change : step.changes) {
    if (chosen(change)) fields += (fields.empty() ? "" : ", ") + change.field;
  }
  if (fields.empty() || input.options.allow_breaking) return;
  std::set<std::string> users;
  for (const Address& address : standing_on(input.recorded, step.address))
    users.insert(whole_of(address));
  users.erase(whole_of(step.address));
  diagnostics.error(place_of(input, step.address),
                    "The change of " + fields + " in " + step.address.text() +
                        " breaks what is built on it" + (users.empty() ? "" : ": " + listed(users)),
                    "A schema that is in use may only grow: leave the field as it is and add "
                    "another one. To make "
                    "a new schema in its place all the same, give the schema a new `title` and add "
                    "--allow-breaking; what is built on the old one is replaced with it.");
}

void refuse_same_name(const Input& input, const KindRules& rules, const Step& step,
                      Diagnostics& diagnostics) {
  if (!rules.unique_names || step.action != Action::replace) return;
  const Record* record = input.record(step.address);
  if (record == nullptr || record->name != step.name) return;
  diagnostics.error(place_of(input, step.address),
                    step.address.text() +
                        " must be replaced, and the new one cannot have the title \"" + step.name +
                        "\" as long as the old one is there",
                    "Give it a new `title`: titles are unique in an organisation's tenant.");
}

/// Who has a name that only one can have.
struct Bearer {
  Address address;
  bool is_deposed = false;
};

std::map<std::pair<std::string, std::string>, Bearer> bearers(const Input& input) {
  std::map<std::pair<std::string, std::string>, Bearer> result;
  for (const auto& [address, record] : input.recorded.records) {
    if (!input.catalogue.rules(record.kind).unique_names) continue;
    // Where only replaced objects are left, there is no id that anybody looked for.
    const bool is_there =
        !record.id.empty() && (!input.options.refreshed || input.object(record.id) != nullptr);
    if (is_there) {
      result.emplace(std::pair(record.kind, record.name), Bearer{address, false});
    }
    for (const Deposed& deposed : record.deposed) {
      const Observed* object = input.object(deposed.id);
      if (object == nullptr || !object->fields.contains("name")) continue;
      result.emplace(std::pair(deposed.kind, object->fields.at("name").get<std::string>()),
                     Bearer{address, true});
    }
  }
  return result;
}

bool takes_name(const Step& step) {
  if (step.action == Action::create || step.action == Action::replace) return true;
  return step.action == Action::update &&
         std::any_of(step.changes.begin(), step.changes.end(),
                     [](const Change& change) { return change.field == "name"; });
}

/// A name is free when its bearer is gone or has another one, for which no step waits: what stands
/// on the old one may have to move to the new one first.
void refuse_taken_names(const Input& input, const std::vector<Step>& steps,
                        Diagnostics& diagnostics) {
  const auto borne = bearers(input);
  std::set<std::string> told;  // A schema and its field group have their names from one title.
  for (const Step& step : steps) {
    if (borne.empty() || !takes_name(step)) continue;
    const auto bearer = borne.find({step.kind, step.name});
    if (bearer == borne.end()) continue;
    const bool is_own = bearer->second.address == step.address && !bearer->second.is_deposed;
    const std::string to = whole_of(step.address);
    if (is_own || !told.insert(to).second) continue;
    const std::string from = whole_of(bearer->second.address);
    diagnostics.error(
        place_of(input, step.address),
        fmt::format("{} is to have the title \"{}\", which {}{} still has", step.address.text(),
                    step.name, bearer->second.is_deposed ? "what was replaced of " : "",
                    bearer->second.address.text()),
        fmt::format("Titles are unique in an organisation's tenant: give it another "
                    "`title`. If it is the same under a new key, say so in the spec: "
                    "`moved: [{{from: {}, to: {}}}]`.",
                    from, to));
  }
}

/// What is let go stays, and what it stands on cannot be deleted under it.
void refuse_undermining(const Input& input, const Needed& needed, const std::vector<Step>& steps,
                        Diagnostics& diagnostics) {
  std::map<Address, std::string> stands;  // What is needed, and by whom.
  for (const Step& step : steps) {
    if (step.reason != Reason::let_go) continue;
    for (const Address& need : step.depends_on)
      stands.emplace(need, step.address.text());
  }
  for (const Step& step : steps) {
    const auto by_id = needed.by_let_go.find(step.key);
    if (by_id != needed.by_let_go.end()) stands.emplace(step.address, by_id->second);
    const auto user = stands.find(step.address);
    const bool goes = step.action == Action::remove && !is_leftover(input, step);
    const bool goes_later = step.action == Action::replace && by_id != needed.by_let_go.end();
    if (user == stands.end() || !(goes || goes_later)) continue;
    const std::string removed =
        "`removed: [{address: " + whole_of(step.address) + ", destroy: false}]`";
    diagnostics.error(place_of(input, step.address),
                      std::string("This plan would ") + (goes ? "delete " : "replace ") +
                          step.address.text() + ", and " + user->second +
                          ", which is let go and stays, stands on it",
                      input.desired.contains(step.address)
                          ? "Give the new one another key, and let go of this one: " + removed + "."
                          : "Let it go as well: " + removed + "; or keep it in the spec.");
  }
}

/// What two resources of the same kind have in common besides their names and what they refer to.
bool alike(const Fields& wanted, const Fields& recorded) {
  const auto is_own = [](const auto& field) {
    return field.first != "name" && references_in(field.second).empty();
  };
  for (const auto& [name, value] : wanted) {
    if (!is_own(std::pair(name, value))) continue;
    const auto found = recorded.find(name);
    if (found == recorded.end() || found->second != value) return false;
  }
  return true;
}

using Parts = std::map<Address, std::vector<const Step*>>;

/// Steps by the pipeline or schema that they are a part of.
Parts by_whole(const std::vector<Step>& steps, bool (*chosen)(const Step&)) {
  Parts result;
  for (const Step& step : steps) {
    if (!chosen(step)) continue;
    Address whole = step.address;
    whole.part.clear();
    if (whole.section == "schemas") whole.instance.clear();
    result[whole].push_back(&step);
  }
  return result;
}

bool is_same(const Input& input, const std::vector<const Step*>& made,
             const std::vector<const Step*>& removed) {
  return std::all_of(removed.begin(), removed.end(), [&](const Step* old) {
    const Record* record = input.record(old->address);
    return std::any_of(made.begin(), made.end(), [&](const Step* step) {
      return step->address.part == old->address.part && step->kind == old->kind &&
             (step->name == old->name || alike(step->after, record->inputs));
    });
  });
}

}  // namespace

bool is_leftover(const Input& input, const Step& step) {
  const Record* record = input.record(step.address);
  return step.deposed && record != nullptr && record->id != step.id;
}

std::vector<Kept> find_kept(const Input& input, const std::vector<Step>& steps) {
  std::map<Address, std::string> because;
  if (input.options.mode != PlanMode::destroy) return {};
  std::set<Address> let_go;
  for (const Step& step : steps) {
    if (is_let_go(step) && !step.deposed) let_go.insert(step.address);
  }
  std::vector<Address> open;
  for (const auto& [address, record] : input.recorded.records) {
    if (!input.is_selected(address) || record.id.empty() || let_go.contains(address)) continue;
    const KindRules& rules = input.catalogue.rules(record.kind);
    const bool there = !input.options.refreshed || input.object(record.id) != nullptr;
    if (!there) continue;
    if (rules.holds_data && !may_lose_data(input, address)) {
      because[address] = "its data would go with it; --allow-data-loss lets it go";
    } else if (rules.is_permanent) {
      because[address] = "the platform never takes a schema out of the profile";
    } else {
      continue;
    }
    open.push_back(address);
  }
  const auto keep = [&](const Address& address, const std::string& why) {
    const bool known = input.recorded.records.contains(address) && !let_go.contains(address);
    if (known && because.emplace(address, why).second) open.push_back(address);
  };
  while (!open.empty()) {
    const Address next = open.back();
    open.pop_back();
    for (const Address& need : input.recorded.records.at(next).depends_on)
      keep(need, next.text() + " stands on it");
    if (next.section != "schemas") continue;
    for (const auto& [address, record] : input.recorded.records) {
      if (whole_of(address) == whole_of(next)) keep(address, "it belongs to " + whole_of(next));
    }
  }
  std::vector<Kept> result;
  for (auto& [address, text] : because) {
    const Record& record = input.recorded.records.at(address);
    const bool gone =
        input.options.refreshed && !record.id.empty() && input.object(record.id) == nullptr;
    if (!gone) result.push_back({address, record.kind, record.name, record.id, std::move(text)});
  }
  return result;
}

std::vector<Relocation> find_renames(const Input& input, const std::vector<Step>& steps) {
  std::vector<Relocation> result;
  if (input.options.mode != PlanMode::normal) return result;
  const Parts made = by_whole(steps, [](const Step& step) {
    return step.action == Action::create && step.reason == Reason::not_recorded;
  });
  const Parts removed = by_whole(steps, [](const Step& step) {
    return step.action == Action::remove && step.reason == Reason::not_in_spec;
  });
  std::set<Address> taken;
  if (removed.size() * made.size() > kRenamePairsMax) return result;
  for (const auto& [from, old] : removed) {
    for (const auto& [to, parts] : made) {
      if (from.section != to.section || taken.contains(to) || !is_same(input, parts, old)) continue;
      taken.insert(to);
      result.push_back({old.front()->address, parts.front()->address});
      break;
    }
  }
  return result;
}

bool refuse_forbidden(const Input& input, const Needed& needed, const std::vector<Step>& steps,
                      Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.list().size();
  // What follows from such a change need not be told when it is not to be made.
  for (const auto chosen : {is_own_break, is_break}) {
    for (const Step& step : steps)
      refuse_breaking(input, step, chosen, diagnostics);
    if (diagnostics.list().size() > before) return false;
  }
  for (const Step& step : steps) {
    const KindRules& rules = input.catalogue.rules(step.kind);
    refuse_protected(input, step, diagnostics);
    refuse_data_loss(input, rules, step, diagnostics);
    refuse_permanent(input, rules, step, diagnostics);
    refuse_same_name(input, rules, step, diagnostics);
  }
  refuse_taken_names(input, steps, diagnostics);
  refuse_undermining(input, needed, steps, diagnostics);
  return diagnostics.list().size() == before;
}

}  // namespace sluice::planner
