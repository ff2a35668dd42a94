#pragma once

// A disk in memory. It can fail, or let the process die, at any operation, run full, and forget at
// a power loss what was not synced, in every way that a real disk may.

#include "core/seams.hpp"
#include "store/files.hpp"
#include "support/luck.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <system_error>

namespace sluice::test {

/// Thrown where the process is to die. Nobody but the test catches it.
struct ProcessDied {};

class MemoryFiles : public store::Files {
 public:
  /// Operations and syncs count from 1; 0 is never.
  struct Faults {
    int die_at = 0;             ///< Half of an append is done by then.
    int fail_at = 0;            ///< Half of an append is done by then.
    int code = EIO;             ///< With which errno.
    int lying_sync = 0;         ///< This one says that it worked, and did nothing.
    bool copies_names = false;  ///< A rename rewrites the target in place.
    bool lies = false;          ///< No sync does anything.
  };

  MemoryFiles() = default;
  /// The same disk once more, for another future. No file of it may be open.
  MemoryFiles(const MemoryFiles& other) : Files(), room(other.room) {
    std::map<const Node*, std::shared_ptr<Node>> copies;
    const auto copy = [&copies](const Names& from, Names& to) {
      for (const auto& [path, node] : from) {
        std::shared_ptr<Node>& copied = copies[node.get()];
        if (!copied) copied = std::make_shared<Node>(*node);
        to[path] = copied;
      }
    };
    copy(other.now_, now_);
    copy(other.safe_, safe_);
  }

  Faults faults;
  std::uint64_t room = std::numeric_limits<std::uint64_t>::max() / 2;  ///< Bytes that are free.

  int operations() const { return operations_; }
  int syncs() const { return syncs_; }

  /// A new process on the same disk. Every store on it must be gone.
  void restart() {
    faults = {};
    operations_ = 0;
    syncs_ = 0;
  }

  /// How a disk that loses power may write: whole sectors of so many bytes, or parts of them too.
  struct Sectors {
    std::size_t bytes = 512;
    bool are_whole = true;
  };

  /// Forgets, as luck has it, any part of what was not synced: each name keeps its old or its new
  /// file, each file loses sectors of what was added, to zeros, and its end.
  void lose_power(Luck& luck, Sectors sectors) {
    Names names = safe_;
    for (const auto& [path, node] : now_) {
      const auto old = safe_.find(path);
      if (old != safe_.end() && old->second == node) continue;
      if (luck.below(2) == 0) names[path] = node;
    }
    for (const auto& [path, node] : safe_)
      if (!now_.contains(path) && luck.below(2) == 0) names.erase(path);
    for (const auto& [path, node] : names)
      node->lose_power(luck, sectors);
    now_ = names;
    safe_ = names;
  }

  void lose_power(Random& random) {
    RandomLuck luck(random);
    lose_power(luck, {.bytes = 64, .are_whole = false});
  }

  /// All that is on the disk.
  std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> result;
    for (const auto& [path, node] : now_)
      result[path] = node->data;
    return result;
  }

  /// The file's bytes, straight from the disk; nullptr when there is none.
  std::string* bytes(const std::string& path) {
    const auto found = now_.find(path);
    return found == now_.end() ? nullptr : &found->second->data;
  }
  /// Puts a file there that was always there.
  void put(const std::string& path, const std::string& data) {
    now_[path] = std::make_shared<Node>();
    now_[path]->data = now_[path]->safe = data;
    safe_[path] = now_[path];
  }

  /// So much time goes by that all is on the disk, synced or not.
  void write_back() {
    for (const auto& [path, node] : now_)
      node->safe = node->data;
    safe_ = now_;
  }

  /// Somebody takes away the file and everything beside it that begins with its name.
  void forget(const std::string& path) {
    for (Names* names : {&now_, &safe_})
      std::erase_if(*names, [&path](const auto& entry) { return entry.first.starts_with(path); });
  }

  store::FileResult<std::optional<std::string>> read(const std::string& path,
                                                     std::uint64_t size_max) override {
    if (auto error = step("read", path)) return *error;
    const std::string* data = bytes(path);
    if (data == nullptr) return std::nullopt;
    if (data->size() > size_max) return failure("read", path, EFBIG);
    return *data;
  }

  store::FileResult<std::optional<std::string>> read_start(const std::string& path,
                                                           std::uint64_t size) override {
    if (auto error = step("read", path)) return *error;
    const std::string* data = bytes(path);
    if (data == nullptr) return std::nullopt;
    return data->substr(0, size);
  }

  store::FileResult<std::unique_ptr<store::File>> open(const std::string& path,
                                                       store::OpenMode mode) override {
    if (auto error = step("open", path)) return *error;
    if (mode == store::OpenMode::create_new && now_.contains(path)) {
      return failure("open", path, EEXIST);
    }
    std::shared_ptr<Node>& node = now_[path];
    if (!node) node = std::make_shared<Node>();
    return std::make_unique<OpenFile>(*this, path, node);
  }

  store::FileResult<store::Nothing> rename(const std::string& from,
                                           const std::string& to) override {
    if (auto error = step("rename", from)) return *error;
    if (faults.copies_names && now_.contains(to)) {
      now_[to]->data.clear();
      if (auto error = step("write", to)) return *error;
      now_[to]->data = now_[from]->data;
    } else {
      now_[to] = now_[from];
    }
    now_.erase(from);
    return store::Nothing{};
  }

  store::FileResult<store::Nothing> remove(const std::string& path) override {
    if (auto error = step("remove", path)) return *error;
    const auto found = now_.find(path);
    if (found == now_.end()) return store::Nothing{};
    room += found->second->data.size() + found->second->reserved;
    now_.erase(found);
    return store::Nothing{};
  }

  store::FileResult<store::Nothing> sync_folder(const std::string& path) override {
    if (auto error = step("sync the folder", path)) return *error;
    if (++syncs_ == faults.lying_sync || faults.lies) return store::Nothing{};
    const auto inside = [&](const auto& entry) { return store::folder_of(entry.first) == path; };
    std::erase_if(safe_, inside);
    for (const auto& entry : now_)
      if (inside(entry)) safe_.insert(entry);
    return store::Nothing{};
  }

  store::FileResult<store::Nothing> make_folder(const std::string& path) override {
    if (auto error = step("make the folder", path)) return *error;
    return store::Nothing{};
  }

  store::FileResult<std::string> real_path(const std::string& path) override {
    if (auto error = step("find", path)) return *error;
    if (!now_.contains(path)) return failure("find", path, ENOENT);
    return path;
  }

  bool is_folder(const std::string& path) override {
    return std::any_of(now_.begin(), now_.end(), [&path](const auto& entry) {
      return store::folder_of(entry.first) == path;
    });
  }

  store::FileResult<std::vector<std::string>> list(const std::string& path) override {
    if (auto error = step("list the folder", path)) return *error;
    std::vector<std::string> names;
    for (const auto& [name, node] : now_)
      if (store::folder_of(name) == path) names.push_back(name.substr(path.size() + 1));
    return names;
  }

 private:
  struct Node {
    std::string data;  // As a running system sees it.
    std::string safe;  // As it is on the disk for certain.
    std::uint64_t reserved = 0;
    const store::File* locked_by = nullptr;
    std::size_t dropped_end = 0;  // Up to here a failed sync lost what was added.

    void sync() {
      // After a failed sync the next one reports success all the same: Linux takes the lost pages
      // for written.
      std::string kept = data;
      for (std::size_t i = safe.size(); i < std::min(dropped_end, kept.size()); ++i)
        kept[i] = '\0';
      safe = kept;
      dropped_end = 0;
    }

    void lose_power(Luck& luck, Sectors sectors) {
      if (data == safe) return;
      if (!data.starts_with(safe)) {
        if (luck.below(2) == 0) safe = data;
      } else if (!sectors.are_whole && luck.below(2) == 0) {
        safe = data.substr(0, safe.size() + luck.below(data.size() - safe.size() + 1));
      } else {
        lose_sectors(luck, sectors.bytes);
      }
      data = safe;
    }

    void lose_sectors(Luck& luck, std::size_t sector) {
      const std::size_t first = safe.size() / sector;
      const std::size_t all = (data.size() + sector - 1) / sector - first;
      const std::size_t kept = luck.below(all + 1);
      if (kept == 0) return;
      std::string torn = data.substr(0, sector * (first + kept));
      for (std::size_t at = safe.size(); at < torn.size(); at += sector - at % sector) {
        if (luck.below(2) == 0) continue;
        const std::size_t to = std::min(torn.size(), at + sector - at % sector);
        std::fill(torn.begin() + std::ptrdiff_t(at), torn.begin() + std::ptrdiff_t(to), '\0');
      }
      safe = torn;
    }
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  class OpenFile final : public store::File {
   public:
    OpenFile(MemoryFiles& disk, std::string path, std::shared_ptr<Node> node)
        : disk_(disk), path_(std::move(path)), node_(std::move(node)) {}
    ~OpenFile() override {
      if (node_->locked_by == this) node_->locked_by = nullptr;
    }

    store::FileResult<store::Nothing> append(std::string_view bytes) override {
      disk_.stop_if_dead();
      const int next = disk_.operations_ + 1;
      std::size_t count = std::min<std::uint64_t>(bytes.size(), disk_.room);
      if (next == disk_.faults.die_at || next == disk_.faults.fail_at) count = bytes.size() / 2;
      node_->data += bytes.substr(0, count);
      disk_.room -= count;
      if (auto error = disk_.step("write", path_)) return *error;
      if (count < bytes.size()) return failure("write", path_, ENOSPC);
      return store::Nothing{};
    }
    store::FileResult<store::Nothing> sync() override {
      if (auto error = disk_.step("sync", path_)) {
        node_->dropped_end = node_->data.size();
        return *error;
      }
      if (++disk_.syncs_ != disk_.faults.lying_sync && !disk_.faults.lies) node_->sync();
      return store::Nothing{};
    }
    store::FileResult<store::Nothing> truncate(std::uint64_t size) override {
      if (auto error = disk_.step("shorten", path_)) return *error;
      disk_.room += node_->data.size() - size;
      node_->data.resize(size);
      return store::Nothing{};
    }
    store::FileResult<store::Nothing> reserve(std::uint64_t size) override {
      if (auto error = disk_.step("set space aside in", path_)) return *error;
      const std::uint64_t more = size - std::min(size, node_->reserved);
      if (more > disk_.room) return failure("set space aside in", path_, ENOSPC);
      disk_.room -= more;
      node_->reserved += more;
      return store::Nothing{};
    }
    store::FileResult<bool> try_lock() override {
      if (auto error = disk_.step("lock", path_)) return *error;
      if (node_->locked_by == nullptr) node_->locked_by = this;
      return node_->locked_by == this;
    }
    store::FileResult<bool> is_locked_elsewhere() override {
      if (auto error = disk_.step("ask for the lock of", path_)) return *error;
      return node_->locked_by != nullptr && node_->locked_by != this;
    }
    store::FileResult<bool> is_in_place() override {
      if (auto error = disk_.step("look at", path_)) return *error;
      const auto there = disk_.now_.find(path_);
      return there != disk_.now_.end() && there->second == node_;
    }

   private:
    MemoryFiles& disk_;
    std::string path_;
    std::shared_ptr<Node> node_;
  };

  static store::FileError failure(const std::string& doing, const std::string& path, int code) {
    return {code, "cannot " + doing + " " + path + ": " + std::generic_category().message(code)};
  }

  /// A dead process does nothing more, whatever part of it asks.
  void stop_if_dead() const {
    if (faults.die_at != 0 && operations_ >= faults.die_at) throw ProcessDied{};
  }

  /// Counts an operation. An error when it is the one that fails.
  std::optional<store::FileError> step(const std::string& doing, const std::string& path) {
    stop_if_dead();
    ++operations_;
    if (operations_ == faults.die_at) throw ProcessDied{};
    if (operations_ == faults.fail_at) return failure(doing, path, faults.code);
    return std::nullopt;
  }

  Names now_;
  Names safe_;
  int operations_ = 0;
  int syncs_ = 0;
};

}  // namespace sluice::test
