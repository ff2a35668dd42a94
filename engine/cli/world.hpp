#pragma once

// What a command may touch of the world outside: time, chance, files, the environment, the three
// streams. `main` makes the real one; nothing else in the program reaches past it.

#include "core/diagnostics.hpp"
#include "core/seams.hpp"
#include "http/curl_transport.hpp"
#include "http/redactor.hpp"
#include "report/text.hpp"
#include "store/files.hpp"

#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace sluice::cli {

/// The environment as it was at the start.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  /// Empty when the variable is not set: an empty one counts as not set.
  std::string get(const std::string& name) const;
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

struct World {
  Clock& clock;
  Random& random;
  store::Files& files;
  std::istream& in;
  std::ostream& out;  ///< Results.
  std::ostream& err;  ///< Progress and messages.
  Environment environment = {};
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 80;  ///< Of the terminal.
  /// What calls go out on.
  std::function<std::unique_ptr<http::Transport>(const http::CurlOptions&)> network = {};
  http::Redactor redactor = {};
  // For the lock's holder and the state's last writer.
  std::string user = {};
  std::string host = {};
  std::int64_t pid = 0;
  std::string command_line = {};
  /// What a command did, in whole sentences, once that is recorded: for when its result cannot be
  /// written. Empty for one that changes nothing.
  std::string outcome = {};
  /// What a command leaves to the end of the process, which takes its memory back at once: piece by
  /// piece, a large spec or state takes a tenth of the run to free.
  std::vector<std::shared_ptr<const void>> left = {};

  template <class Thing>
  void leave(Thing thing) {
    left.push_back(std::make_shared<const Thing>(std::move(thing)));
  }

  /// Where the environment is that of a GitHub job, tells its log of each secret that is learned
  /// from now on, on standard error, so that nothing else in the job shows it: a token that was
  /// fetched is not among the secrets that GitHub knows. Call it once.
  void mask_in_job_log();

  /// Writes a result, and a message: both pass the redactor.
  void print(std::string_view text);
  void say(std::string_view text);
  void say(const Diagnostic& diagnostic, const report::Style& style);
};

}  // namespace sluice::cli
