#pragma once

// What of HTTP/1.1 is read and judged here and not by libcurl: which targets and headers may be
// sent, and the lines and pieces of a reply as they arrive. No socket, no library.

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace sluice::http {

/// A path and query that can follow an origin. One without its slash would become a part of the
/// host's name.
bool is_target(std::string_view text);

/// A header that cannot end its line or begin another one.
bool is_header(std::string_view name, std::string_view value);

/// How names of headers are compared.
std::string lower_case(std::string_view text);

/// Takes one reply piece by piece, within limits.
class ReplyReader {
 public:
  ReplyReader() = default;
  /// `host` is how messages call the server.
  ReplyReader(std::string host, std::size_t header_bytes_max, std::size_t body_bytes_max);

  /// One line of the head, or of the trailers, line end included. False when the reply is to be
  /// given up; then `problem` says why.
  bool take_header(std::string_view line);
  bool take_body(std::string_view piece);

  const std::string& problem() const { return problem_; }
  /// Without a status.
  Response take() { return std::move(response_); }

 private:
  bool give_up(std::string why);

  std::string host_;
  std::size_t header_bytes_max_ = 0;
  std::size_t body_bytes_max_ = 0;
  std::size_t header_bytes_ = 0;
  Response response_;
  std::string problem_;
};

}  // namespace sluice::http
