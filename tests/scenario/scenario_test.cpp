// Each folder here is one scenario: `transcript.txt` holds commands and all that they print. A
// scenario runs the whole program, with real files in a folder of its own that begins with the
// example's spec in specs/, under a simulated clock against the embedded platform.
//
// Lines that begin with "$ " are commands. Besides `sluice ...` there are:
//   sed -i 's/OLD/NEW/' FILE                  as in a shell, for plain words
//   cp FILE TO, rm [-r] FILE, cat FILE        FILE of `cp` lies beside the transcript
//   someone sets COLLECTION FIELD VALUE       another person's edit of the oldest object there
//   someone deletes COLLECTION                likewise
//   someone adds a dataset                    63ec807d3f5ce91bd2d06c66, with the tutorial's schema
//   someone sends EVENT                       posts it to the webhook URL of the oldest flow
//   sleep SECONDS                             of the simulated clock
//   calls                                     the calls since the last time, reads counted
//   answer TEXT                               is typed at the next question
// A word `@COLLECTION` stands for the id of the oldest object there.
// "[N]" under a command is its exit code when it is not 0.

#include "cli/program.hpp"
#include "emulator/platform.hpp"
#include "store/posix_files.hpp"
#include "support/golden.hpp"
#include "support/places.hpp"
#include "support/read_text.hpp"
#include "support/sim_clock.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace sluice;
using sluice::test::read_text;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    result.push_back(line);
  return result;
}

/// Words as a shell splits them, quotes honoured.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : line) {
    if (c == quote || (quote == 0 && (c == '"' || c == '\''))) {
      quote = quote == 0 ? c : '\0';
      any = true;
    } else if (c == ' ' && quote == 0) {
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

class Scenario {
 public:
  explicit Scenario(fs::path folder) : folder_(std::move(folder)), before_(fs::current_path()) {
    fs::create_directories(work_.path() / "specs");
    fs::current_path(work_.path());
    fs::copy_file(test::source_dir() + "/specs/customerio.yaml", "specs/customerio.yaml");
  }
  ~Scenario() { fs::current_path(before_); }
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  std::string run(const std::string& command) {
    const std::vector<std::string> words = words_of(command);
    const std::string& verb = words.at(0);
    if (verb == "sluice") return run_sluice({words.begin() + 1, words.end()});
    if (verb == "cat") return read_text(words.at(1));
    if (verb == "calls") return take_calls();
    if (verb == "answer") {
      answer_ = words.at(1) + "\n";
    } else if (verb == "sed") {
      substitute(words.at(2), words.at(3));
    } else if (verb == "cp") {
      fs::copy_file(folder_ / words.at(1), words.at(2), fs::copy_options::overwrite_existing);
    } else if (verb == "sleep") {
      clock_.wait(std::chrono::seconds(std::stoi(words.at(1))));
    } else if (verb == "rm") {
      REQUIRE(fs::remove_all(words.back()) > 0);
    } else if (verb == "someone") {
      someone(words);
    } else {
      return "unknown command\n";
    }
    return {};
  }

 private:
  /// The first OLD in each line.
  static void substitute(const std::string& script, const std::string& file) {
    const std::size_t middle = script.find('/', 2);
    const std::string from = script.substr(2, middle - 2);
    const std::string to = script.substr(middle + 1, script.size() - middle - 2);
    std::string text;
    bool found = false;
    for (std::string line : lines_of(read_text(file))) {
      const std::size_t at = line.find(from);
      if (at != std::string::npos) line.replace(at, from.size(), to);
      found = found || at != std::string::npos;
      text += line + "\n";
    }
    REQUIRE(found);
    std::ofstream(file) << text;
  }

  std::string run_sluice(std::vector<std::string> arguments) {
    static const std::set<std::string> kWithCalls = {
        "plan", "apply", "destroy", "output", "runs", "status", "adopt", "import", "discover"};
    for (std::string& word : arguments) {
      if (word.starts_with('@')) word = oldest(word.substr(1));
    }
    if (!arguments.empty() && kWithCalls.contains(arguments[0])) {
      arguments.insert(arguments.end(), {"--trace", "calls.jsonl"});
    }
    std::istringstream in(answer_);
    std::ostringstream out;
    cli::World world{clock_, random_, files_, in, out, out};
    world.in_is_terminal = !answer_.empty();
    world.user = "ana";
    world.host = "build-7";
    world.pid = 4711;
    const auto code = static_cast<int>(cli::run_program(world, arguments));
    answer_.clear();
    return out.str() + (code == 0 ? "" : "[" + std::to_string(code) + "]\n");
  }

  std::string take_calls() {
    std::string text;
    int reads = 0;
    std::map<int, std::string> open;
    for (const std::string& line : lines_of(read_text("calls.jsonl"))) {
      const Json entry = Json::parse(line);
      const int number = entry.at("exchange");
      if (entry.contains("method")) {
        const std::string url = entry.at("url");
        open[number] = entry.at("method").get<std::string>() + " " + url.substr(url.find("/data/"));
      } else if (open[number].starts_with("GET")) {
        ++reads;
      } else {
        text += open[number] + " " + entry.value("status", Json("no answer")).dump() + "\n";
      }
    }
    fs::remove("calls.jsonl");
    return text + "and " + std::to_string(reads) + " reads\n";
  }

  std::string oldest(const std::string& collection) {
    emulator::Platform platform(clock_, random_);
    REQUIRE(platform.restore(Json::parse(read_text(find_data()))));
    const std::vector<std::string> ids = platform.ids("dev", collection);
    return ids.empty() ? "gone" : ids.front();
  }

  void someone(const std::vector<std::string>& words) {
    const fs::path data = find_data();
    Json document = Json::parse(read_text(data));
    if (words.at(1) == "adds") {
      Json& all = document.at("sandboxes").at("dev").at("collections").at("dataSets");
      Json another = all.at(0);
      another["id"] = "63ec807d3f5ce91bd2d06c66";
      another["serial"] = document["counter"] = document.at("counter").get<int>() + 1;
      all.push_back(another);
    }
    emulator::Platform platform(clock_, random_);
    REQUIRE(platform.restore(document));
    const std::string& collection = words.at(2);
    if (words.at(1) == "sends") {
      send_event(platform, words.at(2));
    } else if (words.at(1) == "deletes") {
      REQUIRE(platform.erase(collection, platform.ids("dev", collection).at(0)));
    } else if (words.at(1) == "sets") {
      const std::string id = platform.ids("dev", collection).at(0);
      REQUIRE(platform.edit(collection, id, words.at(3), words.at(4)));
    }
    std::ofstream(data) << platform.save().dump();
  }

  static void send_event(emulator::Platform& platform, const std::string& event) {
    const std::string flow = platform.ids("dev", "flows").at(0);
    const std::string inlet = platform.object("flows", flow).at("options").at("inletUrl");
    const http::Outcome outcome =
        platform.handle({"POST",
                         "",
                         inlet.substr(inlet.find("/collection/")) + "?x-adobe-flow-id=" + flow,
                         {{"Content-Type", "application/json"}},
                         event});
    REQUIRE(std::get<http::Response>(outcome).status == 200);
  }

  static fs::path find_data() {
    for (const auto& entry : fs::directory_iterator("state")) {
      if (entry.path().extension() == ".platform") return entry.path();
    }
    return {};
  }

  fs::path folder_;
  fs::path before_;
  test::TempDir work_;
  test::SimClock clock_;
  test::SeededRandom random_{1};
  store::PosixFiles files_;
  std::string answer_;
};

std::string replay(const fs::path& folder) {
  Scenario scenario(folder);
  std::string text;
  bool output = false;  // Lines under a command are its old output and are left out.
  std::string previous;
  for (const std::string& line : lines_of(read_text(folder / "transcript.txt"))) {
    if (line.starts_with("$ ")) {
      text += line + "\n" + scenario.run(line.substr(2));
      output = true;
    } else if (!output || (line.starts_with("# ") && previous.empty())) {
      text += (output ? "\n" : "") + line + "\n";
      output = false;
    }
    previous = line;
  }
  return text;
}

}  // namespace

TEST_CASE("scenario: each transcript is what the program prints") {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(test::source_dir() + "/tests/scenario")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  CHECK(folders.size() >= 8);
  for (const fs::path& folder : folders) {
    INFO(folder.filename().string());
    test::check_golden("../scenario/" + folder.filename().string() + "/transcript.txt",
                       replay(folder));
  }
}

TEST_CASE("scenario: the README's example is what the program prints") {
  const std::string readme = read_text(test::source_dir() + "/README.md");
  const std::string transcript =
      read_text(test::source_dir() + "/tests/scenario/readme/transcript.txt");
  constexpr std::string_view kOpen = "```console\n";
  int examples = 0;
  for (std::size_t at = readme.find(kOpen); at != std::string::npos;
       at = readme.find(kOpen, at + 1)) {
    const std::size_t begin = at + kOpen.size();
    const std::string example = readme.substr(begin, readme.find("```", begin) - begin);
    CHECK_MESSAGE(transcript.find(example) != std::string::npos, "not in the transcript:\n",
                  example);
    ++examples;
  }
  CHECK(examples == 1);
}
