#include "wire/tricks.hpp"

#include <chrono>
#include <regex>
#include <thread>

namespace sluice::wire {

namespace {

using test::RawConnection;

constexpr std::uint64_t kHuge = 10ULL << 30U;
constexpr const char* kStatus = "HTTP/1.1 200 OK\r\n";
constexpr const char* kJson = "Content-Type: application/json\r\n";

std::string head_in(const std::string& reply) {
  return reply.substr(0, reply.find("\r\n\r\n") + 2);
}

std::string body_of(const std::string& reply) {
  return reply.substr(reply.find("\r\n\r\n") + 4);
}

std::string status_line_of(const std::string& reply) {
  return reply.substr(0, reply.find("\r\n") + 2);
}

std::string length_line(std::uint64_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n";
}

std::string answer(const std::string& status_line, const std::string& body) {
  return status_line + kJson + length_line(body.size()) + "\r\n" + body;
}

/// The true reply, with other lines in its head as well.
std::string with_headers(const std::string& reply, const std::string& lines) {
  return head_in(reply) + lines + "\r\n" + body_of(reply);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

/// Says it once, and closes.
Trick say(const std::string& text) {
  return [text](RawConnection& client, const std::string& /*reply*/) {
    client.write(text);
    return false;
  };
}

/// Says what `make` makes of the true reply, and closes.
Trick say_of(std::string (*make)(const std::string&)) {
  return [make](RawConnection& client, const std::string& reply) {
    client.write(make(reply));
    return false;
  };
}

/// The true status with this body.
Trick body(const std::string& text) {
  return [text](RawConnection& client, const std::string& reply) {
    client.write(answer(status_line_of(reply), text));
    return false;
  };
}

/// The true status with a body that is so many times `piece` between `start` and `end`.
Trick large_body(const std::string& start, const std::string& piece, std::size_t times,
                 const std::string& end) {
  return [=](RawConnection& client, const std::string& reply) {
    const std::size_t size = start.size() + piece.size() * times + end.size();
    bool is_heard =
        client.write(status_line_of(reply) + kJson + length_line(size) + "\r\n" + start);
    for (std::size_t i = 0; is_heard && i < times; ++i)
      is_heard = client.write(piece);
    client.write(end);
    return false;
  };
}

/// The true reply with these lines in its head.
Trick headers(const std::string& lines) {
  return [lines](RawConnection& client, const std::string& reply) {
    client.write(with_headers(reply, lines));
    return false;
  };
}

/// `start`, and then `piece` again and again, up to ten gibibytes or until nobody listens.
Trick endless(const std::string& start, const std::string& piece) {
  return [start, piece](RawConnection& client, const std::string& /*reply*/) {
    bool is_heard = client.write(start);
    for (std::uint64_t sent = 0; is_heard && sent < kHuge; sent += piece.size())
      is_heard = client.write(piece);
    return false;
  };
}

/// `start`, and then `piece` every now and then until nobody listens.
Trick drip(const std::string& start, const std::string& piece) {
  return [start, piece](RawConnection& client, const std::string& /*reply*/) {
    bool is_heard = client.write(start);
    while (is_heard) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      is_heard = client.write(piece);
    }
    return false;
  };
}

/// The true reply with every id in it replaced by another value.
Trick ids(const std::string& value) {
  return [value](RawConnection& client, const std::string& reply) {
    static const std::regex id("\"(\\$?id|@id)\": ?\"[^\"]*\"");
    const std::string changed = std::regex_replace(body_of(reply), id, "\"$1\":" + value);
    client.write(answer(status_line_of(reply), changed));
    return false;
  };
}

void add_sizes(std::vector<NamedTrick>& tricks) {
  const std::string megabyte(1U << 20U, 'x');
  const std::string chunked = std::string(kStatus) + "Transfer-Encoding: chunked\r\n";
  tricks.insert(
      tricks.end(),
      {{"10 GiB, as it says", endless(kStatus + length_line(kHuge) + "\r\n", megabyte)},
       {"10 GiB in chunks", endless(chunked + "\r\n", "100000\r\n" + megabyte + "\r\n")},
       {"one chunk of 10 GiB", endless(chunked + "\r\n280000000\r\n", megabyte)},
       {"10 GiB up to the end", endless(kStatus + std::string("\r\n"), megabyte)},
       {"10 GiB of JSON",
        endless(kStatus + length_line(kHuge) + "\r\n[", repeated("{\"a\":1},", 8192))},
       {"10 GiB that do not come", say(kStatus + length_line(kHuge) + "\r\n{}")},
       {"64 MiB and a byte", large_body("", megabyte, 64, " ")},
       {"text of 30 MiB", large_body("{\"id\":\"", megabyte, 30, "\"}")},
       {"headers without end", endless(kStatus, "X-A: " + std::string(1000, 'x') + "\r\n")},
       {"a header without end", endless(kStatus + std::string("X-A: "), megabyte)},
       {"a status without end", endless("HTTP/1.1 200 ", megabyte)},
       {"interim answers without end", endless("", "HTTP/1.1 100 Continue\r\n\r\n")},
       {"hints without end", endless("", "HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n")},
       {"trailers without end", endless(chunked + "\r\n1\r\nx\r\n0\r\n", "X-A: x\r\n")},
       {"an extension without end", endless(chunked + "\r\n1;", megabyte)},
       {"compressed", headers("Content-Encoding: gzip\r\n")},
       {"a body that drips", drip(kStatus + length_line(kHuge) + "\r\n", " ")},
       {"a head that drips", drip(kStatus, "X-A: x\r\n")},
       {"interim answers that drip", drip("", "HTTP/1.1 100 Continue\r\n\r\n")}});
}

void add_bodies(std::vector<NamedTrick>& tricks) {
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"nested lists", std::string(100'000, '[')},
      {"nested objects", repeated("{\"a\":", 100'000)},
      {"a number of a million digits", "{\"id\":" + std::string(1'000'000, '9') + "}"},
      {"a huge exponent", "{\"id\":1e999999}"},
      {"no UTF-8", "{\"id\":\"\xff\xfe\"}"},
      {"an overlong character", "{\"id\":\"\xc0\xaf\"}"},
      {"half a surrogate", "{\"id\":\"\\ud800\"}"},
      {"a zero byte", std::string("{\"id\":\"a\0b\"}", 12)},
      {"an escaped zero", "{\"id\":\"a\\u0000b\"}"},
      {"escape sequences", "{\"id\":\"\\u001b[2J\\u001b]0;x\\u0007\"}"},
      {"a line for a CI service", "{\"id\":\"\\n::set-output name=x::y\"}"},
      {"a key twice", "{\"id\":\"a\",\"id\":\"b\"}"},
      {"NaN", "{\"id\":NaN}"},
      {"a page", "<html><body>Sign in</body></html>"},
      {"nothing", ""},
      {"null", "null"},
      {"a list", "[]"},
      {"an empty object", "{}"},
      {"a text", "\"id\""},
      {"a number", "5"},
      {"lists that are none", R"({"items":{},"data":{},"results":{},"_page":[],"_links":[]})"},
      {"lists of other things", R"({"items":[5],"data":[null],"results":["x"]})"}};
  for (const auto& [name, text] : bodies)
    tricks.push_back({"body: " + name, body(text)});
  tricks.push_back({"two million values", large_body("[1", repeated(",1", 10'000), 200, "]")});
  for (const std::string value : {"5", "null", "{}", "[]", "true", "\"\"", "\"../../x\"", "\"a b\"",
                                  "\"a\\r\\nX: y\"", "\"?x=y#z\"", "\"\\u001b[2J\""})
    tricks.push_back({"ids: " + value, ids(value)});
  tricks.push_back({"ids: another", ids("\"another\""), true});
  tricks.push_back({"ids: long", ids('"' + std::string(1U << 20U, 'x') + '"')});
  tricks.push_back({"half of the body, as it says", say_of([](const std::string& reply) {
                      const std::string whole = body_of(reply);
                      return answer(status_line_of(reply), whole.substr(0, whole.size() / 2));
                    })});
  tricks.push_back({"the body twice", say_of([](const std::string& reply) {
                      return answer(status_line_of(reply), body_of(reply) + body_of(reply));
                    })});
  tricks.push_back({"a mark of byte order", say_of([](const std::string& reply) {
                      return answer(status_line_of(reply), "\xef\xbb\xbf" + body_of(reply));
                    })});
}

void add_heads(std::vector<NamedTrick>& tricks) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"two etags", "ETag: \"1\"\r\nETag: \"2\"\r\n"},
      {"a long etag", "ETag: \"" + std::string(200'000, 'x') + "\"\r\n"},
      {"an etag with an escape", "ETag: \"\x1b[2J\"\r\n"},
      {"a bare carriage return", "X-A: x\rETag: y\r\n"},
      {"a bare line feed", "X-A: x\nContent-Length: 1\r\n"},
      {"a folded line", "X-A: x\r\n y\r\n"},
      {"no colon", "X-A x\r\n"},
      {"no name", ": x\r\n"},
      {"a blank in a name", "X A: x\r\n"},
      {"a zero byte", std::string("X-A: \0x\r\n", 9)},
      {"another length", "Content-Length: 1\r\n"},
      {"a negative length", "Content-Length: -1\r\n"},
      {"a length that is none", "Content-Length: x\r\n"},
      {"a length beyond all numbers", "Content-Length: 99999999999999999999999\r\n"},
      {"a length and chunks", "Transfer-Encoding: chunked\r\n"},
      {"an unknown coding", "Transfer-Encoding: x\r\n"},
      {"cookies", repeated("Set-Cookie: a=b; Domain=127.0.0.1\r\n", 100)}};
  for (const auto& [name, text] : lines)
    tricks.push_back({"head: " + name, headers(text)});
  const std::string chunked = std::string(kStatus) + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string size : {"x", "-1", "FFFFFFFFFFFFFFFFFFFF", "7FFFFFFFFFFFFFFF", ""})
    tricks.push_back({"a chunk of " + size, say(chunked + size + "\r\n{}\r\n0\r\n\r\n")});
  tricks.push_back({"a chunk without an end", say(chunked + "2\r\n{}0\r\n\r\n")});
  for (const std::string line :
       {"HTTP/1.1 000 X",         "HTTP/1.1 099 X",  "HTTP/1.1 999 X", "HTTP/1.1 2000 X",
        "HTTP/1.1 -200 X",        "HTTP/1.1 abc X",  "HTTP/1.1",       "HTTP/9.9 200 OK",
        "HTTP/2 200 OK",          "HTTP/1.0 200 OK", "ICY 200 OK",     "{\"id\":\"x\"}",
        "HTTP/1.1 101 Switching", "HTTP/1.1 204 No", "HTTP/1.1 206 X", "HTTP/1.1 304 Same",
        "HTTP/1.1 400 X",         "HTTP/1.1 401 X",  "HTTP/1.1 403 X", "HTTP/1.1 407 X",
        "HTTP/1.1 408 X",         "HTTP/1.1 412 X",  "HTTP/1.1 500 X"})
    tricks.push_back({"status: " + line, say(answer(line + "\r\n", "{}")),
                      line.starts_with("HTTP/1.1 4") && line != "HTTP/1.1 408 X"});
  const std::vector<std::pair<std::string, bool>> waits = {
      {"99999999999999999999", true},
      {"1e9", false},
      {"86400", true},
      {"-1", false},
      {"x", false},
      {"Fri, 31 Dec 9999 23:59:59 GMT", true},
      {"Thu, 01 Jan 1970 00:00:00 GMT", false}};
  for (const auto& [wait, is_slow] : waits) {
    for (const std::string line : {"HTTP/1.1 429 X\r\n", "HTTP/1.1 503 X\r\n"})
      tricks.push_back({line.substr(9, 3) + ", and again after " + wait,
                        say(line + "Retry-After: " + wait + "\r\n" + length_line(2) + "\r\n{}"),
                        line.starts_with("HTTP/1.1 4"), is_slow});
  }
}

void add_elsewhere(std::vector<NamedTrick>& tricks, const std::string& elsewhere) {
  for (const std::string status : {"201 X", "300 X", "301 X", "302 X", "303 X", "307 X", "308 X"}) {
    for (const std::string scheme : {"http://", "https://", "//", "http://a:b@"})
      tricks.push_back(
          {status + " to " + scheme, say("HTTP/1.1 " + status + "\r\nLocation: " + scheme +
                                         elsewhere + "/x\r\n" + length_line(2) + "\r\n{}")});
  }
  for (const std::string name : {"Alt-Svc: h2=\"", "Refresh: 0; url=http://", "Link: <http://"})
    tricks.push_back({name, headers(name + elsewhere + "\"\r\n")});
  tricks.push_back({"links", body(R"({"items":[],"data":[],"results":[],"_links":{"next":{"href":")"
                                  "http://" +
                                  elsewhere + R"(/x?continuationToken=y"}}})")});
  // An answer to a question that was not asked yet.
  tricks.push_back({"two answers at once", [](RawConnection& client, const std::string& reply) {
                      client.write(reply + answer(kStatus, "{\"items\":[],\"data\":[]}"));
                      return true;
                    }});
}

}  // namespace

std::vector<NamedTrick> all_tricks(const std::string& elsewhere) {
  std::vector<NamedTrick> tricks;
  add_sizes(tricks);
  add_bodies(tricks);
  add_heads(tricks);
  add_elsewhere(tricks, elsewhere);
  return tricks;
}

}  // namespace sluice::wire
