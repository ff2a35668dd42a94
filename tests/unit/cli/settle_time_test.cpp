// How long lost calls are looked for: what the environment may say of it, and when that is read.

#include "cli/durations.hpp"
#include "unit/cli/desk.hpp"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("durations: a time has a unit or is in seconds") {
  CHECK(cli::seconds_from("0") == 0.0);
  CHECK(cli::seconds_from("45s") == 45.0);
  CHECK(cli::seconds_from("1.5") == 1.5);
  CHECK(cli::seconds_from("2m") == 120.0);
  CHECK(cli::seconds_from("500ms") == 0.5);
  for (const char* bad : {"", "s", "-1", "45x", "45 s", "nan", "inf", "1e9", "1h"})
    CHECK_MESSAGE(!cli::seconds_from(bad), bad);
}

TEST_CASE("settle time: a wrong SLUICE_SETTLE ends a command before it has done anything") {
  const std::vector<std::vector<std::string>> obeying = {
      {"plan", "--local"},
      {"apply", "--local", "--yes"},
      {"destroy", "--local", "--yes"},
      {"drift", "--local"},
      {"status", "--local"},
      {"runs", "--local"},
      {"adopt", "--local", "--all", "--yes"},
      {"import", "--local", "pipelines.events.flow", "x"},
      {"state", "recover", "--local"}};
  for (const std::vector<std::string>& command : obeying) {
    Desk desk;
    desk.environment = {{"SLUICE_SETTLE", "45 s"}};
    const Said said = desk.run(command);
    INFO(command[0], ": ", said.err);
    CHECK(said.code == 64);
    CHECK(has(said.err, "SLUICE_SETTLE is not a time such as 0s, 90s or 2m: 45 s"));
    CHECK(said.out.empty());
    CHECK(desk.files.operations() == 0);
  }
  Desk desk;
  desk.environment = {{"SLUICE_SETTLE", "45 s"}};
  CHECK(desk.run({"apply", "--local", "--yes", "--settle", "1s"}).code == 0);
  CHECK(desk.run({"state", "list", "--local"}).code == 0);
}

TEST_CASE("settle time: SLUICE_SETTLE takes what --settle takes") {
  for (const char* time : {"45s", "45", "1m", "500ms", "0.2"}) {
    Desk desk;
    desk.environment = {{"SLUICE_SETTLE", time}};
    const Said said = desk.run({"apply", "--local", "--yes"});
    INFO(time, ": ", said.err);
    CHECK(said.code == 0);
  }
}
