#include "core/planner_parts.hpp"

#include <algorithm>

namespace sluice::planner {

namespace {

std::string replaced_text(const Address& address) {
  return "what was replaced of " + address.text();
}

/// Whether a field is for people: an object does not stand on what its description speaks of.
bool is_prose(const std::string& field) {
  return field == "name" || field == "description";
}

/// Follows what stays after a plan down to what it names, and so to what must stay with it.
class Standing {
 public:
  Standing(const Input& input, const std::vector<Step>& steps) : input_(input) {
    for (const Step& step : steps) {
      if (step.action == Action::remove) removals_.emplace(step.id, &step);
      if (step.deposed) {
        deposed_.emplace(step.id, &step);
      } else {
        present_.emplace(step.address, &step);
      }
    }
  }

  Needed find() {
    for (const auto& [address, step] : present_)
      note(step->after, address.text(), false);
    for (const auto& [address, record] : input_.recorded.records) {
      note_present(record);
      for (const Deposed& deposed : record.deposed)
        note_deposed(address, deposed);
    }
    while (!open_.empty()) {
      const Step& step = *open_.back();
      open_.pop_back();
      const bool let_go = needed_.by_let_go.contains(step.key);
      // A plan that takes away what is needed is refused: there is no more to tell.
      if (let_go && !is_leftover(input_, step)) continue;
      const std::string who = step.deposed ? replaced_text(step.address) : step.address.text();
      note_object(step.id, step.before, who, let_go);
      if (step.address.section == "schemas") note_belongings(step, who, let_go);
    }
    return std::move(needed_);
  }

 private:
  /// A schema that stays keeps its identities, which it does not name.
  void note_belongings(const Step& schema, const std::string& who, bool let_go) {
    for (const auto& [id, step] : removals_) {
      if (step->address.section != "schemas") continue;
      const bool belongs =
          std::any_of(step->before.begin(), step->before.end(),
                      [&schema](const auto& field) { return field.second == schema.id; });
      if (belongs) need(*step, who, let_go);
    }
  }

  /// What the state says of an address's object, as far as the plan leaves it as it is.
  void note_present(const Record& record) {
    if (record.id.empty() || removals_.contains(record.id)) return;
    const auto found = present_.find(record.address);
    const Step* step = found == present_.end() ? nullptr : found->second;
    const bool goes_on = step != nullptr && !step->after.empty();
    if (goes_on && step->action != Action::replace) return;
    if (step != nullptr && step->action == Action::forget && step->reason == Reason::gone) return;
    const bool held = step != nullptr && step->action == Action::replace;
    const bool let_go = step != nullptr && step->reason == Reason::let_go;
    const std::string who = held ? replaced_text(record.address) : record.address.text();
    note_object(record.id, record.inputs, who, let_go);
  }

  void note_deposed(const Address& address, const Deposed& deposed) {
    if (deposed_.contains(deposed.id)) return;
    note_object(deposed.id, deposed.inputs, replaced_text(address), false);
  }

  void note_object(const std::string& id, const Fields& inputs, const std::string& who,
                   bool let_go) {
    note(inputs, who, let_go);
    if (const Observed* object = input_.object(id)) note(object->fields, who, let_go);
  }

  void note(const Fields& fields, const std::string& who, bool let_go) {
    for (const auto& [name, value] : fields) {
      if (!is_prose(name)) note_value(value, who, let_go);
    }
  }

  void note_value(const Json& value, const std::string& who, bool let_go) {
    if (value.is_structured()) {
      for (const Json& item : value)
        note_value(item, who, let_go);
    }
    if (!value.is_string()) return;
    const auto removal = removals_.find(value.get_ref<const std::string&>());
    if (removal == removals_.end()) return;
    need(*removal->second, who, let_go);
  }

  void need(const Step& removal, const std::string& who, bool let_go) {
    auto& users = let_go ? needed_.by_let_go : needed_.by_kept;
    if (users.emplace(removal.key, who).second) open_.push_back(&removal);
  }

  const Input& input_;
  std::map<std::string, const Step*> removals_;  // By the id of what goes.
  std::map<std::string, const Step*> deposed_;   // By id.
  std::map<Address, const Step*> present_;
  Needed needed_;
  std::vector<const Step*> open_;  // Removals that turned out to be needed by what stays.
};

}  // namespace

Needed find_needed(const Input& input, const std::vector<Step>& steps) {
  const bool any = std::any_of(steps.begin(), steps.end(),
                               [](const Step& step) { return step.action == Action::remove; });
  return any ? Standing(input, steps).find() : Needed();
}

std::vector<Kept> keep_needed(const Input& input, const Needed& needed, std::vector<Step>& steps) {
  std::vector<Kept> kept;
  for (Step& step : steps) {
    const auto user = needed.by_kept.find(step.key);
    if (needed.by_let_go.contains(step.key)) {
      if (!is_leftover(input, step)) continue;
      step.action = Action::forget;
      step.reason = Reason::let_go;
    } else if (user != needed.by_kept.end()) {
      const std::string because =
          (step.deposed ? "it was replaced, and " : "") + user->second + " stands on it";
      kept.push_back({step.address, step.kind, step.name, step.id, because});
    }
  }
  std::erase_if(steps, [&](const Step& step) {
    return step.action == Action::remove && needed.by_kept.contains(step.key) &&
           !needed.by_let_go.contains(step.key);
  });
  return kept;
}

}  // namespace sluice::planner
