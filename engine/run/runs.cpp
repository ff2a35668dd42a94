#include "run/runs.hpp"

#include <algorithm>

namespace sluice::run {

namespace {

/// What all the tasks of one reading write to.
struct RunReading {
  Remote& remote;
  int limit;
  RunsByFlow runs;
  std::optional<Trouble> trouble;
};

/// A filter that the platform takes no notice of must not give a flow the runs of another, and a
/// run that begins between two pages moves the last of the first into the second.
bool belongs(const kinds::FlowRun& run, const std::string& flow_id,
             const std::vector<kinds::FlowRun>& before) {
  if (!run.flow_id.empty() && run.flow_id != flow_id) return false;
  return run.id.empty() || std::none_of(before.begin(), before.end(),
                                        [&run](const auto& other) { return other.id == run.id; });
}

http::Task<http::Done> read_flow_runs(RunReading& all, std::string flow_id) {
  const auto limit = static_cast<std::size_t>(all.limit);
  std::vector<kinds::FlowRun> runs;
  http::Request request = kinds::runs_request(flow_id, all.limit);
  while (runs.size() < limit) {
    const http::Outcome outcome = co_await all.remote.send(request);
    const auto* response = std::get_if<http::Response>(&outcome);
    std::optional<kinds::RunPage> page;
    if (response != nullptr && response->status == 200)
      page = kinds::parse_runs(*response, request);
    if (!page) {
      if (!all.trouble) all.trouble = all.remote.trouble(request, outcome);
      co_return http::Done{};
    }
    const std::size_t before = runs.size();
    for (kinds::FlowRun& run : page->runs) {
      if (runs.size() < limit && belongs(run, flow_id, runs)) runs.push_back(std::move(run));
    }
    // Behind a page without any run of the flow's nothing says that the list ever ends.
    if (page->next.empty() || runs.size() == before) break;
    request.target = page->next;
  }
  // The platform is asked for this order, and might not keep it.
  std::stable_sort(runs.begin(), runs.end(), [](const auto& one, const auto& other) {
    return one.began_at().value_or(0) > other.began_at().value_or(0);
  });
  all.runs[flow_id] = std::move(runs);
  co_return http::Done{};
}

}  // namespace

RunsByFlow read_runs(Remote& remote, const std::set<std::string>& flow_ids, int limit) {
  RunReading all{remote, limit, {}, std::nullopt};
  for (const std::string& id : flow_ids)
    remote.loop().spawn(read_flow_runs(all, id));
  remote.loop().run();
  give_up_if(all.trouble);
  return std::move(all.runs);
}

}  // namespace sluice::run
