#include "processes/aftermath.hpp"

#include "cli/system.hpp"
#include "store/posix_files.hpp"
#include "store/state_store.hpp"

namespace sluice::test {

namespace {

Json clashes(const Many& many) {
  const Finished plan = many.site.run({"plan", "--json", "--state", "state/of-nobody.json"});
  const Json document = Json::parse(plan.out, nullptr, false);
  if (document.is_discarded()) throw std::runtime_error("no plan: " + plan.err);
  return document.value("clashes", Json::array());
}

std::size_t count_ids(const Json& found) {
  std::size_t count = 0;
  for (const Json& clash : found)
    count += clash.at("ids").size();
  return count;
}

}  // namespace

State recorded(const Many& many) {
  store::PosixFiles files;
  cli::SystemClock clock;
  return store::StateStore(files, clock, many.path(), "test").read();
}

std::size_t objects(const Many& many) {
  return count_ids(clashes(many));
}

std::string unrecorded(const Many& many) {
  const State state = recorded(many);
  const std::size_t made = objects(many);
  const std::size_t known = state.records.size();
  if (known <= made && made <= known + state.pending.size()) return {};
  return std::to_string(made) + " objects were made, and " + std::to_string(known) +
         " are recorded beside " + std::to_string(state.pending.size()) + " open calls";
}

std::string stuck(const Many& many) {
  const Finished applied = many.site.run({"apply", "--yes", "--state", many.state});
  if (applied.code != 0) return "apply exits with " + std::to_string(applied.code) + applied.err;
  const Finished plan = many.site.run({"plan", "--detailed-exitcode", "--state", many.state});
  if (plan.code != 0) return "plan exits with " + std::to_string(plan.code) + plan.out + plan.err;
  const Json found = clashes(many);
  const std::size_t wanted = parts(kPipelines);
  if (found.size() == wanted && count_ids(found) == wanted) return {};
  return std::to_string(count_ids(found)) + " objects of " + std::to_string(found.size()) +
         " names, and there should be " + std::to_string(wanted);
}

}  // namespace sluice::test
