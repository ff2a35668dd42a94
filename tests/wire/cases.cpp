#include "wire/cases.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>

namespace sluice::wire {

namespace {

namespace fs = std::filesystem;

constexpr int kTriesMax = 5;
// Whatever a server says, a run ends in time, patience with reads included, beside many other
// programs, and in a bounded memory.
constexpr std::chrono::seconds kTimeMax(180);
constexpr std::size_t kMemoryMax = 256U << 20U;

const char* name_of(Where where) {
  switch (where) {
    case Where::connect:
      return "before the connection";
    case Where::accept:
      return "after the connection";
    case Where::request:
      return "request";
    case Where::reply:
      return "reply";
  }
  return "";
}

const char* name_of(Act act) {
  switch (act) {
    case Act::kill:
      return "kill";
    case Act::end:
      return "end";
    case Act::reset:
      return "reset";
    case Act::stall:
      return "stall";
    case Act::garbage:
      return "garbage";
    case Act::trick:
      return "trick";
    case Act::refuse:
      return "refuse";
  }
  return "";
}

std::size_t head_of(const std::string& message) {
  return message.find("\r\n\r\n") + 4;
}

/// The method and the last word of the path that is no id.
std::string what_is(const std::string& request) {
  const std::string target = request.substr(0, request.find(" HTTP/1.1"));
  std::string path = target.substr(0, target.find('?'));
  const std::size_t last = path.rfind('/');
  const bool is_id =
      path.find_first_of("0123456789", last) != std::string::npos && path.size() - last > 8;
  return is_id ? path.substr(0, last) + "/ID" : path;
}

Sizes sizes_of(const Exchange& exchange) {
  return {what_is(exchange.request),       head_of(exchange.request), exchange.request.size(),
          exchange.reply.find("\r\n") + 2, head_of(exchange.reply),   exchange.reply.size()};
}

/// One call at a time, so that the exchanges have an order.
std::vector<std::string> with_flags(const std::string& command) {
  return {command, "--yes", "--parallelism", "1"};
}

void add_each(std::vector<Case>& cases, const Case& base, const std::vector<Act>& acts) {
  for (const Act act : acts) {
    cases.push_back(base);
    cases.back().strike.act = act;
  }
}

/// Strikes once, when the run comes to the exchange and the place in it.
Choose once(const Case& one) {
  return [one, is_over = false](std::size_t exchange,
                                const std::string& request) mutable -> std::optional<Strike> {
    const bool is_early = one.strike.where == Where::connect || one.strike.where == Where::accept;
    if (is_over || is_early != request.empty()) return std::nullopt;
    const bool is_it = one.what.empty() ? exchange == one.exchange : one.what == what_is(request);
    if (!is_it) return std::nullopt;
    is_over = true;
    return one.strike;
  };
}

void lose_journal(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".journal") fs::remove(entry.path());
  }
}

/// Whether what happened is what the case is about.
Problem check_strike(const Case& one, const Watched& watched) {
  const std::string& said = watched.finished.err;
  if (!watched.was_struck) return "the run did not come to it: " + said;
  if (watched.exchanges.empty()) return {};
  const Exchange& last = watched.exchanges.back();
  const bool is_reply = one.strike.where == Where::reply;
  // With all of its last reply the program may have ended before the signal came.
  const bool may_end = is_reply && one.strike.byte >= last.reply.size();
  if (one.strike.act == Act::kill && !may_end && watched.finished.code != 128 + SIGKILL) {
    return "it was not killed: " + said;
  }
  return {};
}

/// A machine that is busy with something else may come so late to ask whether a flow is ready that
/// it asks less often than when it was measured, or reads it as enabled that was still on its way.
bool is_not_as_measured(const Case& one, const Watched& watched) {
  if (!watched.was_struck) return watched.finished.code == 0;
  if (one.length_max == 0 || watched.exchanges.size() <= one.exchange) return false;
  const Exchange& struck = watched.exchanges[one.exchange];
  const bool is_reply = one.strike.where == Where::reply;
  return (is_reply ? struck.reply.size() : struck.request.size()) > one.length_max;
}

/// Nothing when the message that was measured did not come.
std::optional<Problem> play_once(Place& place, const Case& one, Twin twin) {
  place.renew();
  if (one.command == "destroy" && place.run({"apply", "--yes"}).finished.code != 0) {
    return "the apply before it fails";
  }
  std::vector<std::string> arguments = with_flags(one.command);
  const bool is_trick = one.strike.act == Act::trick;
  if (is_trick || one.strike.act == Act::stall) {
    arguments.insert(arguments.end(), {"--timeout", "1"});
  }
  const auto start = std::chrono::steady_clock::now();
  Watched watched = place.run(arguments, once(one), is_trick ? kMemoryMax : 0);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  if (time > kTimeMax) return "it took " + std::to_string(time.count()) + " s";
  if (is_not_as_measured(one, watched)) return std::nullopt;
  if (Problem problem = check_strike(one, watched); !problem.empty()) return problem;
  if (twin == Twin::false_end) watched.finished.code = 0;
  if (Problem problem = place.judge_end(one.command, watched); !problem.empty()) return problem;
  if (twin == Twin::lost_journal) lose_journal(place.state_folder());
  if (twin == Twin::spilled_secret) place.spill_secret();
  if (twin == Twin::others_object) place.remove_others_flow();
  return place.judge(one.command);
}

}  // namespace

bool is_mutation(const std::string& request) {
  return !request.starts_with("GET ") && !request.starts_with("POST /ims/");
}

std::string name_of(Twin twin) {
  switch (twin) {
    case Twin::none:
      return "none";
    case Twin::false_end:
      return "false end";
    case Twin::sent_twice:
      return "sent twice";
    case Twin::lost_journal:
      return "lost journal";
    case Twin::spilled_secret:
      return "spilled secret";
    case Twin::others_object:
      return "object of others";
  }
  return "";
}

std::string text_of(const Case& one) {
  std::string text = one.command + ", ";
  text += one.what.empty() ? "exchange " + std::to_string(one.exchange) : one.what;
  text += std::string(", ") + name_of(one.strike.where);
  const bool has_byte = one.strike.where == Where::request || one.strike.where == Where::reply;
  if (has_byte) text += " byte " + std::to_string(one.strike.byte);
  return text + ", " + (one.name.empty() ? name_of(one.strike.act) : one.name);
}

std::vector<Sizes> measure(Place& place, const std::string& command) {
  place.renew();
  if (command == "destroy" && place.run({"apply", "--yes"}).finished.code != 0) {
    throw std::runtime_error("apply fails");
  }
  const Watched watched = place.run(with_flags(command));
  if (watched.finished.code != 0) throw std::runtime_error(watched.finished.err);
  std::vector<Sizes> sizes;
  for (const Exchange& exchange : watched.exchanges)
    sizes.push_back(sizes_of(exchange));
  return sizes;
}

std::vector<Sizes> only_mutations(std::vector<Sizes> sizes) {
  std::erase_if(sizes, [](const Sizes& size) { return !is_mutation(size.what); });
  std::sort(sizes.begin(), sizes.end(),
            [](const Sizes& one, const Sizes& other) { return one.what < other.what; });
  return sizes;
}

std::vector<Sizes> longest(const std::vector<std::vector<Sizes>>& runs) {
  std::vector<Sizes> all = runs.at(0);
  for (const std::vector<Sizes>& run : runs) {
    if (run.size() != all.size()) throw std::runtime_error("two runs have not the same exchanges");
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (run[i].what != all[i].what) {
        throw std::runtime_error(all[i].what + " is " + run[i].what + " in another run");
      }
      all[i].request_head = std::max(all[i].request_head, run[i].request_head);
      all[i].request = std::max(all[i].request, run[i].request);
      all[i].status_line = std::max(all[i].status_line, run[i].status_line);
      all[i].reply_head = std::max(all[i].reply_head, run[i].reply_head);
      all[i].reply = std::max(all[i].reply, run[i].reply);
    }
  }
  return all;
}

std::vector<Case> boundaries(const std::vector<Sizes>& sizes, bool is_sample) {
  std::vector<Case> cases;
  std::size_t places = 0;
  const auto add_losses = [&](std::size_t exchange, Where where, std::size_t byte) {
    std::vector<Act> acts = {Act::kill, Act::end, Act::reset};
    if (is_sample) acts.erase(acts.begin() + (++places % 2 == 0 ? 1 : 2));
    add_each(cases, {"apply", exchange, {where, byte}}, acts);
  };
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Sizes& size = sizes[i];
    add_each(cases, {"apply", i, {Where::connect, 0}}, {Act::refuse});
    add_losses(i, Where::accept, 0);
    // At 0 the whole request has come in and none of it has gone on.
    std::vector<std::size_t> bytes = {0, size.request_head / 2, size.request - 1};
    if (size.request > size.request_head) {
      bytes.push_back(size.request_head);
      bytes.push_back((size.request_head + size.request) / 2);
    }
    for (const std::size_t byte : bytes)
      add_losses(i, Where::request, byte);
    bytes = {0, size.status_line / 2, (size.status_line + size.reply_head) / 2, size.reply - 1,
             size.reply};
    if (size.reply > size.reply_head) {
      bytes.push_back(size.reply_head);
      bytes.push_back((size.reply_head + size.reply) / 2);
    }
    for (const std::size_t byte : bytes)
      add_losses(i, Where::reply, byte);
    add_each(cases, {"apply", i, {Where::request, 0}}, {Act::stall});
    add_each(cases, {"apply", i, {Where::reply, 0}}, {Act::stall, Act::garbage});
    if (size.reply > size.reply_head) {
      add_each(cases, {"apply", i, {Where::reply, size.reply_head}}, {Act::stall, Act::garbage});
    }
  }
  return cases;
}

std::vector<Case> deletions(const std::vector<Sizes>& sizes, bool is_sample) {
  std::vector<Case> cases = boundaries(sizes, false);
  std::erase_if(cases, [is_sample](const Case& one) {
    if (one.strike.where == Where::request) return is_sample && one.strike.act != Act::kill;
    return one.strike.where != Where::reply;
  });
  for (Case& one : cases) {
    one.command = "destroy";
    one.what = sizes[one.exchange].what;
  }
  return cases;
}

std::vector<Case> hostile(const std::vector<Sizes>& sizes, const std::vector<NamedTrick>& tricks,
                          bool is_sample) {
  constexpr std::size_t kEach = 5;
  std::vector<Case> cases;
  for (std::size_t trick = 0; trick < tricks.size(); ++trick) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (is_sample && ((i + trick) % kEach != 0 || tricks[trick].is_slow)) continue;
      if (tricks[trick].is_lie && is_mutation(sizes[i].what)) continue;
      Case one = {"apply", i, {Where::reply, 0, Act::trick, false, tricks[trick].play}};
      one.name = tricks[trick].name;
      cases.push_back(one);
    }
  }
  return cases;
}

std::size_t count_bytes(const std::vector<Sizes>& sizes) {
  std::size_t count = 0;
  for (const Sizes& size : sizes)
    count += 2 * (size.request + size.reply + 1);
  return count;
}

Case byte_case(const std::vector<Sizes>& sizes, std::size_t number) {
  const Act act = number % 2 == 0 ? Act::kill : Act::reset;
  std::size_t byte = number / 2;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (byte < sizes[i].request)
      return {"apply", i, {Where::request, byte, act}, {}, sizes[i].request};
    byte -= sizes[i].request;
    // All of a reply may come, too, and be the last that comes.
    if (byte <= sizes[i].reply) return {"apply", i, {Where::reply, byte, act}, {}, sizes[i].reply};
    byte -= sizes[i].reply + 1;
  }
  throw std::runtime_error("there are not so many bytes");
}

Problem play(Place& place, const Case& one, Twin twin) {
  for (int tries = 1; tries <= kTriesMax; ++tries) {
    const std::optional<Problem> problem = play_once(place, one, twin);
    if (problem) return *problem;
  }
  return "it is never as it was measured";
}

Problem find(Place& place, std::size_t exchange, Twin twin) {
  Case one = {"apply", exchange, {Where::reply, 0, Act::kill}};
  if (twin == Twin::sent_twice) {
    one.strike.act = Act::reset;
    one.strike.resends = true;
  }
  const Problem problem = play(place, one, twin);
  const std::map<Twin, std::string> words = {{Twin::false_end, "exits with 0, but "},
                                             {Twin::sent_twice, "may be it: "},
                                             {Twin::lost_journal, "that this state does not own"},
                                             {Twin::spilled_secret, "was printed or written"},
                                             {Twin::others_object, "somebody else's"}};
  if (problem.find(words.at(twin)) == std::string::npos) {
    return "it is not found, but this: " + problem;
  }
  // That something is there twice the program says itself, and the platform must say it, too.
  const bool is_twice = place.has_twice();
  if (is_twice == (twin == Twin::sent_twice)) return {};
  return is_twice ? "there is something twice" : "there is nothing twice";
}

}  // namespace sluice::wire
