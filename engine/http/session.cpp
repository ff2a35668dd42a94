#include "http/session.hpp"

#include "http/json_body.hpp"
#include "http/printable.hpp"
#include "http/retry.hpp"
#include "http/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace sluice::http {

namespace {

constexpr Millis kNever{std::numeric_limits<Millis::rep>::max()};
// A token is renewed this much before its end, so that a slow call does not carry it past it.
constexpr Millis kRenewEarly{300'000};
constexpr Millis kShortLife{1'200'000};

// A call that waits for longer is told of, and then now and then.
constexpr Millis kSilence{10'000};
constexpr Millis kTellEvery{30'000};

// A platform that cannot be reached at all is more often a wrong name than a passing trouble.
constexpr int kTriesWithoutContact = 5;

bool same_name(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&lower](char a, char b) { return lower(a) == lower(b); });
}

void set_header(Request& request, const std::string& name, const std::string& value) {
  request.headers[name] = value;
}

void set_header_if_absent(Request& request, const std::string& name, const std::string& value) {
  const bool present = std::any_of(request.headers.begin(), request.headers.end(),
                                   [&name](const auto& h) { return same_name(h.first, name); });
  if (!present) set_header(request, name, value);
}

// Why nothing may be sent to `address`; nullopt when it may.
std::optional<Failure> refusal_of(const std::string& address) {
  const std::optional<Origin> origin = parse_origin(address);
  if (!origin)
    return Failure{fmt::format("\"{}\" is no address of the form https://host", address), false,
                   true};
  if (may_carry_credentials(*origin)) return std::nullopt;
  return Failure{fmt::format("{} would send credentials in the clear to {}; use https://",
                             origin->scheme + "://", origin->host),
                 false, true};
}

std::string in_words(const ApiError& error) {
  const std::string code = error.code.empty() ? "" : ", " + error.code;
  return fmt::format("{}{}: {}", error.status, code, error.message);
}

struct Tries {
  Millis start;
  int count = 0;
  int without_contact = 0;  // At the end of the row.
};

struct Token {
  Secret value;
  Millis life = kNever;
};

// A token goes into a header as it is, so it must be visible ASCII throughout.
bool is_token(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<Token> read_token(const Response& response) {
  const std::optional<Json> body = parse_json(response.body);
  if (!body || !body->is_object()) return std::nullopt;
  const auto found = body->find("access_token");
  if (found == body->end() || !found->is_string()) return std::nullopt;
  Token token;
  token.value = Secret(found->get<std::string>());
  if (!is_token(token.value.reveal())) return std::nullopt;
  const auto life = body->find("expires_in");
  if (life == body->end() || !life->is_number()) return token;
  // Seconds by contract; some grants answer in milliseconds, and no token lives for eleven days.
  const double number = life->get<double>();
  const double millis = number > 1e6 ? number : number * 1000;
  if (millis >= 1 && millis < 1e15) token.life = Millis(static_cast<Millis::rep>(millis));
  return token;
}

Millis useful_part(Millis life) {
  return life < kShortLife ? life * 3 / 4 : life - kRenewEarly;
}

}  // namespace

struct Session::Impl {
  Impl(EventLoop& loop_in, Random& random_in, Redactor& redactor_in, SessionOptions options_in)
      : loop(loop_in),
        random(random_in),
        redactor(redactor_in),
        options(std::move(options_in)),
        token(options.credentials.access_token),
        given(!token.empty()) {
    redactor.learn(token);
    redactor.learn(options.credentials.client_secret);
  }

  Task<Outcome> send(Request request);
  Task<std::optional<Failure>> renew();
  Task<std::optional<Failure>> fetch();
  Task<Outcome> exchange_patiently(Request request);

  Request token_request() const;
  void add_headers(Request& request) const;
  bool token_is_due() const;
  std::optional<Millis> wait_before_next(const Outcome& outcome, bool repeatable, Tries& tries);
  void tell_wait(const Outcome& outcome, Millis left);
  void note_date(const Response& response);
  void note_rejection(const Response& response);
  void reject(std::string what, std::string detail);
  Failure dead_call() const;
  Millis server_time() const;

  // Suspends until the token fetch that is under way has ended.
  struct FetchEnd {
    Impl& impl;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { impl.waiting.push_back(waiter); }
    void await_resume() const noexcept {}
  };

  EventLoop& loop;
  Random& random;
  Redactor& redactor;
  SessionOptions options;
  std::optional<CredentialFailure> credential_failure;
  std::function<void()> on_throttled;
  std::function<void(const std::string& what, Millis left)> on_wait;
  Millis tell_next{0};

  Secret token;
  bool given;                    // By the user; it cannot be renewed.
  Millis renew_at = kNever;      // By monotonic time.
  std::uint64_t generation = 0;  // Counts the tokens fetched.
  bool fetching = false;
  std::optional<Failure> fetch_failure;  // How the last fetch ended.
  std::vector<std::coroutine_handle<>> waiting;

  std::optional<Millis> last_date;  // Of the platform, epoch.
  Millis last_date_at{0};           // By monotonic time.
};

Task<Outcome> Session::Impl::send(Request request) {
  if (const std::optional<Failure> refusal = refusal_of(options.endpoint)) co_return *refusal;
  request.origin = options.endpoint;
  bool renewed = false;
  Tries tries{loop.clock().monotonic()};
  while (true) {
    if (credential_failure) co_return dead_call();
    if (token_is_due()) {
      const std::optional<Failure> failed = co_await renew();
      if (failed) co_return *failed;
    }
    const std::uint64_t used = generation;
    Request ready = request;
    add_headers(ready);
    const Outcome outcome = co_await loop.exchange(std::move(ready));
    const auto* response = std::get_if<Response>(&outcome);
    if (response != nullptr) note_date(*response);

    if (response != nullptr && response->status == 401 && !given && !renewed &&
        !credential_failure) {
      renewed = true;
      if (used == generation) {
        const std::optional<Failure> failed = co_await renew();
        if (failed) co_return *failed;
      }
      continue;
    }
    if (response != nullptr) note_rejection(*response);
    if (response != nullptr && response->status == 429 && on_throttled) on_throttled();

    // A call that came to no answer may be repeated if the platform cannot have seen it.
    const auto* failure = std::get_if<Failure>(&outcome);
    const bool repeatable = request.is_read() || (failure != nullptr && !failure->maybe_sent) ||
                            (response != nullptr && response->status == 429);
    const std::optional<Millis> delay = wait_before_next(outcome, repeatable, tries);
    if (!delay) co_return outcome;
    co_await loop.sleep(*delay);
    if (loop.hurried()) co_return outcome;
  }
}

// How long to wait before another try; nullopt when `outcome` is to be given back.
std::optional<Millis> Session::Impl::wait_before_next(const Outcome& outcome, bool repeatable,
                                                      Tries& tries) {
  if (!repeatable || !is_passing_trouble(outcome) || loop.hurried()) return std::nullopt;
  ++tries.count;
  const auto* failure = std::get_if<Failure>(&outcome);
  const bool contact = failure == nullptr || failure->maybe_sent;
  tries.without_contact = contact ? 0 : tries.without_contact + 1;
  if (tries.without_contact == kTriesWithoutContact) return std::nullopt;
  const auto* response = std::get_if<Response>(&outcome);
  const std::optional<Millis> asked =
      response == nullptr ? std::nullopt : retry_after(*response, server_time());
  const Millis delay = retry_delay(tries.count, asked, random.next());
  const Millis so_far = loop.clock().monotonic() - tries.start;
  if (so_far + delay > options.patience) return std::nullopt;
  if (so_far + delay >= kSilence) tell_wait(outcome, options.patience - so_far);
  return delay;
}

// Many calls wait at a time, and one of them is enough to say so.
void Session::Impl::tell_wait(const Outcome& outcome, Millis left) {
  const Millis now = loop.clock().monotonic();
  if (!on_wait || now < tell_next) return;
  tell_next = now + kTellEvery;
  const auto* response = std::get_if<Response>(&outcome);
  const std::string what = response == nullptr ? std::get<Failure>(outcome).what
                                               : in_words(read_api_error(*response, redactor));
  on_wait(what, left);
}

bool Session::Impl::token_is_due() const {
  return token.empty() || loop.clock().monotonic() >= renew_at;
}

void Session::Impl::add_headers(Request& request) const {
  const Credentials& who = options.credentials;
  set_header(request, "Authorization", "Bearer " + token.reveal());
  set_header(request, "x-api-key", who.api_key.empty() ? who.client_id : who.api_key);
  set_header(request, "x-gw-ims-org-id", who.org);
  set_header(request, "x-sandbox-name", options.sandbox);
  set_header_if_absent(request, "Accept", "application/json");
  if (!request.body.empty()) set_header_if_absent(request, "Content-Type", "application/json");
}

// One fetch serves every call that needs a token; whoever comes while it is under way shares its
// end, good or bad.
Task<std::optional<Failure>> Session::Impl::renew() {
  if (fetching) {
    co_await FetchEnd{*this};
    co_return fetch_failure;
  }
  fetching = true;
  const std::optional<Failure> failed = co_await fetch();
  fetching = false;
  fetch_failure = failed;
  for (const std::coroutine_handle<> waiter : std::exchange(waiting, {}))
    loop.resume_soon(waiter);
  co_return failed;
}

Request Session::Impl::token_request() const {
  const Credentials& who = options.credentials;
  Request request;
  request.method = "POST";
  request.origin = options.ims;
  request.target = "/ims/token/v3";
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "grant_type=client_credentials&client_id=" + percent_encode(who.client_id) +
                 "&client_secret=" + percent_encode(who.client_secret.reveal()) +
                 "&scope=" + percent_encode(who.scopes);
  return request;
}

Task<std::optional<Failure>> Session::Impl::fetch() {
  if (const std::optional<Failure> refusal = refusal_of(options.ims)) co_return refusal;
  const Millis asked_at = loop.clock().monotonic();
  Request request = token_request();
  const Outcome outcome = co_await exchange_patiently(std::move(request));
  if (const auto* failure = std::get_if<Failure>(&outcome)) {
    // The call that needed the token has not been sent, whatever became of this one.
    co_return Failure{"no token was fetched: " + failure->what, false, true};
  }
  const auto& response = std::get<Response>(outcome);
  if (response.status == 200) {
    std::optional<Token> fetched = read_token(response);
    if (!fetched)
      co_return Failure{
          fmt::format("no token was fetched: the reply of {} holds none", options.ims), false,
          true};
    token = std::move(fetched->value);
    redactor.learn(token);
    renew_at = fetched->life == kNever ? kNever : asked_at + useful_part(fetched->life);
    ++generation;
    co_return std::nullopt;
  }
  const std::string reason = in_words(read_api_error(response, redactor));
  if (response.status >= 400 && response.status < 500 && !is_passing_trouble(outcome)) {
    reject(fmt::format("{} gave no token to client {} ({})", options.ims,
                       options.credentials.client_id, reason),
           "Check the client id, the client secret and the scopes against the project's OAuth "
           "Server-to-Server credential, and that the secret has not been deleted there.");
    co_return dead_call();
  }
  co_return Failure{fmt::format("no token was fetched: {} answered {}", options.ims, reason), false,
                    true};
}

// For the token: asking twice does no harm, so any passing trouble is waited out.
Task<Outcome> Session::Impl::exchange_patiently(Request request) {
  Tries tries{loop.clock().monotonic()};
  while (true) {
    const Outcome outcome = co_await loop.exchange(request);
    const std::optional<Millis> delay = wait_before_next(outcome, true, tries);
    if (!delay) co_return outcome;
    co_await loop.sleep(*delay);
    if (loop.hurried()) co_return outcome;
  }
}

void Session::Impl::note_date(const Response& response) {
  const auto found = response.headers.find("date");
  if (found == response.headers.end()) return;
  const std::optional<Millis> date = parse_http_date(found->second);
  if (!date) return;
  last_date = date;
  last_date_at = loop.clock().monotonic();
}

Millis Session::Impl::server_time() const {
  if (!last_date) return Millis(0);
  return *last_date + loop.clock().monotonic() - last_date_at;
}

void Session::Impl::note_rejection(const Response& response) {
  if (response.status < 400 || response.status > 403) return;
  const ApiError error = read_api_error(response, redactor);
  if (!error.rejected_credentials) return;
  const bool wants_key = error.code == "403000" || error.code == "403003";
  const bool wants_org = error.code == "400003" || error.code == "403025";
  const std::string advice =
      wants_key   ? "Check AEP_API_KEY: it is the client id of a project that may use Experience "
                    "Platform."
      : wants_org ? "Check AEP_ORG_ID, which ends in @AdobeOrg, and that the project belongs to it."
      : given
          ? "Give a new access token; this one has expired, or is not for this organisation and "
            "API key."
          : "Check that the client id, the API key and the organisation belong together, and that "
            "the project has access to Experience Platform.";
  reject(fmt::format("{} rejected the credentials ({})", options.endpoint, in_words(error)),
         advice);
}

void Session::Impl::reject(std::string what, std::string detail) {
  const std::string& source = options.credentials.source;
  if (!source.empty()) detail += " They come from " + source + ".";
  if (!credential_failure) credential_failure = {std::move(what), std::move(detail)};
}

Failure Session::Impl::dead_call() const {
  return Failure{credential_failure->what, false, true};
}

Session::Session(EventLoop& loop, Random& random, Redactor& redactor, SessionOptions options)
    : impl_(std::make_unique<Impl>(loop, random, redactor, std::move(options))) {
}

Session::~Session() = default;

void Session::set_on_throttled(std::function<void()> on_throttled) {
  impl_->on_throttled = std::move(on_throttled);
}

void Session::set_on_wait(std::function<void(const std::string& what, Millis left)> on_wait) {
  impl_->on_wait = std::move(on_wait);
}

Task<Outcome> Session::send(Request request) {
  return impl_->send(std::move(request));
}

const std::optional<CredentialFailure>& Session::credential_failure() const {
  return impl_->credential_failure;
}

Millis Session::server_time() const {
  return impl_->server_time();
}

ApiError Session::read_error(const Response& response) const {
  return read_api_error(response, impl_->redactor);
}

std::string Session::told(std::string_view text) const {
  return printable(impl_->redactor.redact(text), kMessageBytesMax);
}

std::string Session::creator() const {
  const Credentials& credentials = options().credentials;
  return credentials.access_token.empty() ? credentials.client_id : std::string();
}

const SessionOptions& Session::options() const {
  return impl_->options;
}

}  // namespace sluice::http
