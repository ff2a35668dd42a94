// Which platform a command talks to, and what is said of one that it must not talk to.

#include "unit/cli/desk.hpp"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("place: no message shows the password in an address") {
  for (const char* url :
       {"https://ana:hunter22@host.example", "https://ana:hunter@22/hunter22@host.example",
        "ana:hunter22@host.example", "https://hunter22@host.example/path"}) {
    for (const char* name : {"AEP_ENDPOINT", "AEP_IMS"}) {
      Desk desk;
      desk.environment = {{name, url}};
      const Said said = desk.run({"plan"});
      INFO(name, " ", url, ": ", said.err);
      CHECK(said.code == 64);
      CHECK(has(said.err, "is not a URL"));
      CHECK(has(said.err, "***@host.example"));
      CHECK(!has(said.err, "hunter"));
    }
    Desk desk;
    for (const char* flag : {"--endpoint", "--ims"}) {
      const Said said = desk.run({"apply", "--yes", flag, url});
      CHECK(said.code == 64);
      CHECK(!has(said.out + said.err, "hunter"));
    }
  }
}

TEST_CASE("place: what a lock tells of a command holds no password of an address") {
  Desk desk;
  CHECK(desk.run({"apply", "--yes", "--ims=https://ana:hunter22@host.example"}).code == 64);
  for (const auto& [path, text] : desk.files.content()) {
    INFO(path);
    CHECK(!has(text, "hunter22"));
  }
}
