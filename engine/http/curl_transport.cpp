#include "http/curl_transport.hpp"

#include "http/curl_library.hpp"
#include "http/printable.hpp"
#include "http/reply_reader.hpp"
#include "http/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

namespace sluice::http {

namespace {

struct Cleanup {
  const CurlLibrary* library;
  void operator()(CURL* easy) const { library->easy_cleanup(easy); }
  void operator()(curl_slist* list) const { library->slist_free_all(list); }
};
struct MultiCleanup {
  const CurlLibrary* library;
  void operator()(CURLM* multi) const { library->multi_cleanup(multi); }
};
using Easy = std::unique_ptr<CURL, Cleanup>;
using HeaderList = std::unique_ptr<curl_slist, Cleanup>;
using Multi = std::unique_ptr<CURLM, MultiCleanup>;

// A connection that idled longer is not trusted to be alive, since gateways drop them unseen, and a
// mutation that was lost with one costs a search for what became of it.
constexpr long kIdleSecondsMax = 15;

// An option that did not take could send credentials where they must not go, so none may fail.
template <class Value>
void set(const Easy& easy, CURLoption option, Value value) {
  const CURLcode code = easy.get_deleter().library->easy_setopt(easy.get(), option, value);
  assert(code == CURLE_OK);
}

long number_of(const Easy& easy, CURLINFO info) {
  long value = 0;
  easy.get_deleter().library->easy_getinfo(easy.get(), info, &value);
  return value;
}

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = list.get_deleter().library->slist_append(list.get(), line.c_str());
  assert(longer != nullptr);
  static_cast<void>(list.release());
  list.reset(longer);
}

std::string in_words(Millis time) {
  return time.count() % 1000 == 0 ? fmt::format("{} s", time.count() / 1000)
                                  : fmt::format("{} ms", time.count());
}

std::string host_in_words(const Origin& origin) {
  const bool ipv6 = origin.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + origin.host + "]" : origin.host;
  return origin.port == 0 ? host : fmt::format("{}:{}", host, origin.port);
}

// Why a request cannot be sent as it stands; empty when it can.
std::string refusal_of(const Request& request, const std::optional<Origin>& origin) {
  if (!origin) return fmt::format("\"{}\" is no origin", printable(request.origin, 100));
  if (!may_carry_credentials(*origin))
    return "http:// would send credentials in the clear to " + host_in_words(*origin);
  const std::string& target = request.target;
  if (!is_target(target))
    return fmt::format("\"{}\" is no path to ask {} for", printable(target, 100),
                       host_in_words(*origin));
  for (const auto& [name, value] : request.headers) {
    if (!is_header(name, value))
      return fmt::format("the header {} holds a control character", printable(name, 100));
  }
  return {};
}

// One exchange from its start to its end.
struct Exchange {
  explicit Exchange(const CurlLibrary& library)
      : easy(library.easy_init(), {&library}), headers(nullptr, {&library}) {
    assert(easy);
  }

  Request request;
  Transport::Done done;
  Origin origin;
  Easy easy;
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error_text{};
  std::size_t body_bytes_sent = 0;

  ReplyReader reply;

  std::string host() const { return host_in_words(origin); }
  std::size_t give_body(char* to, std::size_t room);
};

std::size_t Exchange::give_body(char* to, std::size_t room) {
  const std::size_t count = request.body.copy(to, room, body_bytes_sent);
  body_bytes_sent += count;
  return count;
}

// What libcurl calls; any count but the one it gave ends the exchange.
std::size_t on_header(char* data, std::size_t size, std::size_t count, void* exchange) noexcept {
  const std::string_view line(data, size * count);
  return static_cast<Exchange*>(exchange)->reply.take_header(line) ? line.size() : 0;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* exchange) noexcept {
  const std::string_view piece(data, size * count);
  return static_cast<Exchange*>(exchange)->reply.take_body(piece) ? piece.size() : 0;
}

std::size_t on_sending(char* to, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->give_body(to, size * count);
}

// The library asks for it when it wants to send a body a second time, which it must not.
int on_rewind(void*, curl_off_t, int) noexcept {
  return CURL_SEEKFUNC_FAIL;
}

void set_security(const Easy& easy, const CurlOptions& options, const Origin& origin) {
  set(easy, CURLOPT_PROTOCOLS_STR, origin.scheme.c_str());
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!options.ca_file.empty()) {
    // In place of what is built into the library, not besides it.
    set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
    set(easy, CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
    set(easy, CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  }
  // Set even when empty: else the library asks the environment. Plain http stays on this machine.
  set(easy, CURLOPT_PROXY, origin.scheme == "http" ? "" : options.proxy.c_str());
  set(easy, CURLOPT_NOPROXY, options.no_proxy.c_str());
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

// On a reused connection that turns out to be dead the library would send the request again. A body
// it has to rewind for that, and is not let; a mutation without one gets a connection of its own.
bool may_reuse(const Request& request) {
  return request.is_read() || !request.body.empty();
}

void set_behaviour(const Easy& easy, const CurlOptions& options, bool reuse) {
  set(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, options.connect_timeout.count());
  set(easy, CURLOPT_TIMEOUT_MS, options.timeout.count());
  set(easy, CURLOPT_MAXLIFETIME_CONN, 300L);
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_USERAGENT, "sluice");
  set(easy, CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  if (reuse) return;
  set(easy, CURLOPT_FRESH_CONNECT, 1L);
  set(easy, CURLOPT_FORBID_REUSE, 1L);
}

void set_request(Exchange& exchange) {
  const Easy& easy = exchange.easy;
  const Request& request = exchange.request;
  const std::string url = request.origin + request.target;
  set(easy, CURLOPT_URL, url.c_str());
  if (!request.is_read()) set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.is_read() && (!request.body.empty() || request.method != "DELETE")) {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_READFUNCTION, on_sending);
    set(easy, CURLOPT_READDATA, &exchange);
    set(easy, CURLOPT_SEEKFUNCTION, on_rewind);
  }
  // A name with nothing behind its colon keeps the library from adding a header of its own.
  append(exchange.headers, "Expect:");
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || lower_case(name) == "content-type";
    append(exchange.headers, value.empty() ? name + ";" : name + ": " + value);
  }
  if (!has_type) append(exchange.headers, "Content-Type:");
  set(easy, CURLOPT_HTTPHEADER, exchange.headers.get());
}

void set_callbacks(Exchange& exchange) {
  const Easy& easy = exchange.easy;
  set(easy, CURLOPT_HEADERFUNCTION, on_header);
  set(easy, CURLOPT_HEADERDATA, &exchange);
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, &exchange);
  set(easy, CURLOPT_ERRORBUFFER, exchange.error_text.data());
}

// True when the far end refused to pass us on, so that the request itself never left.
bool is_refused_by_proxy(const Exchange& exchange) {
  const long status = number_of(exchange.easy, CURLINFO_HTTP_CONNECTCODE);
  return status != 0 && status / 100 != 2;
}

bool maybe_sent(const Exchange& exchange, CURLcode code) {
  static constexpr std::array kBeforeSending = {
      CURLE_URL_MALFORMAT,        CURLE_COULDNT_RESOLVE_PROXY,
      CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
      CURLE_SSL_CONNECT_ERROR,    CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE,   CURLE_PROXY};
  if (std::find(kBeforeSending.begin(), kBeforeSending.end(), code) != kBeforeSending.end() ||
      is_refused_by_proxy(exchange))
    return false;
  return number_of(exchange.easy, CURLINFO_REQUEST_SIZE) > 0;
}

std::string what_happened(const Exchange& exchange, CURLcode code, const CurlOptions& options) {
  const std::string host = exchange.host();
  const std::string told = printable(exchange.error_text.data(), 200);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("the name {} could not be resolved", exchange.origin.host);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return fmt::format("the name of the proxy to {} could not be resolved", host);
    case CURLE_COULDNT_CONNECT:
      return number_of(exchange.easy, CURLINFO_OS_ERRNO) == ECONNREFUSED
                 ? fmt::format("the connection to {} was refused", host)
                 : fmt::format("no connection to {} could be made", host);
    case CURLE_OPERATION_TIMEDOUT:
      return number_of(exchange.easy, CURLINFO_REQUEST_SIZE) == 0
                 ? fmt::format("no connection to {} within {}", host,
                               in_words(std::min(options.connect_timeout, options.timeout)))
                 : fmt::format("no reply from {} within {}", host, in_words(options.timeout));
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:  // It would have sent a body a second time.
      return fmt::format("{} closed the connection without a reply", host);
    case CURLE_PARTIAL_FILE:
      return fmt::format("the reply of {} was cut short", host);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return fmt::format("the connection to {} was lost", host);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("the certificate of {} was not accepted: {}", host, told);
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("the CA file {} could not be read", options.ca_file);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("no TLS connection with {} came about: {}", host, told);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return fmt::format("what {} sent is no HTTP/1.1 reply", host);
    default:
      return fmt::format("the exchange with {} failed: {}", host,
                         exchange.easy.get_deleter().library->easy_strerror(code));
  }
}

Outcome outcome_of(Exchange& exchange, CURLcode code, const CurlOptions& options) {
  if (!exchange.reply.problem().empty()) return Failure{exchange.reply.problem(), true, true};
  if (code == CURLE_OK) {
    Response response = exchange.reply.take();
    response.status = static_cast<int>(number_of(exchange.easy, CURLINFO_RESPONSE_CODE));
    return response;
  }
  if (is_refused_by_proxy(exchange)) {
    const long status = number_of(exchange.easy, CURLINFO_HTTP_CONNECTCODE);
    return Failure{
        fmt::format("the proxy refused the connection to {} (HTTP {})", exchange.host(), status),
        false, status / 100 == 4};
  }
  const bool lasting = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
  return Failure{what_happened(exchange, code, options), maybe_sent(exchange, code), lasting};
}

}  // namespace

struct CurlTransport::Impl {
  explicit Impl(CurlOptions options_in) : options(std::move(options_in)) {
    assert(multi);
    library.multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                         long{options.connections_max});
    library.multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, long{options.connections_max});
  }

  ~Impl() {
    for (const auto& [easy, exchange] : under_way)
      library.multi_remove_handle(multi.get(), easy);
  }

  void advance();
  bool deliver();

  CurlOptions options;
  CurlLibrary library;
  Multi multi{library.multi_init(), {&library}};
  std::map<CURL*, std::unique_ptr<Exchange>> under_way;
  std::vector<std::pair<Done, Outcome>> ended;
};

// Lets libcurl work and collects what came to an end.
void CurlTransport::Impl::advance() {
  int running = 0;
  library.multi_perform(multi.get(), &running);
  int left = 0;
  while (const CURLMsg* message = library.multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto found = under_way.find(message->easy_handle);
    assert(found != under_way.end());
    Exchange& exchange = *found->second;
    ended.emplace_back(std::move(exchange.done), outcome_of(exchange, code, options));
    library.multi_remove_handle(multi.get(), found->first);
    under_way.erase(found);
  }
}

bool CurlTransport::Impl::deliver() {
  const std::vector<std::pair<Done, Outcome>> now = std::exchange(ended, {});
  for (const auto& [done, outcome] : now)
    done(outcome);
  return !now.empty();
}

CurlTransport::CurlTransport(CurlOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {
}

CurlTransport::~CurlTransport() = default;

void CurlTransport::start(Request request, Done done) {
  const std::optional<Origin> origin = parse_origin(request.origin);
  if (std::string refusal = refusal_of(request, origin); !refusal.empty()) {
    impl_->ended.emplace_back(std::move(done), Failure{std::move(refusal), false, true});
    return;
  }
  auto exchange = std::make_unique<Exchange>(impl_->library);
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  exchange->origin = *origin;
  exchange->reply =
      ReplyReader(exchange->host(), impl_->options.header_bytes_max, impl_->options.body_bytes_max);
  set_security(exchange->easy, impl_->options, exchange->origin);
  set_behaviour(exchange->easy, impl_->options, may_reuse(exchange->request));
  set_request(*exchange);
  set_callbacks(*exchange);
  CURL* easy = exchange->easy.get();
  impl_->under_way.emplace(easy, std::move(exchange));
  const CURLMcode code = impl_->library.multi_add_handle(impl_->multi.get(), easy);
  assert(code == CURLM_OK);
}

void CurlTransport::poll(Millis wait) {
  impl_->advance();
  if (impl_->deliver() || wait <= Millis(0)) return;
  const auto millis = std::min<Millis::rep>(wait.count(), 60'000);
  impl_->library.multi_poll(impl_->multi.get(), nullptr, 0, static_cast<int>(millis), nullptr);
  impl_->advance();
  impl_->deliver();
}

}  // namespace sluice::http
