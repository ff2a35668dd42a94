#include "syscalls/sweep.hpp"

#include "support/temp_dir.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace sluice::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorkers = 4;
constexpr std::size_t kStraysMax = 20;

/// The bytes of each file, by its path, but for those that only tell people who holds a lock.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".lock") continue;
    std::ostringstream text;
    if (entry.is_regular_file()) text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[entry.path().lexically_relative(folder).string()] = text.str();
  }
  return files;
}

/// A place for copies of the pristine folder.
class Place {
 public:
  explicit Place(const fs::path& pristine)
      : pristine_(pristine),
        pristine_contents_(contents(pristine)),
        folder_((fs::canonical(temp_.path()) / "work").string()) {}

  const std::string& folder() const { return folder_; }
  void renew() const {
    fs::remove_all(folder_);
    fs::copy(pristine_, folder_, fs::copy_options::recursive);
  }
  bool is_pristine() const { return contents(folder_) == pristine_contents_; }

 private:
  TempDir temp_;
  fs::path pristine_;
  std::map<std::string, std::string> pristine_contents_;
  std::string folder_;
};

Launch launch_of(const Saving& saving, const std::string& folder) {
  return {saving.command, saving.environment, folder};
}

struct Point {
  Interference interference;
  Call call;  ///< Of the reference run.
};

std::string describe(const Point& point) {
  std::string text = "call " + std::to_string(point.interference.at) + ", " + call_name(point.call);
  if (point.call.is_ours) text += " " + point.call.path;
  switch (point.interference.act) {
    case Act::nothing:
    case Act::kill:
      return "killed at " + text;
    case Act::fail:
      return text + " fails with " + std::generic_category().message(point.interference.error);
    case Act::shorten:
      return text + " is cut short";
    case Act::shorten_and_kill:
      return "killed in the middle of " + text;
  }
  return text;
}

/// A damaged state is kept under a name that tells when.
std::string without_time(const std::string& path) {
  static const std::regex time("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z");
  return std::regex_replace(path, time, "TIME");
}

/// Whether the run came to the very call that was to be disturbed.
bool has_strayed(const Point& point, const Traced& traced) {
  if (traced.calls.size() <= point.interference.at) return true;
  const Call& met = traced.calls[point.interference.at];
  if (met.number != point.call.number || met.is_ours != point.call.is_ours) return true;
  return met.is_ours && without_time(met.path) != without_time(point.call.path);
}

/// A sync that failed is made good by another one. After a real error the system may have dropped
/// what was to be written, and the next sync knows nothing of it, so it has to be written again.
/// A folder has no bytes to drop: what it lacked space for is still to be done.
bool is_synced_later(const std::vector<Call>& calls, const Interference& interference) {
  const std::string& path = calls[interference.at].path;
  const bool is_file = std::any_of(calls.begin(), calls.end(), [&path](const Call& call) {
    return is_write(call) && call.path == path;
  });
  bool written = interference.error == EINTR || (!is_file && interference.error != EIO);
  for (std::size_t i = interference.at + 1; i < calls.size(); ++i) {
    if (calls[i].path != path) continue;
    if (is_write(calls[i])) written = true;
    if (is_sync(calls[i]) && written) return true;
  }
  return false;
}

void check_message(const Point& point, const Traced& traced, Complaints& complaints) {
  const std::string cause = std::generic_category().message(point.interference.error);
  const Call& met = traced.calls[point.interference.at];
  const auto says = [&traced](const std::string& text) {
    return traced.err.find(text) != std::string::npos;
  };
  if (!says(met.path) && (met.from.empty() || !says(met.from))) {
    complaints.push_back({Wrong::mute, "the file is not named: " + traced.err});
  }
  if (!says(cause)) complaints.push_back({Wrong::mute, "the cause is not named: " + traced.err});
}

bool says_done(const Saving& saving, const Traced& traced) {
  return (traced.out + traced.err).find(saving.done_text) != std::string::npos;
}

/// Looks at what the run left behind. A folder that is as it was needs no look: that the command
/// succeeds from there, the undisturbed run has shown.
Complaints look(const Saving& saving, const Place& place, bool must_be_new) {
  if (!must_be_new && place.is_pristine()) return {};
  return saving.check(place.folder(), must_be_new);
}

Complaints judge_fault(const Saving& saving, const Point& point, const Traced& traced,
                       const Place& place) {
  if (traced.endless) return {{Wrong::stuck, "it does not end"}};
  if (traced.code >= 128) {
    return {{Wrong::stuck, "it ends by signal " + std::to_string(traced.code - 128)}};
  }
  Complaints complaints;
  const bool failed = point.interference.act == Act::fail;
  if (traced.code == 0) {
    if (failed && is_sync(point.call) && !is_synced_later(traced.calls, point.interference)) {
      complaints.push_back({Wrong::lost, "it exits with 0, and what it wrote is not synced"});
    }
  } else if (failed) {
    check_message(point, traced, complaints);
  } else {
    complaints.push_back({Wrong::stuck, "the rest is not written: " + traced.err});
  }
  const bool must_be_new = traced.code == 0 || says_done(saving, traced);
  for (Complaint& complaint : look(saving, place, must_be_new))
    complaints.push_back(std::move(complaint));
  return complaints;
}

Complaints try_point(const Saving& saving, const Point& point, const Place& place) {
  place.renew();
  const Traced traced = trace(launch_of(saving, place.folder()), point.interference);
  Complaints complaints;
  if (has_strayed(point, traced)) {
    complaints = {{Wrong::strayed, "the run came to another call there: " + traced.err}};
  } else if (point.interference.act == Act::fail || point.interference.act == Act::shorten) {
    complaints = judge_fault(saving, point, traced, place);
  } else if (traced.code != 128 + SIGKILL) {
    complaints = {{Wrong::strayed, "it was not killed: " + std::to_string(traced.code)}};
  } else {
    complaints = look(saving, place, says_done(saving, traced));
  }
  for (Complaint& complaint : complaints)
    complaint.text = saving.name + ", " + describe(point) + ": " + complaint.text;
  return complaints;
}

/// More at once than there are processors, since a run that saves waits for the disk.
Figures try_all(const Saving& saving, const std::vector<Point>& points) {
  Figures figures;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    const Place place(saving.pristine);
    for (std::size_t i = next++; i < points.size(); i = next++) {
      Complaints complaints;
      try {
        complaints = try_point(saving, points[i], place);
      } catch (const std::exception& error) {
        complaints = {{Wrong::strayed, saving.name + ": " + error.what()}};
      }
      const std::lock_guard guard(mutex);
      ++figures.points;
      if (complaints.empty()) ++figures.good;
      for (Complaint& complaint : complaints)
        figures.complaints.push_back(std::move(complaint));
      // When the sweep itself is at fault there is nothing to learn from the rest.
      if (figures.count(Wrong::strayed) > kStraysMax) return;
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < kWorkers; ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers)
    worker.join();
  return figures;
}

}  // namespace

std::size_t Figures::count(Wrong wrong) const {
  return static_cast<std::size_t>(
      std::count_if(complaints.begin(), complaints.end(),
                    [wrong](const Complaint& complaint) { return complaint.wrong == wrong; }));
}

void Figures::add(Figures other) {
  points += other.points;
  good += other.good;
  for (Complaint& complaint : other.complaints)
    complaints.push_back(std::move(complaint));
}

Traced undisturbed(const Saving& saving) {
  const Place place(saving.pristine);
  place.renew();
  Traced traced = trace(launch_of(saving, place.folder()), {});
  if (traced.code != 0) throw std::runtime_error(saving.name + " fails: " + traced.err);
  const Complaints complaints = saving.check(place.folder(), true);
  if (!complaints.empty()) throw std::runtime_error(saving.name + ": " + complaints[0].text);
  return traced;
}

Figures kill_sweep(const Saving& saving, const Traced& reference, bool only_files) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < reference.calls.size(); ++i) {
    const Call& call = reference.calls[i];
    if (only_files && leaves_files_alone(call.number)) continue;
    points.push_back({{Act::kill, i, 0}, call});
    if (call.is_ours && is_write(call)) points.push_back({{Act::shorten_and_kill, i, 0}, call});
  }
  return try_all(saving, points);
}

Figures fault_sweep(const Saving& saving, const Traced& reference) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < reference.calls.size(); ++i) {
    const Call& call = reference.calls[i];
    if (!call.is_ours) continue;
    for (const int error : errors_of(call))
      points.push_back({{Act::fail, i, error}, call});
    if (is_write(call)) points.push_back({{Act::shorten, i, 0}, call});
  }
  return try_all(saving, points);
}

std::string missing_sync(const Saving& saving, const Traced& reference) {
  std::string parent = fs::path(saving.saved_file).parent_path().string();
  if (parent.empty()) parent = ".";
  std::map<std::string, bool> synced;
  bool saved = false;
  for (const Call& call : reference.calls) {
    if (!call.is_ours) {
      const bool speaks = is_write(call) && (call.arguments[0] == STDOUT_FILENO ||
                                             call.arguments[0] == STDERR_FILENO);
      if (speaks && saved && !synced[parent]) return "it speaks before the folder is synced";
      continue;
    }
    if (is_write(call)) synced[call.path] = false;
    if (is_sync(call)) synced[call.path] = true;
    if (!is_rename(call) || call.path != saving.saved_file) continue;
    if (!synced[call.from]) return call.from + " is renamed before it is synced";
    synced[parent] = false;
    saved = true;
  }
  if (!saved) return "nothing is renamed to " + saving.saved_file;
  return synced[parent] ? "" : "the folder is not synced after the rename";
}

std::string text_of(const Complaints& complaints, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < complaints.size() && i < most; ++i)
    text += complaints[i].text + "\n";
  if (complaints.size() > most) text += "and " + std::to_string(complaints.size() - most) + " more";
  return text;
}

}  // namespace sluice::test
