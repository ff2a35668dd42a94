#pragma once

// What outlives the processes of a story: a platform, a disk, a clock, and the people who work on
// the platform by hand. And the network, which belongs to one process.

#include "emulator/platform.hpp"
#include "http/transport.hpp"
#include "simulation/story.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::simulation {

/// A part of the program that is made wrong on purpose, to see that a story finds it.
enum class Twin {
  none,
  no_sync,     ///< Nothing is ever synced.
  in_place,    ///< The state is written over the old one.
  no_journal,  ///< The journal is gone when a process has died.
  no_backup,   ///< No backup is kept.
  resend,      ///< A create whose reply is lost is sent once more, as some libraries do.
  unguarded,   ///< Writes go through whatever their If-Match says.
  spill,       ///< The client's credentials are left in a file, as a header has them.
};

/// Everything that a spec may make.
const std::vector<std::string>& collections();

inline constexpr const char* kSpecPath = "specs/laws.yaml";
inline constexpr const char* kStatePath = "state/laws.json";

/// An edit that somebody made while a command ran: it must still be there when the command ends.
struct Edit {
  std::string collection;
  std::string id;
  std::string name;      ///< The object's from then on.
  bool is_seen = false;  ///< The object was read since.
};

struct Site {
  Site(std::uint64_t seed, Twin twin_);

  test::SimClock clock;
  test::SeededRandom random;
  emulator::Platform platform;
  test::MemoryFiles files;
  Twin twin;
  std::string trace;  ///< Everything that happened, a line each.
  /// Objects of other people by collection and id, as they left them.
  std::map<std::pair<std::string, std::string>, Json> others;
  std::vector<Edit> edits;  ///< Made while the present command runs.
  /// Starts another process beside the present one, with some luck, and waits for its end.
  std::function<void(std::uint64_t)> second_run;

  void note(const std::string& line);

  /// Somebody renames one of the connections and flows that are recorded, if there is any. What is
  /// not recorded yet is left alone: nobody could tell by its name any more whose it is. Every
  /// other time it is the `wanted` one, if that is one of them.
  std::optional<Edit> edit(std::uint64_t luck, const std::string& wanted);
  /// Somebody edits or deletes something. What is recorded gets another name; of what is not, whose
  /// name alone tells whose it is, the description changes.
  void meddle(std::uint64_t luck);
  /// The state's file is harmed. False when there is none, or when it is gone and the journal of
  /// its first run, which died before it was emptied, tells all that it held.
  bool harm(Damage damage);

  /// An object is read by the present process, or deleted. No platform guards a deletion, so an
  /// edit that comes between the last look at an object and its deletion is lost with it, and
  /// nobody is to blame.
  void looked_at(const std::string& id);
  void deleted(const std::string& id);

  /// A process begins: what will go wrong with the disk is set.
  void begin(const Command& command);
  /// It has ended; `died` when it was killed.
  void end(const Command& command, bool died);

 private:
  std::set<std::string> recorded();
  enum class Whose { known, lost, any };  // Of the program's: what it has recorded, or has not.
  std::optional<std::pair<std::string, std::string>> ours(std::uint64_t luck,
                                                          const std::vector<std::string>& among,
                                                          Whose whose) const;

  std::set<std::string> recorded_;  // When the present command began, if somebody edits meanwhile.
};

/// The network of one process, with what goes wrong on it. Replies take different times.
class Network final : public http::Transport {
 public:
  /// `is_beside`: of a second process, whose looks tell the first one nothing.
  Network(Site& site, const Command& command, bool is_beside)
      : site_(site), command_(command), is_beside_(is_beside) {}

  ~Network() override;

  void start(http::Request request, Done done) override;
  void poll(Millis wait) override;

 private:
  struct Waiting {
    http::Request request;
    Done done;
    const Trouble* trouble = nullptr;
    bool is_given_up = false;  // The reply is lost, and its time is over.
  };

  const Trouble* trouble_for(const http::Request& request);
  void die(http::Request last);
  void arrive(Waiting waiting);
  http::Outcome answer(const Waiting& waiting);
  http::Request guarded(http::Request request) const;

  Site& site_;
  const Command& command_;
  const bool is_beside_;
  std::multimap<Millis, Waiting> waiting_;
  int calls_ = 0;
  int mutations_ = 0;
  bool is_dead_ = false;
};

}  // namespace sluice::simulation
