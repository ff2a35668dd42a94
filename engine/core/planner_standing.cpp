#include "core/planner_parts.hpp"

#include <algorithm>

namespace sluice::planner {

namespace {

/// Whether a field is for people: an object does not stand on what its description speaks of.
bool is_prose(const std::string& field) {
  return field == "name" || field == "description";
}

std::string replaced_text(const Address& address) {
  return "what was replaced of " + address.text();
}

std::string owner_text(const Step& step) {
  return step.deposed ? replaced_text(step.address) : step.address.text();
}

/// Whether what is let go takes the object of this removal along, instead of standing in its way.
bool goes_along(const Input& input, const Step& step) {
  return is_leftover(input, step) || input.options.mode == PlanMode::destroy;
}

/// Follows what stays after a plan down to what it names, and so to what must stay with it.
class Standing {
 public:
  Standing(const Input& input, const std::vector<Step>& steps) : input_(input) {
    for (const Step& step : steps) {
      if (step.action == Action::remove) removals_.emplace(step.id, &step);
      if (step.deposed) {
        deposed_.emplace(step.id);
      } else {
        present_.emplace(step.address, &step);
        // It stays for now, and the next plan deletes it.
        const bool held = step.action == Action::replace && input.options.hold_old;
        if (held) later_.emplace(step.id, &step);
      }
    }
    for (const auto& [address, record] : input.recorded.records) {
      for (const Deposed& deposed : record.deposed) {
        if (!deposed_.contains(deposed.id)) {
          held_.push_back(deposed_removal(input, record, deposed));
        }
      }
    }
    for (const Step& step : held_) {
      if (step.action == Action::remove) later_.emplace(step.id, &step);
    }
  }

  Needed find() {
    for (const auto& [address, step] : present_)
      note(step->after, address.text(), false);
    for (const auto& [address, record] : input_.recorded.records)
      note_present(record);
    for (const Step& step : held_) {
      note_object(step.id, step.before, replaced_text(step.address), false);
      note_belongings(step.kind, step.id, replaced_text(step.address), false);
    }
    while (!open_.empty()) {
      const Step& step = *open_.back();
      open_.pop_back();
      const bool let_go = needed_.by_let_go.contains(step.key);
      // A plan that takes away what is needed is refused: there is no more to tell.
      if (let_go && !goes_along(input_, step)) continue;
      note_object(step.id, step.before, owner_text(step), let_go);
      note_belongings(step.kind, step.id, owner_text(step), let_go);
    }
    std::erase_if(held_,
                  [this](const Step& step) { return !needed_.by_let_go.contains(step.key); });
    needed_.held = std::move(held_);
    return std::move(needed_);
  }

 private:
  /// A schema that stays keeps its identities, which it does not name.
  void note_belongings(const std::string& kind, const std::string& id, const std::string& who,
                       bool let_go) {
    if (kind != "schema") return;
    for (const auto& [other, step] : removals_) {
      if (step->address.section != "schemas") continue;
      const auto schema = step->before.find("schema");
      const bool belongs = schema != step->before.end() && schema->second.is_string() &&
                           schema->second.get_ref<const std::string&>() == id;
      if (belongs) need(*step, who, let_go);
    }
  }

  /// What is to become of an address's object, as far as the plan leaves anything of it.
  void note_present(const Record& record) {
    if (record.id.empty() || removals_.contains(record.id)) return;
    const auto found = present_.find(record.address);
    const Step* step = found == present_.end() ? nullptr : found->second;
    if (step != nullptr && step->action != Action::replace && !step->after.empty()) {
      note_left(*step, record);
      return;
    }
    const bool held = step != nullptr && step->action == Action::replace;
    const bool let_go = step != nullptr && is_let_go(*step);
    const std::string who = held ? replaced_text(record.address) : record.address.text();
    note_object(record.id, record.inputs, who, let_go);
    if (held) note_belongings(record.kind, record.id, who, false);
  }

  /// What a step leaves in an object besides what it sets.
  void note_left(const Step& step, const Record& record) {
    const Observed* object = input_.object(record.id);
    const KindRules& rules = input_.catalogue.rules(record.kind);
    for (const auto& [name, value] : object != nullptr ? object->fields : record.inputs) {
      const FieldRule* rule = rules.field(name);
      const bool grows = rule != nullptr && (rule->field_class == FieldClass::additive ||
                                             rule->equality == Equality::subset);
      if (grows || !step.after.contains(name)) note_field(name, value, step.address.text(), false);
    }
  }

  void note_object(const std::string& id, const Fields& inputs, const std::string& who,
                   bool let_go) {
    const Observed* object = input_.object(id);
    if (object == nullptr && input_.options.refreshed) return;
    note(inputs, who, let_go);
    if (object != nullptr) note(object->fields, who, let_go);
  }

  void note(const Fields& fields, const std::string& who, bool let_go) {
    for (const auto& [name, value] : fields)
      note_field(name, value, who, let_go);
  }

  void note_field(const std::string& name, const Json& value, const std::string& who, bool let_go) {
    if (!is_prose(name)) note_value(value, who, let_go);
  }

  void note_value(const Json& value, const std::string& who, bool let_go) {
    if (value.is_structured()) {
      for (const Json& item : value)
        note_value(item, who, let_go);
    }
    if (!value.is_string()) return;
    const std::string& id = value.get_ref<const std::string&>();
    const auto removal = removals_.find(id);
    if (removal != removals_.end()) need(*removal->second, who, let_go);
    const auto later = let_go ? later_.find(id) : later_.end();
    if (later != later_.end()) need(*later->second, who, let_go);
  }

  void need(const Step& removal, const std::string& who, bool let_go) {
    auto& users = let_go ? needed_.by_let_go : needed_.by_kept;
    if (users.emplace(removal.key, who).second) open_.push_back(&removal);
  }

  using ById = std::map<std::string, const Step*>;

  const Input& input_;
  ById removals_;  // Removals, by the ids of what goes.
  ById later_;     // Of what only a later plan removes.
  std::set<std::string> deposed_;
  std::map<Address, const Step*> present_;
  std::vector<Step> held_;         // Removals of replaced objects that this plan does not make.
  std::vector<const Step*> open_;  // What turned out to be needed by what stays.
  Needed needed_;
};

bool has_removals(const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.action == Action::remove; });
}

void note_kept(const std::vector<Kept>& kept, std::vector<Step>& steps) {
  std::set<std::string> ids;
  for (const Kept& old : kept)
    ids.insert(old.id);
  for (Step& step : steps) {
    if (step.action != Action::replace || !ids.contains(step.id)) continue;
    step.note += (step.note.empty() ? "" : " ") + std::string("The old one is kept.");
  }
}

}  // namespace

bool is_let_go(const Step& step) {
  return step.action == Action::forget && step.reason == Reason::let_go;
}

Needed let_go_along(const Input& input, std::vector<Step>& steps) {
  if (input.options.let_go.empty()) return {};
  Needed needed = Standing(input, steps).find();
  for (Step& step : needed.held)
    steps.push_back(std::move(step));
  for (Step& step : steps) {
    const bool is_needed = step.action == Action::remove && needed.by_let_go.contains(step.key);
    if (!is_needed || !goes_along(input, step)) continue;
    step.action = Action::forget;
    step.reason = Reason::let_go;
  }
  return needed;
}

std::vector<Kept> keep_needed(const Input& input, std::vector<Step>& steps) {
  std::vector<Kept> kept = find_kept(input, steps);
  std::set<Address> stays;
  for (const Kept& item : kept)
    stays.insert(item.address);
  std::erase_if(steps, [&](const Step& step) {
    return step.action == Action::remove && stays.contains(step.address);
  });
  if (!has_removals(steps)) return kept;
  const Needed needed = Standing(input, steps).find();
  const auto is_needed = [&needed](const Step& step) {
    return step.action == Action::remove && needed.by_kept.contains(step.key) &&
           !needed.by_let_go.contains(step.key);
  };
  for (const Step& step : steps) {
    if (!is_needed(step)) continue;
    const std::string replaced = step.deposed ? "it was replaced, and " : "";
    kept.push_back({step.address, step.kind, step.name, step.id,
                    replaced + needed.by_kept.at(step.key) + " stands on it"});
  }
  std::erase_if(steps, is_needed);
  note_kept(kept, steps);
  return kept;
}

}  // namespace sluice::planner
