#include "store/lock_holder.hpp"

#include "core/json.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

namespace sluice::store {

std::string holder_to_text(const LockHolder& holder) {
  const Json json = {{"id", holder.id},           {"operation", holder.operation},
                     {"who", holder.who},         {"host", holder.host},
                     {"pid", holder.pid},         {"command", holder.command},
                     {"created", holder.created}, {"job_url", holder.job_url}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

LockHolder holder_from_text(std::string_view text) {
  LockHolder holder;
  try {
    const Json json = Json::parse(text);
    json.at("id").get_to(holder.id);
    json.at("operation").get_to(holder.operation);
    json.at("who").get_to(holder.who);
    json.at("host").get_to(holder.host);
    json.at("pid").get_to(holder.pid);
    json.at("command").get_to(holder.command);
    json.at("created").get_to(holder.created);
    json.at("job_url").get_to(holder.job_url);
  } catch (const Json::exception&) {
    return {};
  }
  return holder;
}

std::string held_since(const LockHolder& holder, Millis now) {
  std::string text = "since " + holder.created;
  const auto created = from_utc_text(holder.created);
  if (created && *created <= now) text += ", for " + span_text(now - *created);
  return text;
}

Fatal locked_error(const std::string& state_path, const LockHolder& holder, Millis now) {
  std::string detail;
  if (holder.id.empty()) {
    detail = "The lock's file does not tell which run that is. ";
  } else {
    detail = fmt::format("`{}` of {} holds it (process {} on {}, {}; lock {}). ", holder.command,
                         holder.who, holder.pid, holder.host, held_since(holder, now), holder.id);
  }
  if (!holder.job_url.empty()) detail += fmt::format("Its CI job: {}. ", holder.job_url);
  detail +=
      "Wait for it to end, or let --lock-timeout wait. The lock of a run that died is free at "
      "once, so this run is alive";
  detail += holder.id.empty()
                ? "."
                : fmt::format(
                      "; only a network file system may keep a dead run's lock, and then "
                      "`sluice unlock {}` helps. Do not delete the lock's file: a run that lost "
                      "its lock cannot save the state.",
                      holder.id);
  return Fatal(ExitCode::locked, "The state " + state_path + " is locked by another run", detail);
}

}  // namespace sluice::store
