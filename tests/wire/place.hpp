#pragma once

// Where a case is played: a folder, a sandbox of a real platform in a process of its own, the proxy
// between the two, and the test's own look at the platform, which does not go through the proxy.

#include "core/json.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "wire/proxy.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sluice::wire {

/// `sluice emulator` on a port of its own.
class Emulator {
 public:
  Emulator();

  int port() const { return port_; }

 private:
  test::Process process_;
  int port_ = 0;
};

/// The sandboxes that every emulator has.
inline const std::vector<std::string> kSandboxes = {"dev", "prod", "stage"};

/// So many pipelines, for whatever sandbox the environment names.
std::string many_anywhere(std::size_t pipelines);

/// By collection and id. A mapping set is in it at its newest version.
using Objects = std::map<std::string, std::map<std::string, std::string>>;

/// What is not as promised. Empty: all is well.
using Problem = std::string;

class Place {
 public:
  /// Somebody else's pipeline is made at once. `spec` is the text of the file, with so many
  /// pipelines in it.
  Place(int platform_port, const std::string& sandbox, const std::string& spec,
        std::size_t pipelines);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// Takes away whatever the case before left, on the platform and in the folder.
  void renew();

  /// `memory_max` is in bytes; 0 = as much as there is.
  Watched run(const std::vector<std::string>& arguments, Choose choose = undisturbed,
              std::size_t memory_max = 0);

  /// Whether a disturbed `apply` or `destroy` ended as it may: by no signal but the one that it was
  /// sent, and with 0 only when it is done.
  Problem judge_end(const std::string& command, const Watched& watched);

  /// Runs the same command without a disturbance, and looks whether everything is as promised.
  Problem judge(const std::string& command);

  /// Of the spec; without somebody else's.
  Objects ours();
  /// Whether there are two of one collection; for a spec of one pipeline.
  bool has_twice();

  /// For bad twins.
  void spill_secret() const;
  void remove_others_flow();
  std::filesystem::path state_folder() const { return folder_.path() / "state"; }

 private:
  std::string ask(const std::string& method, const std::string& path);
  Objects look();
  Problem compare(const std::string& command);
  Problem find_change_of_others(const Objects& there) const;
  Problem find_secret() const;
  void make_others();

  int platform_port_;
  std::string sandbox_;
  std::size_t pipelines_;
  test::TempDir folder_;
  Proxy proxy_;
  std::unique_ptr<test::RawConnection> platform_;
  test::Process::Variables environment_;
  Objects others_;
  std::vector<std::string> secrets_;
  std::string said_;  ///< By every run of this case.
};

}  // namespace sluice::wire
