// Saves a file in its folder in one of the ways that lose data, so that the sweeps have something
// to find: `twin in_place`, `twin careless`, `twin unsynced`.

#include <cstdio>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

constexpr std::string_view kNew = "the new first half, the new second half\n";
constexpr const char* kSaved = "saved.txt";
constexpr const char* kTemporary = "saved.txt.tmp";

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Whoever is killed between the two writes leaves half of a file.
bool save_in_place() {
  const int file = open(kSaved, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::size_t half = kNew.size() / 2;
  const bool good = file >= 0 && write_all(file, kNew.substr(0, half)) &&
                    write_all(file, kNew.substr(half)) && fsync(file) == 0;
  return close(file) == 0 && good;
}

/// Does everything in the right order, and looks at no result.
bool save_carelessly() {
  const int file = open(kTemporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  (void)write_all(file, kNew);
  (void)fsync(file);
  (void)close(file);
  (void)rename(kTemporary, kSaved);
  const int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  (void)fsync(folder);
  (void)close(folder);
  return true;
}

/// Survives every kill, since the system keeps what was written; a power cut would show it.
bool save_unsynced() {
  const int file = open(kTemporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool good = file >= 0 && write_all(file, kNew);
  return close(file) == 0 && good && rename(kTemporary, kSaved) == 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string way = count > 1 ? arguments[1] : "";
  bool good = false;
  if (way == "in_place") good = save_in_place();
  if (way == "careless") good = save_carelessly();
  if (way == "unsynced") good = save_unsynced();
  if (good) {
    std::puts("saved");
  } else {
    std::perror(kSaved);
  }
  return good ? 0 : 1;
}
