#include "wire/team.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace sluice::wire {

namespace {

void in_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace

void Figures::add(const Figures& other) {
  cases += other.cases;
  bad.insert(bad.end(), other.bad.begin(), other.bad.end());
}

Team::Team(const std::string& spec, std::size_t pipelines, std::size_t places) {
  places_.resize(places);
  while (emulators_.size() * kSandboxes.size() < places)
    emulators_.push_back(std::make_unique<Emulator>());
  std::vector<std::string> problems(places);
  in_threads(places, [&](std::size_t i) {
    const int port = emulators_[i / kSandboxes.size()]->port();
    const std::string& sandbox = kSandboxes[i % kSandboxes.size()];
    try {
      places_[i] = std::make_unique<Place>(port, sandbox, spec, pipelines);
    } catch (const std::exception& error) {
      problems[i] = error.what();
    }
  });
  for (const std::string& problem : problems) {
    if (!problem.empty()) throw std::runtime_error(problem);
  }
}

Figures Team::play_all(std::size_t count, const std::function<Problem(Place&, std::size_t)>& play,
                       const std::function<std::string(std::size_t)>& name) {
  Figures figures;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  in_threads(std::min(count, places_.size()), [&](std::size_t place) {
    for (std::size_t i = next++; i < count; i = next++) {
      Problem problem;
      try {
        problem = play(*places_[place], i);
      } catch (const std::exception& error) {
        problem = std::string("the test itself fails: ") + error.what();
      }
      const std::lock_guard guard(mutex);
      ++figures.cases;
      if (!problem.empty()) figures.bad.push_back(name(i) + ": " + problem);
    }
  });
  return figures;
}

}  // namespace sluice::wire
