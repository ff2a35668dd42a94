// What a flow or a run becomes as time passes. Nothing runs on its own: whoever looks first calls
// `advance` with the time, and all that fell due by then comes about as if it had happened at its
// moment.

#include "emulator/runs.hpp"
#include "emulator/world.hpp"

namespace sluice::emulator {

void World::set_transition(const std::string& sandbox, Record& record, Transition transition) {
  if (record.transition) due_.erase({record.transition->due, sandbox, record.id});
  due_.emplace(transition.due, sandbox, record.id);
  record.transition = std::move(transition);
}

void World::advance(Millis now) {
  while (!due_.empty() && std::get<Millis>(*due_.begin()) <= now) {
    const auto [due, sandbox, id] = *due_.begin();
    due_.erase(due_.begin());
    finish_transition(sandbox, id, due);
  }
}

void World::finish_transition(const std::string& sandbox, const std::string& id, Millis due) {
  if (Record* run = find(sandbox, kRuns, id); run != nullptr && run->transition) {
    run->transition.reset();
    finish_run(*this, *run, due);
    return;
  }
  Record* flow = find(sandbox, kFlows, id);
  // Somebody may have erased it, whatever it was about to become.
  if (flow == nullptr || !flow->transition || flow->transition->due != due) return;
  const Transition transition = *flow->transition;
  flow->transition.reset();
  if (transition.state.empty()) {
    collection(sandbox, kFlows).erase(id);
    return;
  }
  touch(*flow, due, flow->body["updatedBy"]);
  flow->body["state"] = transition.state;
  flow->body["lastOperation"] = {
      {"started", 0}, {"updated", 0}, {"operation", transition.operation}};
  // Where there is an account, the inlet is the account's.
  if (flow->own.contains("inletUrl")) flow->body["options"]["inletUrl"] = flow->own["inletUrl"];
}

}  // namespace sluice::emulator
