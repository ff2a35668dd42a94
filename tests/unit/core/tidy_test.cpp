// Reads every source file and fails on what the layout does not allow. On Debian every library is
// on the default include path, so the build alone cannot keep a folder from including another's.

#include "support/places.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Line {
  std::string file;  // Relative to the root, with forward slashes.
  int number = 0;
  std::string text;
};

// The folders of engine/ that each folder may include, itself aside.
const std::map<std::string, std::vector<std::string>> kAllowed = {
    {"core", {}},
    {"spec", {"core"}},
    {"store", {"core"}},
    {"http", {"core"}},
    {"kinds", {"core", "http", "spec", "store"}},
    {"emulator", {"core", "http"}},
    {"run", {"core", "spec", "store", "http", "kinds"}},
    {"report", {"core", "spec", "store", "http", "kinds"}},
    {"cli", {"core", "spec", "store", "http", "kinds", "run", "report", "emulator"}},
};

struct Rule {
  std::string_view forbidden;
  std::vector<std::string_view> except;  // Folders of engine/, or files, where it may stand.
  std::string_view why;
};

const std::vector<Rule> kRules = {
    {"<yaml.h>", {"engine/spec/yaml_events.cpp"}, "reading YAML belongs to yaml_events"},
    {"<yaml-cpp/", {"spec"}, "yaml-cpp belongs to spec/"},
    {"<curl/", {"http"}, "libcurl belongs to http/"},
    {"<nettle/", {"store"}, "hashing belongs to store/"},
    {"<httplib", {"emulator"}, "cpp-httplib belongs to emulator/"},
    {"<CLI/", {"cli"}, "CLI11 belongs to cli/"},
    {"<iostream>", {"cli"}, "only cli/ prints"},
    {"std::cout", {"cli"}, "only cli/ prints"},
    {"std::cerr", {"cli"}, "only cli/ prints"},
    {"printf(", {"cli"}, "only cli/ prints"},
    {"fmt::print", {"cli"}, "only cli/ prints"},
    {"getenv", {"cli"}, "only cli/ reads the environment"},
    {"_clock::now", {"cli", "engine/emulator/server.cpp"}, "the time comes in through Clock"},
    {"time(nullptr)", {"cli"}, "the time comes in through Clock"},
    {"std::exit", {"engine/cli/main.cpp"}, "a command ends by returning from main"},
    {"abort()", {}, "a command ends by returning from main"},
    {"std::random_device", {"cli"}, "chance comes in through Random"},
    {"std::unordered_", {}, "an order that may be printed must be the same every time"},
    {"using namespace", {}, "names are written out in the engine"},
};

bool is_source(const fs::path& path) {
  return path.extension() == ".cpp" || path.extension() == ".hpp";
}

std::vector<fs::path> sources(const std::string& folder) {
  std::vector<fs::path> result;
  const fs::path root = fs::path(sluice::test::source_dir()) / folder;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (is_source(entry.path())) result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Line> lines_of(const fs::path& path) {
  std::vector<Line> result;
  std::ifstream in(path);
  std::string text;
  const std::string name = fs::relative(path, sluice::test::source_dir()).generic_string();
  while (std::getline(in, text)) {
    result.push_back({name, static_cast<int>(result.size()) + 1, text});
  }
  return result;
}

// "engine/core/plan.hpp" is in "core".
std::string folder_of(const std::string& file) {
  const std::size_t start = file.find('/') + 1;
  return file.substr(start, file.find('/', start) - start);
}

// The code of a line, without what stands after `//`.
std::string_view code_of(std::string_view text) {
  for (std::size_t at = text.find("//"); at != std::string_view::npos;
       at = text.find("//", at + 1)) {
    if (at == 0 || text[at - 1] != ':') return text.substr(0, at);
  }
  return text;
}

std::vector<std::string> layout_breaches(const Line& line) {
  std::vector<std::string> found;
  const std::string folder = folder_of(line.file);
  const std::string_view code = code_of(line.text);
  for (const Rule& rule : kRules) {
    const bool exempt =
        std::any_of(rule.except.begin(), rule.except.end(),
                    [&](std::string_view place) { return place == folder || place == line.file; });
    if (!exempt && code.find(rule.forbidden) != std::string_view::npos) {
      found.emplace_back(rule.why);
    }
  }
  constexpr std::string_view kInclude = "#include \"";
  if (!code.starts_with(kInclude)) return found;
  const std::string_view path = code.substr(kInclude.size());
  const std::string other(path.substr(0, path.find('/')));
  const std::vector<std::string>& allowed = kAllowed.at(folder);
  if (other != folder && std::find(allowed.begin(), allowed.end(), other) == allowed.end()) {
    found.push_back(folder + "/ may not include " + other + "/");
  }
  if (folder == "emulator" && other == "http" && !path.starts_with("http/message.hpp") &&
      !path.starts_with("http/transport.hpp")) {
    found.emplace_back("emulator/ shares only the plain values of http/");
  }
  return found;
}

// A function's body is taken to be what stands between a line in column 0 that ends in `{` and is
// no namespace, type or initialiser, and the `}` in column 0 that closes it. clang-format keeps
// definitions at namespace scope in column 0, so this finds all but those inside classes.
struct LongFunction {
  Line first;
  int length = 0;
};

bool opens_function(const std::string& text) {
  if (text.empty() || text[0] == ' ' || text[0] == '#' || text[0] == '/') return false;
  if (!text.ends_with('{')) return false;
  for (const std::string_view word : {"namespace", "struct ", "class ", "enum ", "union "}) {
    if (text.starts_with(word)) return false;
  }
  return text.find("= {") == std::string::npos && text.find("= [") == std::string::npos;
}

std::vector<LongFunction> long_functions(const std::vector<Line>& lines, int limit) {
  std::vector<LongFunction> found;
  const Line* open = nullptr;
  for (const Line& line : lines) {
    if (open == nullptr && (opens_function(line.text) || line.text == ") {")) open = &line;
    if (open != nullptr && line.text.starts_with('}')) {
      const int length = line.number - open->number + 1;
      if (length > limit) found.push_back({*open, length});
      open = nullptr;
    }
  }
  return found;
}

std::string place(const Line& line) {
  return line.file + ":" + std::to_string(line.number);
}

}  // namespace

TEST_CASE("tidy: every engine source keeps the layout") {
  int files = 0;
  for (const fs::path& path : sources("engine")) {
    ++files;
    const std::vector<Line> lines = lines_of(path);
    CHECK_MESSAGE(lines.size() <= 500, path.string(), " has ", lines.size(), " lines");
    for (const Line& line : lines) {
      for (const std::string& why : layout_breaches(line)) {
        CHECK_MESSAGE(why.empty(), place(line), ": ", why);
      }
    }
  }
  CHECK(files > 20);
}

TEST_CASE("tidy: lines and functions stay small, in the engine and its tests") {
  for (const std::string folder : {"engine", "tests"}) {
    for (const fs::path& path : sources(folder)) {
      const std::vector<Line> lines = lines_of(path);
      CHECK_MESSAGE(lines.size() <= 800, path.string(), " has ", lines.size(), " lines");
      for (const Line& line : lines) {
        CHECK_MESSAGE(line.text.size() <= 100, place(line), ": the line is too long");
      }
      for (const LongFunction& function : long_functions(lines, 70)) {
        CHECK_MESSAGE(function.length <= 70, place(function.first), ": the function has ",
                      function.length, " lines");
      }
    }
  }
}

TEST_CASE("tidy: the checks catch what they are for") {
  CHECK(layout_breaches({"engine/core/x.cpp", 1, "#include <curl/curl.h>"}).size() == 1);
  CHECK(layout_breaches({"engine/spec/x.cpp", 1, "#include \"http/message.hpp\""}).size() == 1);
  CHECK(layout_breaches({"engine/run/x.cpp", 1, "  std::exit(1);"}).size() == 1);
  CHECK(layout_breaches({"engine/emulator/x.cpp", 1, "#include \"http/curl.hpp\""}).size() == 1);
  CHECK(layout_breaches({"engine/run/x.cpp", 1, "#include \"core/plan.hpp\""}).empty());
  CHECK(layout_breaches({"engine/run/x.cpp", 1, "// std::exit is for main"}).empty());

  std::vector<Line> lines = {{"engine/x.cpp", 1, "void f() {"}};
  for (int i = 2; i <= 71; ++i)
    lines.push_back({"engine/x.cpp", i, "  g();"});
  lines.push_back({"engine/x.cpp", 72, "}"});
  CHECK(long_functions(lines, 70).size() == 1);
  CHECK(long_functions(lines, 72).empty());
}
