// Answers that never come to an end.

#include "run/remote.hpp"

#include "support/engine.hpp"
#include "support/memory_files.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::string_view kSets = "/data/foundation/conversion/mappingSets";
constexpr std::string_view kFlows = "/data/foundation/flowservice/flows?";

/// A platform with one mapping set, of which there is always another version, in a list that has
/// always another page; and with a list of flows whose third page is its second.
class Endless final : public http::Transport {
 public:
  Endless(Clock& clock, http::Transport& behind) : clock_(clock), behind_(behind) {}

  void start(http::Request request, Done done) override {
    if (!request.target.starts_with(kSets) && !request.target.starts_with(kFlows))
      return behind_.start(std::move(request), done);
    ++asked;
    waiting_.emplace_back(answer(request.target), std::move(done));
  }
  void poll(Millis wait) override {
    if (waiting_.empty()) return behind_.poll(wait);
    clock_.wait(Millis(1));
    auto ended = std::exchange(waiting_, {});
    for (auto& [response, done] : ended)
      done(std::move(response));
  }

  int asked = 0;
  std::size_t blanks = 0;  ///< So many stand in each page.

 private:
  http::Response answer(const std::string& target) const {
    if (target.starts_with(kFlows)) {
      const std::string token = target.ends_with("=one") ? "two" : "one";
      const Json links = {{"next", {{"href", "/flows?continuationToken=" + token}}}};
      return {200, {}, Json{{"items", Json::array()}, {"_links", links}}.dump()};
    }
    Json set = {{"id", "5e1"}, {"name", "n"}, {"version", 0}, {"mappings", Json::array()}};
    if (!target.starts_with(std::string(kSets) + "/")) {
      const Json links = {{"next", {{"href", "?start=1"}}}};
      return {200, {}, Json{{"data", {set}}, {"_links", links}}.dump() + std::string(blanks, ' ')};
    }
    const std::string key = "?version=";
    const std::size_t at = target.find(key);
    if (at != std::string::npos) set["version"] = std::stoll(target.substr(at + key.size()));
    return {200, {}, set.dump()};
  }

  Clock& clock_;
  http::Transport& behind_;
  std::vector<std::pair<http::Response, Done>> waiting_;
};

struct EndlessSite {
  SimClock clock;
  SeededRandom random{5};
  emulator::Platform platform{clock, random};
  MemoryFiles files;
  emulator::EmulatorTransport transport{platform, clock};
  Endless endless{clock, transport};
  Engine engine{endless, clock, random, files};

  /// What is said of a task that ends in trouble.
  template <class Result>
  std::string trouble_of(http::Task<Result> task) {
    std::string what = "no trouble";
    const auto keep = [](http::Task<Result> asked, std::string& into) -> http::Task<http::Done> {
      const Result result = co_await asked;
      if (const auto* trouble = std::get_if<run::Trouble>(&result)) into = trouble->what;
      co_return http::Done{};
    };
    engine.remote().loop().spawn(keep(std::move(task), what));
    engine.remote().loop().run();
    return what;
  }
};

}  // namespace

TEST_CASE("remote: a list that does not end is given up") {
  EndlessSite site;
  CHECK(site.trouble_of(site.engine.remote().list("mappingSet")) ==
        "GET /data/foundation/conversion/mappingSets: the list of mapping sets does not end within "
        "10000 pages, 1000000 objects or 1024 MiB");
  CHECK(site.endless.asked == 10'000);
}

TEST_CASE("remote: a list that leads back is given up at once") {
  EndlessSite site;
  CHECK(site.trouble_of(site.engine.remote().list("flow")) ==
        "GET /data/foundation/flowservice/flows: the list of flows does not end: page 3 leads back "
        "to one before");
  CHECK(site.endless.asked == 3);
}

TEST_CASE("remote: a list of many bytes is given up though its pages are few") {
  EndlessSite site;
  site.endless.blanks = 100'000;
  const kinds::Registry registry;
  run::PagedList listing(registry.at("mappingSet").list({}));
  // As if these had been read already: so many would take a minute.
  listing.bytes = (std::size_t{1} << 30U) - 250'000;
  const auto next = [&] {
    return site.trouble_of(site.engine.remote().page("mappingSet", listing));
  };
  CHECK(next() == "no trouble");
  CHECK(next() == "no trouble");
  CHECK(next().ends_with("or 1024 MiB"));
}

TEST_CASE("remote: versions that do not end are given up") {
  EndlessSite site;
  CHECK(site.trouble_of(site.engine.remote().read_newest("mappingSet", "5e1", 0)) ==
        "The versions of 5e1 do not end");
  CHECK(site.endless.asked == 10'001);
}
