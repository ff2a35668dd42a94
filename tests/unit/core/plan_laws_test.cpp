// What holds for every plan, tried on worlds that a seed takes apart.

#include "support/builders.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::uint64_t kSeeds = 100;

std::size_t pick(Random& random, std::size_t count) {
  return random.next() % count;
}

void shuffle(Random& random, std::vector<Resource>& list) {
  for (std::size_t i = list.size(); i > 1; --i)
    std::swap(list[i - 1], list[pick(random, i)]);
}

/// Pipelines whose descriptions may name the flow or the source of an earlier one.
std::vector<Resource> random_spec(Random& random) {
  std::vector<Resource> spec;
  const std::size_t count = 1 + pick(random, 4);
  for (std::size_t i = 0; i < count; ++i) {
    for (Resource& resource : pipeline("p" + std::to_string(i))) {
      if (i > 0 && pick(random, 3) == 0) {
        const std::string other = "pipelines.p" + std::to_string(pick(random, i));
        resource.fields["description"] =
            refer(other + (pick(random, 2) == 0 ? ".flow.id" : ".source.id"));
        if (resource.kind == "mappingSet") resource.fields.erase("description");
      }
      spec.push_back(std::move(resource));
    }
  }
  return spec;
}

void change_spec(Random& random, World& world) {
  Resource& resource = world.desired[pick(random, world.desired.size())];
  switch (pick(random, 5)) {
    case 0:
      resource.fields["name"] = "renamed " + std::to_string(random.next() % 10);
      break;
    case 1:
      if (resource.kind == "sourceConnection") resource.fields["format"] = "xml";
      if (resource.kind == "targetConnection") resource.fields["dataset"] = "dataset-2";
      break;
    case 2:
      if (resource.kind == "mappingSet") resource.fields["rows"]["_t.new"] = row("data.new");
      break;
    case 3:
      world.options.replace.insert(resource.address);
      break;
    default:
      break;
  }
}

void change_world(Random& random, World& world) {
  auto at = world.state.records.begin();
  std::advance(at, pick(random, world.state.records.size()));
  const std::string id = at->second.id;
  switch (pick(random, 4)) {
    case 0:
      world.observed.objects.erase(id);
      break;
    case 1:
      if (world.observed.objects.contains(id)) world.observed.objects[id].fields["name"] = "x";
      break;
    case 2:
      at->second.deposed.push_back({id + "-old", at->second.kind, "", "", ""});
      world.observed.looked_up.insert(id + "-old");
      if (pick(random, 2) == 0) world.observed.objects[id + "-old"].id = id + "-old";
      break;
    default:
      break;
  }
}

/// Specs that were applied and then moved on from, in ways that may cross.
World random_world(std::uint64_t seed) {
  SeededRandom random(seed);
  World world = applied(random_spec(random));
  const std::size_t changes = pick(random, 6);
  for (std::size_t i = 0; i < changes; ++i)
    change_spec(random, world);
  for (std::size_t i = 0; i < changes; ++i)
    change_world(random, world);
  if (pick(random, 3) == 0) {
    // The first pipeline is left out, and with it what names it.
    world.drop("p0");
    for (Resource& resource : world.desired) {
      for (const Address& need : resource.needs()) {
        if (need.key == "p0") resource.fields.erase("description");
      }
    }
    std::erase_if(world.options.replace, [](const Address& a) { return a.key == "p0"; });
  }
  return world;
}

/// A platform and a state that do as the plan says, one step after the other.
class Applier {
 public:
  explicit Applier(World& world) : world_(world) {}

  void carry_out(const Plan& plan) {
    for (const Step& step : plan.steps)
      carry_out(step);
    std::erase_if(world_.state.records, [](const auto& entry) {
      return entry.second.id.empty() && entry.second.deposed.empty();
    });
    world_.options.replace.clear();
  }

 private:
  void carry_out(const Step& step) {
    Record& record = world_.state.records[step.address];
    record.address = step.address;
    if (step.action == Action::remove || step.action == Action::forget) {
      world_.observed.objects.erase(step.id);
      std::erase_if(record.deposed, [&step](const Deposed& old) { return old.id == step.id; });
      if (!step.deposed) record.id.clear();
      return;
    }
    if (step.action == Action::replace)
      record.deposed.push_back({step.id, record.kind, "", "", ""});
    const bool is_new = step.action == Action::create || step.action == Action::replace;
    if (is_new) {
      record.id = step.address.text() + "#" + std::to_string(++made_);
      record.facts = Json::object();
      if (step.kind == "mappingSet") record.facts = {{"version", 0}};
      world_.observed.looked_up.insert(record.id);
    } else if (step.action == Action::update && step.kind == "mappingSet") {
      record.facts = {{"version", step.facts.at("version").get<int>() + 1}};
    }
    record.kind = step.kind;
    record.depends_on = step.depends_on;
    record.inputs.clear();
    for (const auto& [name, value] : step.after) {
      const auto known = resolve(value, [this](const Reference& r) { return look_up(r); });
      REQUIRE_MESSAGE(known, step.key, " ", name, ": it is not known when it is needed");
      record.inputs[name] = *known;
    }
    Observed& object = world_.observed.objects[record.id];
    object.id = record.id;
    object.facts = record.facts;
    for (const auto& [name, value] : record.inputs)
      object.fields[name] = value;
  }

  std::optional<Json> look_up(const Reference& reference) const {
    const Record& record = world_.state.records.at(reference.address);
    if (reference.attribute == "id") return Json(record.id);
    if (!record.facts.contains(reference.attribute)) return std::nullopt;
    return record.facts.at(reference.attribute);
  }

  World& world_;
  int made_ = 0;
};

std::string dump(const Plan& plan) {
  return plan_to_json(plan).dump(1);
}

}  // namespace

TEST_CASE("law: each step comes after all that it waits for") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Plan plan = random_world(seed).plan();
    std::set<std::string> done;
    for (const Step& step : plan.steps) {
      for (const std::string& key : step.waits_for)
        CHECK_MESSAGE(done.contains(key), "seed ", seed, ": ", step.key, " before ", key);
      CHECK_MESSAGE(done.insert(step.key).second, "seed ", seed, ": twice ", step.key);
    }
  }
}

TEST_CASE("law: the order of declaration changes nothing") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    World world = random_world(seed);
    const std::string before = dump(world.plan());
    SeededRandom random(seed + 1000);
    shuffle(random, world.desired);
    CHECK_MESSAGE(dump(world.plan()) == before, "seed ", seed);
  }
}

TEST_CASE("law: a plan survives its document") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Plan plan = random_world(seed).plan();
    Diagnostics diagnostics;
    CHECK_MESSAGE(plan_from_text(plan_to_json(plan).dump(), diagnostics) == plan, "seed ", seed);
  }
}

TEST_CASE("law: a plan that was carried out leaves nothing to do") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    World world = random_world(seed);
    const Plan first = world.plan();
    Applier(world).carry_out(first);
    const Plan second = world.plan();
    CHECK_MESSAGE(story(second).empty(), "seed ", seed, ":\n", story(first), "then\n",
                  story(second));
    CHECK_MESSAGE(second.drift.empty(), "seed ", seed);
    CHECK(world.observed.objects.size() == world.desired.size());
  }
}

TEST_CASE("law: a plan that was broken off anywhere is finished by the next") {
  for (std::uint64_t seed = 0; seed < kSeeds / 10; ++seed) {
    const Plan whole = random_world(seed).plan();
    for (std::size_t count = 0; count < whole.steps.size(); ++count) {
      World world = random_world(seed);
      Plan part = world.plan();
      part.steps.resize(count);
      Applier applier(world);
      applier.carry_out(part);
      applier.carry_out(world.plan());
      CHECK_MESSAGE(story(world.plan()).empty(), "seed ", seed, " after ", count);
      CHECK(world.observed.objects.size() == world.desired.size());
    }
  }
}

TEST_CASE("law: after a destroy nothing is left, on the platform or in the state") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    World world = random_world(seed);
    world.options.replace.clear();
    world.options.mode = PlanMode::destroy;
    Applier(world).carry_out(world.plan());
    CHECK_MESSAGE(world.observed.objects.empty(), "seed ", seed);
    CHECK_MESSAGE(world.state.records.empty(), "seed ", seed);
  }
}
