#include "http/reply_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace sluice::http {

namespace {

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && !has_control(text) &&
         text.find_first_of(" \t#\\") == std::string_view::npos;
}

bool is_header(std::string_view name, std::string_view value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         !has_control(value);
}

ReplyReader::ReplyReader(std::string host, std::size_t header_bytes_max, std::size_t body_bytes_max)
    : host_(std::move(host)), header_bytes_max_(header_bytes_max), body_bytes_max_(body_bytes_max) {
}

bool ReplyReader::give_up(std::string why) {
  problem_ = fmt::format("the reply of {} {}", host_, why);
  return false;
}

bool ReplyReader::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > header_bytes_max_)
    return give_up(fmt::format("has more than {} KiB of headers", header_bytes_max_ / 1024));
  if (!response_.body.empty()) return true;  // A trailer; nothing that we read comes there.
  if (line.starts_with("HTTP/")) {
    // An interim answer, such as 100, is followed by another one.
    response_.headers.clear();
    return true;
  }
  if (trimmed(line).empty()) return true;
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  const std::string_view value =
      colon == std::string_view::npos ? "\n" : trimmed(line.substr(colon + 1));
  if (!is_header(name, value)) return give_up("has a malformed header");
  const auto [place, added] = response_.headers.emplace(lower_case(name), value);
  if (added) return true;
  if (place->first != "etag") {
    if (!place->second.empty() && !value.empty()) place->second.append(", ");
    place->second.append(value);
    return true;
  }
  return place->second == value || give_up("has two different etags");
}

bool ReplyReader::take_body(std::string_view piece) {
  if (response_.body.size() + piece.size() > body_bytes_max_)
    return give_up(fmt::format("is longer than {} MiB", body_bytes_max_ >> 20U));
  try {
    response_.body.append(piece);
  } catch (const std::bad_alloc&) {
    response_.body = std::string();
    return give_up("is longer than the memory that is left");
  }
  return true;
}

}  // namespace sluice::http
