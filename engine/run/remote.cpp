#include "run/remote.hpp"

#include "core/fatal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::run {

namespace {

// What is forbidden on an object by its access labels.
constexpr const char* kHidden = "FLOW-2120-403";
constexpr Millis kFirstPause{500};
constexpr Millis kLongestPause{4000};
constexpr Millis kSettleLimit{60'000};
constexpr int kVersionsMax = 10'000;

// Of one list. A sandbox holds some ten thousands of objects.
constexpr std::size_t kPagesMax = 10'000;
constexpr std::size_t kListedMax = 1'000'000;
constexpr std::size_t kListBytesMax = std::size_t{1} << 30U;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool is_any(const Observed& /*object*/) {
  return true;
}

/// The path of a request without its query, which may be long.
std::string path_of(const http::Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

std::string advice_for(const http::ApiError& error) {
  if (error.sandbox_unknown) {
    return "Check the sandbox in the spec (platform.sandbox), --sandbox or AEP_SANDBOX, and that "
           "these credentials may use it.";
  }
  if (error.rejected_credentials) {
    return "Check AEP_ACCESS_TOKEN, AEP_API_KEY and AEP_ORG_ID, or AEP_CLIENT_ID and "
           "AEP_CLIENT_SECRET.";
  }
  if (error.status == 403) return "The credentials lack a permission; ask the org's administrator.";
  if (error.status >= 500) return "The platform had trouble; run the command again.";
  return {};
}

}  // namespace

std::int64_t version_of(const Json& facts) {
  const auto found = facts.find("version");
  return found != facts.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Remote::Remote(http::Session& session, http::EventLoop& loop, const kinds::Registry& registry,
               Slots& slots)
    : session_(session), loop_(loop), registry_(registry), slots_(slots) {
  session_.set_on_throttled([&slots] { slots.throttled(); });
}

http::Task<http::Outcome> Remote::send(http::Request request) {
  co_await slots_.acquire();
  http::Outcome outcome = co_await send_holding_slot(std::move(request));
  slots_.release();
  // Whoever has the slot now sends before work goes into this answer.
  co_await loop_.yield();
  co_return outcome;
}

http::Task<http::Outcome> Remote::send_holding_slot(http::Request request) {
  ++calls_;
  http::Outcome outcome = co_await session_.send(std::move(request));
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response != nullptr && response->status != 429) slots_.went_well();
  co_return outcome;
}

void give_up(const Trouble& trouble) {
  ExitCode code = trouble.conflict ? ExitCode::conflict : ExitCode::failed;
  if (trouble.credentials) code = ExitCode::credentials;
  throw Fatal(code, trouble.what, trouble.advice);
}

Trouble Remote::trouble(const http::Request& request, const http::Outcome& outcome) const {
  const std::string call = request.method + " " + path_of(request);
  if (const auto& failure = session_.credential_failure()) {
    return {failure->what, failure->detail, true, false};
  }
  if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
    return {call + ": " + failure->what,
            "Check the endpoint and the network, then run the command again.", false, false};
  }
  const auto& response = std::get<http::Response>(outcome);
  if (is_success(response.status)) {
    return {
        fmt::format("{}: the reply ({}) is not what the platform documents", call, response.status),
        "Is this endpoint Adobe Experience Platform?", false, false};
  }
  const http::ApiError error = session_.read_error(response);
  std::string what = fmt::format("{}: {}", call, response.status);
  if (!error.code.empty()) what += " " + error.code;
  if (!error.message.empty()) what += ": " + error.message;
  return {what, advice_for(error), error.rejected_credentials, false};
}

http::Task<ReadResult> Remote::read_by(const kinds::Kind& kind, http::Request request) {
  const http::Outcome outcome = co_await send(request);
  co_return understood(kind, request, outcome);
}

ReadResult Remote::understood(const kinds::Kind& kind, const http::Request& request,
                              const http::Outcome& outcome) const {
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response == nullptr) return trouble(request, outcome);
  if (!is_success(response->status)) {
    const http::ApiError error = session_.read_error(*response);
    if (kind.gone_has_code ? error.gone_by_code : error.gone) return Gone{};
    return trouble(request, outcome);
  }
  if (std::optional<Observed> object = kind.parse(*response)) return std::move(*object);
  if (kind.says_gone && kind.says_gone(*response)) return Gone{};
  return trouble(request, outcome);
}

http::Task<ReadResult> Remote::read(std::string kind, std::string id, std::int64_t known_version) {
  const kinds::Kind& what = registry_.at(kind);
  ReadResult result = co_await read_by(what, what.read(id));
  if (what.guard != kinds::Guard::version) co_return result;
  const auto* object = std::get_if<Observed>(&result);
  // Without a version asked for, the platform may tell of the first one instead of the newest.
  if (object != nullptr && version_of(object->facts) < known_version) {
    result = co_await read_by(what, what.read_version(id, known_version));
  }
  co_return result;
}

http::Task<ReadResult> Remote::read_newest(std::string kind, std::string id,
                                           std::int64_t known_version) {
  ReadResult newest = co_await read_settled(kind, id, known_version);
  if (registry_.at(kind).guard != kinds::Guard::version) co_return newest;
  for (int looks = 0; looks < kVersionsMax; ++looks) {
    const auto* object = std::get_if<Observed>(&newest);
    if (object == nullptr) co_return newest;
    ReadResult next = co_await read_version(kind, id, version_of(object->facts) + 1);
    if (std::holds_alternative<Gone>(next)) co_return newest;
    newest = std::move(next);
  }
  co_return Trouble{"The versions of " + id + " do not end", {}, false, false};
}

http::Task<ReadResult> Remote::read_version(std::string kind, std::string id,
                                            std::int64_t version) {
  const kinds::Kind& what = registry_.at(kind);
  const http::Request request = what.read_version(id, version);
  const http::Outcome outcome = co_await send(request);
  // Data Prep documents no 404: a version that is not there may be a bad request.
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response != nullptr && response->status == 400) co_return Gone{};
  ReadResult result = understood(what, request, outcome);
  const auto* object = std::get_if<Observed>(&result);
  if (object != nullptr && version_of(object->facts) != version) co_return Gone{};
  co_return result;
}

http::Task<ReadResult> Remote::settle(std::string kind, std::string id) {
  const kinds::Kind& what = registry_.at(kind);
  const Millis limit = loop_.clock().monotonic() + kSettleLimit;
  Millis pause = kFirstPause;
  while (true) {
    ReadResult result = co_await read_by(what, what.read(id));
    const auto* object = std::get_if<Observed>(&result);
    const bool moving = object != nullptr && kinds::is_transitional(*object);
    if (!moving || loop_.hurried() || loop_.clock().monotonic() >= limit) co_return result;
    co_await loop_.sleep(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

http::Task<ReadResult> Remote::settle_after_write(std::string kind, std::string id) {
  const kinds::Kind& what = registry_.at(kind);
  const http::Request request = what.read(id);
  const Millis limit = loop_.clock().monotonic() + kSettleLimit;
  ReadResult result = Trouble{"The run was stopped before " + id + " was ready",
                              "Run apply again; nothing will be made twice.", false, false};
  for (Millis pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    co_await loop_.sleep(pause);
    co_await slots_.acquire_last();
    if (loop_.hurried()) {
      slots_.release();
      co_return result;
    }
    const http::Outcome outcome = co_await send_holding_slot(request);
    slots_.release();
    co_await loop_.yield();
    result = understood(what, request, outcome);
    const auto* object = std::get_if<Observed>(&result);
    const bool moving = object != nullptr && kinds::is_transitional(*object);
    if (!moving || loop_.clock().monotonic() >= limit) co_return result;
  }
}

http::Task<ReadResult> Remote::read_settled(std::string kind, std::string id,
                                            std::int64_t known_version) {
  if (registry_.at(kind).settles) {
    ReadResult settled = co_await settle(kind, id);
    co_return settled;
  }
  ReadResult result = co_await read(kind, id, known_version);
  co_return result;
}

http::Task<ReadResult> Remote::await_gone(std::string kind, std::string id, Millis limit) {
  const kinds::Kind& what = registry_.at(kind);
  const Millis end = loop_.clock().monotonic() + limit;
  Millis pause = kFirstPause;
  while (true) {
    ReadResult result = co_await read_by(what, what.read(id));
    const bool there = std::holds_alternative<Observed>(result);
    if (!there || loop_.hurried() || loop_.clock().monotonic() >= end) co_return result;
    co_await loop_.sleep(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

http::Task<std::optional<Trouble>> Remote::doubt_gone(std::string kind,
                                                      std::map<std::string, std::string> names) {
  const kinds::Kind& what = registry_.at(kind);
  if (!what.list || !what.has_name) co_return std::nullopt;
  std::vector<std::string> wanted;
  for (const auto& [id, name] : names)
    wanted.push_back(name);
  FindResult listed = co_await find(kind, std::move(wanted), Untold::keep);
  if (auto* trouble = std::get_if<Trouble>(&listed)) co_return std::move(*trouble);
  for (const Observed& object : std::get<std::vector<Observed>>(listed)) {
    if (!names.contains(object.id)) continue;
    co_return Trouble{
        fmt::format("The platform lists the {} {} and says of it that it does not exist", what.noun,
                    object.id),
        "It may be about to appear or to go. Nothing was changed; run the command again in a "
        "minute.",
        false, true};
  }
  co_return std::nullopt;
}

http::Task<std::optional<Trouble>> Remote::doubt_hidden(std::string kind, std::string id,
                                                        std::string name) {
  const kinds::Kind& what = registry_.at(kind);
  if (!what.hidden_probe) co_return std::nullopt;
  const http::Request request = what.hidden_probe(id, name);
  const http::Outcome outcome = co_await send(request);
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response != nullptr && session_.read_error(*response).gone_by_code) co_return std::nullopt;
  Trouble doubt = trouble(request, outcome);
  const bool is_there = response != nullptr &&
                        (response->status == 412 || session_.read_error(*response).code == kHidden);
  if (!is_there || doubt.credentials) co_return doubt;
  co_return Trouble{
      fmt::format("A read does not find the {} {}, and yet it exists: {}", what.noun, id,
                  doubt.what),
      "An access label may hide it. Nothing was made or forgotten. Have the label's permission "
      "given to these credentials; or, if it is to be left alone, let the state forget it with "
      "`sluice state rm`.",
      false, true};
}

http::Task<std::optional<Trouble>> Remote::doubt_still_gone(std::string kind, std::string id,
                                                            std::string name) {
  const ReadResult read_again = co_await read(kind, id, 0);
  if (const auto* trouble = std::get_if<Trouble>(&read_again)) co_return *trouble;
  if (std::holds_alternative<Observed>(read_again)) {
    co_return Trouble{fmt::format("The {} {}, which the plan took for gone, is there",
                                  registry_.at(kind).noun, id),
                      "Nothing was made or forgotten. Plan again.", false, true};
  }
  std::optional<Trouble> doubt = co_await doubt_hidden(kind, id, name);
  co_return doubt;
}

http::Task<std::optional<Trouble>> Remote::doubt_all(std::string kind, std::string id,
                                                     std::string name) {
  std::map<std::string, std::string> names;
  names[id] = name;
  std::optional<Trouble> doubt = co_await doubt_gone(kind, std::move(names));
  if (!doubt) doubt = co_await doubt_hidden(kind, id, name);
  co_return doubt;
}

http::Task<PageResult> Remote::page(std::string kind, PagedList& listing) {
  const kinds::Kind& what = registry_.at(kind);
  http::Request& request = listing.request;
  const http::Outcome outcome = co_await send(request);
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response == nullptr || !is_success(response->status)) co_return trouble(request, outcome);
  std::optional<kinds::Page> page = what.parse_page(*response, request);
  if (!page) co_return trouble(request, outcome);
  listing.asked.insert(request.target);
  listing.objects += page->objects.size();
  listing.bytes += response->body.size();
  const std::string list = "GET " + path_of(request) + ": the list of " + what.noun + "s ";
  const std::string advice = "Is this endpoint Adobe Experience Platform?";
  if (listing.asked.contains(page->next)) {
    co_return Trouble{
        fmt::format("{}does not end: page {} leads back to one before", list, listing.asked.size()),
        advice, false, false};
  }
  const bool is_too_long = listing.objects > kListedMax || listing.bytes > kListBytesMax ||
                           (listing.asked.size() == kPagesMax && !page->next.empty());
  if (is_too_long) {
    co_return Trouble{fmt::format("{}does not end within {} pages, {} objects or {} MiB", list,
                                  kPagesMax, kListedMax, kListBytesMax >> 20U),
                      advice, false, false};
  }
  request.target = page->next;
  co_return std::move(*page);
}

http::Task<FindResult> Remote::all_pages(const kinds::Kind& kind, http::Request request,
                                         std::function<bool(const Observed&)> is_kept) {
  std::vector<Observed> found;
  PagedList listing(std::move(request));
  while (true) {
    PageResult result = co_await page(kind.rules.kind, listing);
    if (auto* trouble = std::get_if<Trouble>(&result)) co_return std::move(*trouble);
    auto* page = std::get_if<kinds::Page>(&result);
    for (Observed& object : page->objects) {
      if (is_kept(object)) found.push_back(std::move(object));
    }
    if (page->next.empty()) co_return found;
  }
}

http::Task<FindResult> Remote::list(std::string kind) {
  const kinds::Kind& what = registry_.at(kind);
  const std::vector<std::string> no_names;
  FindResult result = co_await all_pages(what, what.list(no_names), is_any);
  co_return result;
}

http::Task<FindResult> Remote::find(std::string kind, std::vector<std::string> names,
                                    Untold untold) {
  const kinds::Kind& what = registry_.at(kind);
  const std::set<std::string> wanted(names.begin(), names.end());
  // A list may be long, so what is not looked for goes with its page.
  const std::function<bool(const Observed&)> is_wanted = [&](const Observed& object) {
    const auto name = object.fields.find("name");
    if (name == object.fields.end() || !name->second.is_string()) return untold == Untold::keep;
    return wanted.contains(name->second.get_ref<const std::string&>());
  };
  FindResult result = co_await all_pages(what, what.list(names), is_wanted);
  co_return result;
}

http::Task<FindResult> Remote::find_candidates(std::string kind, Fields inputs) {
  const kinds::Kind& what = registry_.at(kind);
  FindResult result = co_await all_pages(what, what.candidates(inputs), is_any);
  co_return result;
}

http::Task<TextResult> Remote::tenant() {
  if (!tenant_.empty()) co_return tenant_;
  const http::Request request = kinds::tenant_request();
  const http::Outcome outcome = co_await send(request);
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response != nullptr && is_success(response->status)) {
    tenant_ = kinds::parse_tenant(*response);
  }
  if (tenant_.empty()) co_return trouble(request, outcome);
  co_return tenant_;
}

http::Task<std::optional<Trouble>> Remote::probe() {
  const http::Request request = kinds::probe_request();
  const http::Outcome outcome = co_await send(request);
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response != nullptr && is_success(response->status)) co_return std::nullopt;
  co_return trouble(request, outcome);
}

}  // namespace sluice::run
