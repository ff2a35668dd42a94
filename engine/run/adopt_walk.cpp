// From a flow to what it is made of.

#include "run/adopt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

namespace sluice::run {

namespace {

using Users = std::map<std::string, std::vector<std::string>>;

struct Walking {
  Remote& remote;
  const Owners& owners;
  const Users& users;
  std::optional<Trouble> trouble;
};

/// Where the walk from one flow came to.
struct Path {
  std::string id;
  FoundFlow found;
  std::optional<LeftOut> end;  ///< Where it did not come through.
};

void stop(Path& path, std::string why, bool is_managed = false) {
  path.end =
      LeftOut{path.id, path.end ? path.end->name : std::string(), std::move(why), is_managed};
  const auto name = path.found.flow.fields.find("name");
  if (name != path.found.flow.fields.end() && name->second.is_string()) {
    path.end->name = name->second.get<std::string>();
  }
}

std::string text_in(const Observed& object, const std::string& field) {
  const auto found = object.fields.find(field);
  return found != object.fields.end() && found->second.is_string()
             ? found->second.get<std::string>()
             : std::string();
}

/// "it has 2 source connections"; empty when there is one.
std::string count_problem(const Observed& flow, const char* list, const std::string& noun) {
  const std::size_t count = flow.attributes.value(list, Json::array()).size();
  if (count == 1) return {};
  return fmt::format("it has {} {}s, and a pipeline has one",
                     count == 0 ? "no" : std::to_string(count), noun);
}

/// Why a flow cannot be a pipeline, as far as the flow itself tells.
std::string flow_problem(const Observed& flow) {
  for (std::string problem : {count_problem(flow, "source_ids", "source connection"),
                              count_problem(flow, "target_ids", "target connection")}) {
    if (!problem.empty()) return problem;
  }
  const std::string state = flow.attributes.value("state", std::string());
  if (state == "draft") return "it is a draft; publish it first";
  if (!flow.fields.contains("state")) {
    return fmt::format("it is on its way to another state ({}); try again in a minute",
                       state.empty() ? "none told" : state);
  }
  if (text_in(flow, "mapping.id").empty()) {
    return "it has no transformation named Mapping, and a pipeline has a mapping";
  }
  if (flow.attributes.contains("has_schedule")) {
    return "it runs by a schedule, which a spec does not describe";
  }
  return {};
}

/// Why nothing that the flow is made of may be managed along with it.
std::string sharing_problem(const Walking& all, const Path& path, const std::string& id,
                            const std::string& noun) {
  const auto owner = all.owners.find(id);
  if (owner != all.owners.end()) {
    return fmt::format("its {} {} is {} already", noun, id, owner->second);
  }
  const auto users = all.users.find(id);
  if (users == all.users.end()) return {};
  std::vector<std::string> others = users->second;
  std::erase(others, path.id);
  if (others.empty()) return {};
  return fmt::format(
      "its {} {} is used by {} {}, too, and two pipelines cannot manage one object: give each flow "
      "a {} of its own",
      noun, id, others.size() == 1 ? "flow" : "the flows", fmt::join(others, ", "), noun);
}

/// Reads one object on the way; false when the walk ends here.
http::Task<bool> step_to(Walking& all, Path& path, std::string kind, Observed& into) {
  const kinds::Kind& what = all.remote.kind(kind);
  const bool is_mapping = what.guard == kinds::Guard::version;
  const std::string id =
      text_in(path.found.flow, is_mapping ? std::string("mapping.id") : what.rules.part);
  std::string problem = sharing_problem(all, path, id, what.noun);
  if (!problem.empty()) {
    stop(path, std::move(problem));
    co_return false;
  }
  const auto version = path.found.flow.fields.find("mapping.version");
  const bool versioned = is_mapping && version != path.found.flow.fields.end();
  const std::int64_t number = versioned ? version->second.get<std::int64_t>() : 0;
  ReadResult result = Gone{};
  if (is_mapping) {
    result = co_await all.remote.read_version(kind, id, number);
  } else {
    result = co_await all.remote.read(kind, id, 0);
  }
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
    co_return false;
  }
  if (std::holds_alternative<Gone>(result)) {
    stop(path, fmt::format("its {} {}{} is gone, or hidden by a label", what.noun, id,
                           is_mapping ? fmt::format(" of version {}", number) : ""));
    co_return false;
  }
  into = std::move(std::get<Observed>(result));
  co_return true;
}

/// The flow goes on with the version that it was given; a plan brings it to the newest.
http::Task<http::Done> look_for_newer(Walking& all, Path& path) {
  const std::int64_t runs = version_of(path.found.mapping.facts);
  const std::string id = path.found.mapping.id;
  ReadResult newest = co_await all.remote.read_newest("mappingSet", id, runs);
  const auto* object = std::get_if<Observed>(&newest);
  if (object == nullptr || version_of(object->facts) <= runs) co_return http::Done{};
  path.found.notes.push_back(fmt::format(
      "The flow runs version {} of its mapping set, and there is version {}. The spec says what "
      "version {} does; the next plan will make that the newest.",
      runs, version_of(object->facts), runs));
  co_return http::Done{};
}

void note_source(Path& path) {
  const Json& attributes = path.found.source.attributes;
  const auto account = path.found.source.fields.find("account");
  if (account != path.found.source.fields.end() && account->second.is_string()) {
    path.found.notes.push_back(
        fmt::format("The source's account {} stays as it is: the spec names it by its id.",
                    account->second.get<std::string>()));
  }
  if (attributes.contains("has_params")) {
    path.found.notes.emplace_back(
        "The source has params, which a spec does not describe: a replacement of the source would "
        "be made without them.");
  }
}

http::Task<http::Done> walk_one(Walking& all, Path& path) {
  const auto owner = all.owners.find(path.id);
  if (owner != all.owners.end()) {
    stop(path, "it is " + owner->second + " already", true);
    co_return http::Done{};
  }
  // Not settled: a flow of another make may never be what a pipeline's flow is once it is ready.
  ReadResult result = co_await all.remote.read("flow", path.id, 0);
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
    co_return http::Done{};
  }
  if (std::holds_alternative<Gone>(result)) {
    stop(path, "there is no such flow in this sandbox");
    co_return http::Done{};
  }
  path.found.flow = std::move(std::get<Observed>(result));
  std::string problem = flow_problem(path.found.flow);
  if (!problem.empty()) {
    stop(path, std::move(problem));
    co_return http::Done{};
  }
  const bool has_source = co_await step_to(all, path, "sourceConnection", path.found.source);
  if (!has_source) co_return http::Done{};
  const bool has_target = co_await step_to(all, path, "targetConnection", path.found.target);
  if (!has_target) co_return http::Done{};
  const bool has_mapping = co_await step_to(all, path, "mappingSet", path.found.mapping);
  if (!has_mapping) co_return http::Done{};
  note_source(path);
  co_await look_for_newer(all, path);
  co_return http::Done{};
}

}  // namespace

const Observed& FoundFlow::part(const std::string& name) const {
  if (name == "source") return source;
  if (name == "target") return target;
  assert(name == "mapping" || name == "flow");
  return name == "mapping" ? mapping : flow;
}

Walk walk_flows(Remote& remote, const std::vector<std::string>& ids,
                const std::vector<Observed>& flows, const Owners& owners) {
  const Users users = users_of(flows);
  Walking all{remote, owners, users, std::nullopt};
  std::vector<Path> paths(ids.size());
  for (std::size_t at = 0; at < ids.size(); ++at) {
    Path& path = paths[at];
    path.id = ids[at];
    // What the list says of its name is enough for a flow that is not read.
    const auto listed = std::find_if(flows.begin(), flows.end(),
                                     [&path](const Observed& flow) { return flow.id == path.id; });
    if (listed != flows.end()) path.found.flow.fields = listed->fields;
    remote.loop().spawn(walk_one(all, path));
  }
  remote.loop().run();
  give_up_if(all.trouble);
  Walk walk;
  for (Path& path : paths) {
    if (path.end) {
      walk.left_out.push_back(std::move(*path.end));
    } else {
      walk.found.push_back(std::move(path.found));
    }
  }
  return walk;
}

}  // namespace sluice::run
