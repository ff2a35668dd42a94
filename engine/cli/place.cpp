#include "cli/place.hpp"

#include "core/fatal.hpp"
#include "emulator/platform.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace sluice::cli {

namespace {

constexpr const char* kEndpoint = "https://platform.adobe.io";
constexpr const char* kIms = "https://ims-na1.adobelogin.com";
constexpr const char* kScopes =
    "openid,session,AdobeID,read_organizations,additional_info.projectedProductContext";

// A name that can never be resolved, so that the embedded platform's states fit no other one.
constexpr const char* kEmbedded = "https://embedded.invalid";

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return {};
}

/// An address as a message may show it. Of one that is none nobody can tell where a password in it
/// begins and ends, so all that may belong to one is hidden.
std::string without_password(const std::string& text) {
  const std::size_t end = text.rfind('@');
  if (end == std::string::npos) return report::harmless(text);
  const std::size_t slashes = text.find("//");
  const std::size_t start = slashes < end ? slashes + 2 : 0;
  return report::harmless(text.substr(0, start) + "***" + text.substr(end));
}

std::string checked_origin(std::string text, const std::string& what) {
  while (text.ends_with('/'))
    text.pop_back();
  const auto origin = http::parse_origin(text);
  if (!origin) {
    throw Fatal(ExitCode::usage,
                what + " is not a URL such as https://platform.adobe.io: " + without_password(text),
                "It takes a scheme and a host, and a port if need be, but no user and no path.");
  }
  if (!http::may_carry_credentials(*origin)) {
    throw Fatal(ExitCode::usage, what + " is not https: " + report::harmless(text),
                "Plain http would show your credentials to everybody on the way; it is taken for "
                "loopback addresses only.");
  }
  return text;
}

/// `outside` is what flags and environment say, `file` what a spec, a plan or a state does.
std::string choose_origin(const std::string& outside, const std::string& file,
                          const std::string& otherwise, const std::string& what) {
  if (!outside.empty()) return checked_origin(outside, what);
  if (file.empty()) return otherwise;
  if (file == kEmbedded) {
    throw Fatal(ExitCode::conflict, "This was made with --local, for the embedded platform",
                "Add --local to go on with it.");
  }
  const std::string checked = checked_origin(file, what);
  const auto origin = http::parse_origin(checked);
  if (!http::is_adobe_host(*origin) && !http::is_loopback(*origin)) {
    throw Fatal(ExitCode::usage, what + " in the file is not one of Adobe's: " + checked,
                "To send your credentials there, name it with --endpoint or --ims, or with "
                "AEP_ENDPOINT or AEP_IMS.");
  }
  return checked;
}

std::string checked_value(const World& world, const std::string& name) {
  std::string value = world.environment.get(name);
  const bool clean =
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return c > ' ' && c < 127; });
  if (!clean) {
    throw Fatal(ExitCode::credentials, name + " holds blanks or control characters",
                "Was a line end or a quote copied along with it?");
  }
  return value;
}

void add_embedded_credentials(http::SessionOptions& session) {
  const emulator::Access access;
  session.credentials.access_token = http::Secret(access.access_token);
  session.credentials.client_id = access.client_id;
  session.credentials.api_key = access.client_id;
  session.credentials.org = access.org;
}

}  // namespace

http::SessionOptions resolve_place(const World& world, const CommonOptions& options,
                                   const KnownPlace& known) {
  const Environment& environment = world.environment;
  http::SessionOptions session;
  if (options.local) {
    session.endpoint = kEmbedded;
    session.ims = kEmbedded;
    session.credentials.org = emulator::Access{}.org;
  } else {
    session.endpoint = choose_origin(first_of({options.endpoint, environment.get("AEP_ENDPOINT")}),
                                     known.platform.endpoint, kEndpoint, "The endpoint");
    session.ims = choose_origin(first_of({options.ims, environment.get("AEP_IMS")}),
                                known.platform.ims, kIms, "The token service (ims)");
    session.credentials.org = first_of({environment.get("AEP_ORG_ID"), known.org});
  }
  session.sandbox =
      first_of({options.sandbox, known.platform.sandbox, environment.get("AEP_SANDBOX")});
  if (session.sandbox.empty()) {
    throw Fatal(ExitCode::usage, "No sandbox is given",
                "Set `platform: {sandbox: ...}` in the spec, --sandbox or AEP_SANDBOX. There is no "
                "default, since the platform's own is production.");
  }
  return session;
}

void add_credentials(World& world, const CommonOptions& options, http::SessionOptions& session) {
  if (options.local) {
    add_embedded_credentials(session);
    return;
  }
  http::Credentials& credentials = session.credentials;
  credentials.access_token = http::Secret(checked_value(world, "AEP_ACCESS_TOKEN"));
  credentials.client_id = checked_value(world, "AEP_CLIENT_ID");
  credentials.client_secret = http::Secret(checked_value(world, "AEP_CLIENT_SECRET"));
  credentials.scopes = first_of({world.environment.get("AEP_SCOPES"), kScopes});
  credentials.api_key = first_of({checked_value(world, "AEP_API_KEY"), credentials.client_id});
  credentials.source =
      (credentials.access_token.empty() ? "AEP_CLIENT_ID, AEP_CLIENT_SECRET" : "AEP_ACCESS_TOKEN") +
      std::string(", AEP_API_KEY and AEP_ORG_ID");
  world.redactor.learn(credentials.access_token);
  world.redactor.learn(credentials.client_secret);
  std::string missing;
  const auto need = [&missing](bool there, const char* name) {
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  if (credentials.access_token.empty() && credentials.client_secret.empty()) {
    need(false, "AEP_ACCESS_TOKEN (or AEP_CLIENT_ID and AEP_CLIENT_SECRET)");
  } else if (credentials.access_token.empty()) {
    need(!credentials.client_id.empty(), "AEP_CLIENT_ID");
  }
  const bool keyed = !credentials.api_key.empty() || missing.find("CLIENT_ID") != missing.npos;
  need(keyed, "AEP_API_KEY (or AEP_CLIENT_ID)");
  need(!checked_value(world, "AEP_ORG_ID").empty(), "AEP_ORG_ID");
  if (missing.empty()) return;
  throw Fatal(ExitCode::credentials, "Credentials are missing: " + missing,
              "Set them in the environment, as your project in Adobe's developer console shows "
              "them. To try things out without any, add --local.");
}

Place place_of(const http::SessionOptions& session) {
  return {session.endpoint, session.credentials.org, session.sandbox};
}

void refuse_other_place(const State& state, const Place& place, const std::string& path) {
  if (state.lineage.empty() || state.place == Place{} || state.place == place) return;
  const auto differ = [](const std::string& what, const std::string& is, const std::string& now) {
    return is == now ? std::string() : " " + what + " " + is + ", not " + now + ";";
  };
  std::string text = differ("endpoint", state.place.endpoint, place.endpoint) +
                     differ("organisation", state.place.org, place.org) +
                     differ("sandbox", state.place.sandbox, place.sandbox);
  text.pop_back();
  throw Fatal(ExitCode::conflict, "The state " + path + " belongs to another place:" + text,
              "A state is for one place. Give another one with --state, or go back to that place.");
}

void refuse_other_environment(const State& state, const std::string& environment,
                              const std::string& path) {
  if (state.lineage.empty() || state.environment == environment) return;
  const auto named = [](const std::string& name) {
    return name.empty() ? std::string("no environment") : "environment " + name;
  };
  throw Fatal(ExitCode::conflict,
              "The state " + path + " is of " + named(state.environment) + ", and this run is of " +
                  named(environment),
              "A state is for one environment. Choose it with --env, or give another --state.");
}

}  // namespace sluice::cli
