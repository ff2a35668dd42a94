#pragma once

// A folder and a platform for the real program: each in a process of its own, over loopback.

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/read_text.hpp"
#include "support/secret_search.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sluice::test {

/// Searched for in everything that is printed or written.
inline constexpr const char* kSecret = "emulator-secret";

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A folder with the example's spec, a platform on a port, and the credentials for it.
class LoopbackSite {
 public:
  /// `latency_ms` is what the platform takes for each answer.
  explicit LoopbackSite(int latency_ms = 0)
      : emulator_({sluice_binary(), "emulator", "--port", "0", "--quiet", "--latency",
                   std::to_string(latency_ms)},
                  {}, "/"),
        example_(read_text(source_dir() + "/specs/customerio.yaml")) {
    const std::string line = emulator_.read_until("AEP_ENDPOINT=");
    const std::size_t at = line.find("http://127.0.0.1:");
    REQUIRE(at != std::string::npos);
    const std::string url = line.substr(at, line.find(' ', at) - at);
    environment = {{"AEP_ENDPOINT", url},
                   {"AEP_IMS", url},
                   {"AEP_CLIENT_ID", "emulator"},
                   {"AEP_CLIENT_SECRET", kSecret},
                   {"AEP_ORG_ID", "EMULATOR@AdobeOrg"},
                   {"SLUICE_SETTLE", "0.2"}};
    std::filesystem::create_directories(folder.path() / "specs");
    write_spec(example_);
  }
  ~LoopbackSite() {
    emulator_.send(SIGTERM);
    CHECK(emulator_.finish().code == 0);
  }
  LoopbackSite(const LoopbackSite&) = delete;
  LoopbackSite& operator=(const LoopbackSite&) = delete;

  const std::string& example() const { return example_; }
  const Process& emulator() const { return emulator_; }

  void write_spec(const std::string& text) const {
    std::ofstream(folder.path() / "specs" / "customerio.yaml") << text;
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), sluice_binary());
    return arguments;
  }

  Finished run(const std::vector<std::string>& arguments) const {
    Process process(command(arguments), environment, folder.path());
    Finished finished = process.finish();
    CHECK_MESSAGE(SecretSearch(kSecret).found_in(finished.out + finished.err) == "",
                  "a secret was printed");
    return finished;
  }

  Process::Variables environment;
  TempDir folder;

 private:
  Process emulator_;
  std::string example_;
};

}  // namespace sluice::test
