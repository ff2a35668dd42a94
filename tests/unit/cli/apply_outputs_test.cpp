// The outputs that an apply shows once it is done.

#include "cli/system.hpp"
#include "store/state_store.hpp"
#include "unit/cli/desk.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// What is passed on to the reader already, as of a pipe that the program flushes.
class FlushedText final : public std::stringbuf {
 public:
  std::string flushed;

 private:
  int sync() override {
    flushed = str();
    return 0;
  }
};

struct Scene : NetworkDesk {
  Scene() {
    answer = [this](const http::Request& request) -> std::optional<http::Outcome> {
      if (request.method != "GET" || !has(request.target, "/flows/") || !is_saved()) {
        return std::nullopt;
      }
      store::StateStore store(files, clock, kStatePath, "test");
      was_locked = was_locked || store.holder().has_value();
      flushed = text.flushed;
      ++reads;
      if (signal != 0) std::raise(signal);
      return http::Response{status, {}, "{}"};
    };
  }

  bool is_saved() {
    const std::string* journal = files.bytes(std::string(kStatePath) + ".journal");
    return files.bytes(kStatePath) != nullptr && journal != nullptr && journal->empty();
  }

  Said apply(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"apply", "--yes"});
    return on_state(flags, &out);
  }

  int status = 403;
  int reads = 0;
  int signal = 0;  ///< What comes with each read of an output.
  bool was_locked = false;
  std::string flushed;  ///< By the time of the last read.
  FlushedText text;
  std::ostream out{&text};
};

}  // namespace

TEST_CASE("apply: outputs that cannot be read are told of, and the apply is what it was") {
  for (const int status : {403, 503}) {
    Scene scene;
    scene.status = status;
    const Said said = scene.apply();
    INFO(status, scene.text.str(), said.err);
    CHECK(said.code == 0);
    CHECK(scene.reads > 0);
    CHECK(has(said.err, "The outputs could not be read, `sluice output` shows them: "));
    CHECK(has(scene.text.str(), "Apply complete: 4 created"));
    CHECK(!has(scene.text.str(), "Outputs:"));
  }
}

TEST_CASE("apply: by the time the outputs are read all is said, and the next run may begin") {
  Scene scene;
  scene.apply();
  CHECK(scene.reads > 0);
  CHECK(!scene.was_locked);
  CHECK(has(scene.flushed, "Apply complete: 4 created"));
}

TEST_CASE("apply: the first Ctrl-C ends the reading of outputs") {
  const pid_t child = fork();
  if (child == 0) {
    cli::catch_signals();
    Scene scene;
    scene.signal = SIGINT;
    _exit(scene.apply().code);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

TEST_CASE("apply: as JSON it reads no outputs, and ends in the same code") {
  Scene scene;
  const Said said = scene.apply({"--json"});
  CHECK(said.code == 0);
  CHECK(scene.reads == 0);
  CHECK(has(scene.text.str(), "\"exit_code\":0"));
}
