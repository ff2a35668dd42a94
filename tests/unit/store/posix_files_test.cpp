#include "store/posix_files.hpp"

#include "core/fatal.hpp"
#include "store/state_store.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::store;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "sluice-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }

  std::string in(const std::string& name) const { return path + "/" + name; }

  std::string path;
};

template <class T>
FileError error_of(const FileResult<T>& result) {
  REQUIRE(std::holds_alternative<FileError>(result));
  return std::get<FileError>(result);
}

std::unique_ptr<File> opened(PosixFiles& files, const std::string& path, OpenMode mode) {
  auto result = files.open(path, mode);
  REQUIRE(std::holds_alternative<std::unique_ptr<File>>(result));
  return std::get<std::unique_ptr<File>>(std::move(result));
}

template <class T>
bool good(const FileResult<T>& result) {
  return !std::holds_alternative<FileError>(result);
}

std::string text_of(PosixFiles& files, const std::string& path) {
  return std::get<std::optional<std::string>>(files.read(path, 1000)).value_or("(none)");
}

}  // namespace

TEST_CASE("PosixFiles: appends, cuts, syncs and reads back, for the owner only") {
  const Folder folder;
  PosixFiles files;
  const std::string path = folder.in("a");
  CHECK(text_of(files, path) == "(none)");
  CHECK(text_of(files, folder.in("no/such/folder")) == "(none)");
  const auto file = opened(files, path, OpenMode::create_new);
  CHECK(good(file->append("hello")));
  CHECK(good(file->truncate(2)));
  CHECK(good(file->append("y")));
  CHECK(good(file->sync()));
  CHECK(good(files.sync_folder(folder.path)));
  CHECK(text_of(files, path) == "hey");
  CHECK(good(opened(files, path, OpenMode::append)->append("!")));
  CHECK(text_of(files, path) == "hey!");
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);

  CHECK(error_of(files.open(path, OpenMode::create_new)).code == EEXIST);
  CHECK(error_of(files.read(path, 3)).what == "cannot read " + path + ": it has more than 3 bytes");
  CHECK(good(files.read(path, 4)));
}

TEST_CASE("PosixFiles: the start of a file is read, however much follows") {
  const Folder folder;
  PosixFiles files;
  std::ofstream(folder.in("long")) << std::string(1'000'000, 'x');
  std::ofstream(folder.in("short")) << "ab";
  const auto start = [&](const std::string& name) {
    return std::get<std::optional<std::string>>(files.read_start(folder.in(name), 3));
  };
  CHECK(start("long") == "xxx");
  CHECK(start("short") == "ab");
  CHECK(start("none") == std::nullopt);
  CHECK(error_of(files.read_start(folder.path, 3)).code == EINVAL);
  CHECK(error_of(files.read(folder.in("long"), 3)).code == EFBIG);
}

TEST_CASE("PosixFiles: makes, lists, renames and removes") {
  const Folder folder;
  PosixFiles files;
  CHECK(good(files.make_folder(folder.in("b/c"))));
  CHECK(good(files.make_folder(folder.in("b/c"))));
  CHECK(fs::is_directory(folder.in("b/c")));
  for (const char* name : {"b/c/2", "b/c/1"})
    opened(files, folder.in(name), OpenMode::append);
  CHECK(good(files.rename(folder.in("b/c/2"), folder.in("b/c/0"))));
  const auto names = files.list(folder.in("b/c"));
  CHECK(std::get<std::vector<std::string>>(names) == std::vector<std::string>{"0", "1"});
  CHECK(good(files.remove(folder.in("b/c/0"))));
  CHECK(good(files.remove(folder.in("b/c/0"))));
  CHECK(std::get<std::vector<std::string>>(files.list(folder.in("none"))).empty());
  CHECK(error_of(files.make_folder(folder.in("b/c/1/d"))).what ==
        "cannot make the folder " + folder.in("b/c/1/d") + ": Not a directory");
  CHECK(error_of(files.rename(folder.in("x"), folder.in("y"))).what ==
        "cannot rename " + folder.in("x") + " to " + folder.in("y") +
            ": No such file or directory");
}

TEST_CASE("PosixFiles: a full device is told in words") {
  PosixFiles files;
  // /dev/full is no regular file, and so it is not even opened.
  CHECK(error_of(files.open("/dev/full", OpenMode::append)).what ==
        "cannot open /dev/full: it is not a regular file");
  const Folder folder;
  CHECK(error_of(files.open(folder.in("no/a"), OpenMode::append)).what ==
        "cannot open " + folder.in("no/a") + ": No such file or directory");
}

TEST_CASE("PosixFiles: a link is not followed, and a pipe does not hang") {
  const Folder folder;
  PosixFiles files;
  std::ofstream(folder.in("real")) << "x";
  fs::create_symlink(folder.in("real"), folder.in("link"));
  const std::string why = ": it is a symbolic link, and links are not followed";
  CHECK(error_of(files.read(folder.in("link"), 10)).what ==
        "cannot read " + folder.in("link") + why);
  for (const OpenMode mode : {OpenMode::append, OpenMode::read_and_write}) {
    CHECK(error_of(files.open(folder.in("link"), mode)).what ==
          "cannot open " + folder.in("link") + why);
  }
  REQUIRE(::mkfifo(folder.in("pipe").c_str(), 0600) == 0);
  CHECK(error_of(files.read(folder.in("pipe"), 10)).what ==
        "cannot read " + folder.in("pipe") + ": it is not a regular file");
}

TEST_CASE("PosixFiles: what has another name or another owner is not written in place") {
  const Folder folder;
  PosixFiles files;
  const std::string path = folder.in("x.lock");
  std::ofstream(folder.in("precious")) << "mine";
  fs::create_hard_link(folder.in("precious"), path);
  for (const OpenMode mode : {OpenMode::append, OpenMode::read_and_write}) {
    const FileError error = error_of(files.open(path, mode));
    CHECK(error.what == "cannot open " + path +
                            ": it has other names (hard links), and what is written to it would "
                            "be written to them");
    CHECK(error.advice.find("`cp " + path + " " + path + ".own && mv") != std::string::npos);
  }
  CHECK(text_of(files, path) == "mine");
  fs::remove(folder.in("precious"));
  CHECK(good(files.open(path, OpenMode::append)));

  if (::geteuid() != 0) return;  // Only root can give a file away.
  REQUIRE(::chown(path.c_str(), 1, 1) == 0);
  CHECK(error_of(files.open(path, OpenMode::append)).what ==
        "cannot open " + path + ": it belongs to user 1, and this is user 0");
}

TEST_CASE("StateStore: links are refused with an advice that fits") {
  const Folder folder;
  PosixFiles files;
  test::SimClock clock;
  const std::string path = folder.in("x.json");
  const auto detail_of = [](auto call) {
    try {
      call();
    } catch (const Fatal& fatal) {
      return fatal.diagnostic().detail;
    }
    return std::string();
  };
  std::ofstream(folder.in("precious")) << "mine";
  fs::create_hard_link(folder.in("precious"), path + ".lock");
  StateStore store(files, clock, path, "sluice 0.1.0");
  CHECK(detail_of([&] { store.lock({}, Millis(0)); }).starts_with("Nothing was written. Give it"));
  CHECK(text_of(files, folder.in("precious")) == "mine");

  fs::create_symlink(folder.in("elsewhere"), path);
  const std::string detail = detail_of([&] { store.read(); });
  CHECK(detail.starts_with("Links are refused"));
  CHECK(detail.find("Name the file itself") != std::string::npos);
}

TEST_CASE("PosixFiles: two open files exclude each other's lock, and closing one frees it") {
  const Folder folder;
  PosixFiles files;
  auto first = opened(files, folder.in("lock"), OpenMode::read_and_write);
  const auto second = opened(files, folder.in("lock"), OpenMode::read_and_write);
  CHECK_FALSE(std::get<bool>(second->is_locked_elsewhere()));
  CHECK(std::get<bool>(first->try_lock()));
  CHECK_FALSE(std::get<bool>(second->try_lock()));
  CHECK(std::get<bool>(second->is_locked_elsewhere()));
  CHECK_FALSE(std::get<bool>(first->is_locked_elsewhere()));
  // A POSIX lock would be lost here.
  opened(files, folder.in("lock"), OpenMode::read_and_write).reset();
  CHECK_FALSE(std::get<bool>(second->try_lock()));
  first.reset();
  CHECK(std::get<bool>(second->try_lock()));
}

TEST_CASE("PosixFiles: an open file knows whether its path still leads to it") {
  const Folder folder;
  PosixFiles files;
  const std::string path = folder.in("lock");
  const auto file = opened(files, path, OpenMode::read_and_write);
  const auto is_in_place = [&file] { return std::get<bool>(file->is_in_place()); };
  CHECK(is_in_place());
  fs::rename(path, folder.in("other"));
  CHECK_FALSE(is_in_place());
  opened(files, path, OpenMode::read_and_write);
  CHECK_FALSE(is_in_place());
  fs::remove(path);
  // A link to the very file is not followed.
  fs::create_symlink(folder.in("other"), path);
  CHECK_FALSE(is_in_place());
  fs::rename(folder.in("other"), path);
  CHECK(is_in_place());
  fs::rename(folder.path, folder.path + "-moved");
  CHECK_FALSE(is_in_place());
  fs::rename(folder.path + "-moved", folder.path);
}

TEST_CASE("PosixFiles: space is really set aside") {
  const Folder folder;
  PosixFiles files;
  CHECK(good(opened(files, folder.in("r"), OpenMode::read_and_write)->reserve(65536)));
  struct stat facts {};
  REQUIRE(::stat(folder.in("r").c_str(), &facts) == 0);
  CHECK(facts.st_blocks * 512 >= 65536);
}

TEST_CASE("StateStore: a run whose folder is removed says so") {
  const Folder folder;
  SimClock clock;
  PosixFiles files;
  StateStore store(files, clock, folder.in("state/x.json"), "sluice 0.1.0");
  store.lock({}, Millis(0));
  const State state = store.load();
  store.begin(state, "plan-1", "ann@host");
  fs::remove_all(folder.in("state"));
  const auto told = [](const auto& call) {
    try {
      call();
      return std::string();
    } catch (const Fatal& fatal) {
      CHECK(fatal.code() == ExitCode::state_damaged);
      return fatal.diagnostic().summary + " | " + fatal.diagnostic().detail;
    }
  };
  const std::string name = folder.in("state");
  CHECK(told([&] { store.append({}); }) ==
        "The folder of the state " + name + "/x.json is gone: " + name +
            " was removed during this run | No further change was started.");
  const std::string unsaved = told([&] { store.save(state); });
  CHECK(unsaved.starts_with("The state " + name + "/x.json was not written: its folder " + name +
                            " is gone | It was removed during this run"));
  CHECK(unsaved.find("Free some space") == std::string::npos);
}

TEST_CASE("StateStore: a run on the real disk leaves what the header names") {
  const Folder folder;
  PosixFiles files;
  test::SimClock clock;
  const std::string path = folder.in("state/x.json");
  {
    StateStore store(files, clock, path, "sluice 0.1.0");
    store.lock({}, Millis(0));
    State state = store.load();
    for (int i = 0; i < 2; ++i) {
      store.begin(state, "plan-1", "ann@host");
      state = store.save(state);
    }
    CHECK(store.read() == state);
    CHECK(StateStore(files, clock, path, "sluice 0.1.0").holder());
  }
  CHECK(std::get<std::vector<std::string>>(files.list(folder.in("state"))) ==
        std::vector<std::string>{"x.json", "x.json.backup", "x.json.journal", "x.json.lock",
                                 "x.json.reserve"});
  CHECK(fs::exists(path + ".backup/0000000001.json"));

  fs::rename(path, folder.in("elsewhere"));
  fs::create_symlink(folder.in("elsewhere"), path);
  CHECK_THROWS_AS(StateStore(files, clock, path, "sluice 0.1.0").read(), Fatal);
}
