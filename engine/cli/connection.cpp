#include "cli/connection.hpp"

#include "core/fatal.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

namespace sluice::cli {

namespace {

constexpr std::uint64_t kLocalBytesMax = 1U << 30U;

template <class T>
T good(store::FileResult<T> result, const std::string& what) {
  if (const auto* error = std::get_if<store::FileError>(&result)) {
    throw Fatal(ExitCode::failed, what + ": " + error->what);
  }
  return std::get<T>(std::move(result));
}

void save_local(World& world, const emulator::Platform& platform, const std::string& path) {
  const std::string what = "The embedded platform's data cannot be saved";
  const std::string temporary = path + ".new";
  good(world.files.remove(temporary), what);
  const auto file = good(world.files.open(temporary, store::OpenMode::create_new), what);
  good(file->append(platform.save().dump()), what);
  good(world.files.rename(temporary, path), what);
}

void load_local(World& world, emulator::Platform& platform, const std::string& path) {
  const auto text =
      good(world.files.read(path, kLocalBytesMax), "The embedded platform's data cannot be read");
  if (!text) return;
  const Json document = Json::parse(*text, nullptr, false);
  if (!platform.restore(document)) {
    throw Fatal(ExitCode::failed, "This is not the embedded platform's data: " + path,
                "Delete it, and the state beside it, to begin anew.");
  }
}

// Calls in flight when --parallelism does not say: where to begin, and how far a platform that
// answers well is trusted.
constexpr int kCallsAtFirst = 10;
constexpr int kCallsMost = 64;

/// curl's spelling of the environment's: the lower-case names win, as with other programs.
std::string either_case(const Environment& environment, const std::string& lower,
                        const std::string& upper) {
  const std::string value = environment.get(lower);
  return value.empty() ? environment.get(upper) : value;
}

}  // namespace

Connection::Connection(World& world, const CommonOptions& options, const kinds::Registry& registry,
                       const http::SessionOptions& session, const std::string& local_data) {
  if (options.local) {
    make_local(world, local_data);
  } else {
    make_network(world, options);
  }
  if (!options.trace.empty()) add_trace(world, options.trace);
  http::Transport& transport = trace_ ? *trace_ : *transport_;
  loop_ = std::make_unique<http::EventLoop>(transport, world.clock);
  session_ = std::make_unique<http::Session>(*loop_, world.random, world.redactor, session);
  if (!options.quiet) {
    session_->set_on_wait([this, &world](const std::string& what, Millis left) {
      const std::string line =
          report::harmless(fmt::format("The platform keeps us waiting: {}. It is asked again, for "
                                       "{} s more at most.",
                                       what, left.count() / 1000));
      notice_ ? notice_(line) : world.say(line + "\n");
    });
  }
  const bool adapts = options.parallelism == 0;
  slots_ = std::make_unique<run::Slots>(*loop_, adapts ? kCallsAtFirst : options.parallelism,
                                        adapts ? kCallsMost : options.parallelism);
  remote_ = std::make_unique<run::Remote>(*session_, *loop_, registry, *slots_);
}

Connection::~Connection() = default;

void Connection::make_local(World& world, const std::string& local_data) {
  platform_ = std::make_unique<emulator::Platform>(world.clock, world.random);
  load_local(world, *platform_, local_data);
  emulator::TransportOptions options;
  options.after_mutation = [&world, this, local_data] {
    save_local(world, *platform_, local_data);
  };
  transport_ =
      std::make_unique<emulator::EmulatorTransport>(*platform_, world.clock, std::move(options));
}

void Connection::make_network(const World& world, const CommonOptions& options) {
  http::CurlOptions curl;
  const Environment& environment = world.environment;
  curl.proxy = either_case(environment, "https_proxy", "HTTPS_PROXY");
  curl.no_proxy = either_case(environment, "no_proxy", "NO_PROXY");
  curl.no_proxy += (curl.no_proxy.empty() ? "" : ",") + std::string("localhost,127.0.0.1,::1");
  curl.ca_file = options.ca_file.empty() ? environment.get("SSL_CERT_FILE") : options.ca_file;
  curl.timeout = std::chrono::seconds(options.timeout_seconds);
  transport_ = world.network(curl);
}

void Connection::add_trace(World& world, const std::string& path) {
  trace_file_ =
      good(world.files.open(path, store::OpenMode::append), "The trace cannot be written");
  trace_ = std::make_unique<http::TraceTransport>(
      *transport_, world.clock, world.redactor, [this, &world](const std::string& line) {
        if (!trace_file_) return;
        const auto written = trace_file_->append(line + "\n");
        const auto* error = std::get_if<store::FileError>(&written);
        if (error == nullptr) return;
        // A trace is for looking at what happened; what happens must not stop for it.
        world.say("The trace ends here: " + error->what + "\n");
        trace_file_.reset();
      });
}

}  // namespace sluice::cli
