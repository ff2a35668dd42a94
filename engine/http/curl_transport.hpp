#pragma once

// The transport over libcurl's multi interface. The only file that knows libcurl is its source.

#include "http/transport.hpp"

#include <memory>
#include <string>

namespace sluice::http {

struct CurlOptions {
  std::string proxy;     ///< "" = none. libcurl never reads the environment by itself here.
  std::string no_proxy;  ///< Comma-separated hosts that are reached without the proxy.
  std::string ca_file;   ///< PEM bundle; "" = the system's.
  Millis connect_timeout{10'000};
  Millis timeout{60'000};  ///< For one whole exchange.
  std::size_t body_bytes_max = 64U << 20U;
  std::size_t header_bytes_max = 256U << 10U;
  int connections_max = 64;
};

/// https only, plain http to loopback addresses alone; HTTP/1.1; redirects are answers, not
/// followed; no netrc, cookies or compression; TLS 1.2 or newer with the peer verified.
///
/// Connections are reused. A mutation is sent at most once: libcurl would repeat it when a reused
/// connection turns out to be dead, so it is not let begin a body a second time, and a mutation
/// without a body goes out on a connection of its own.
///
/// A body over the limit, a timeout, a cut connection: a `Failure`, whose `maybe_sent` is true
/// once any byte of the request may have left.
class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;

  void start(Request request, Done done) override;
  void poll(Millis wait) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
