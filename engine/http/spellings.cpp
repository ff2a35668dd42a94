#include "http/spellings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::http {

namespace {

// A text is escaped anew by each that quotes it. Nobody quotes deeper than this.
constexpr std::size_t kEscapedMax = 4;
// The backslashes before a quote that was escaped so often.
constexpr std::size_t kBackslashesMax = (1U << kEscapedMax) - 1;

// One way to read what stands at a place: the bytes that it means, and where it ends.
struct Reading {
  std::array<char, 4> bytes = {};
  std::size_t count = 0;
  std::size_t end = 0;

  std::string_view text() const { return {bytes.data(), count}; }
};

class Readings {
 public:
  Readings(std::string_view text, std::size_t at) : text_(text) {
    const char first = text[at];
    add_byte(first, at + 1);
    if (first == '+') add_byte(' ', at + 1);
    if (first == '%') read_percent(at + 1);
    if (first == '\\') read_backslashes(at);
    if (first == '&') read_entity(at + 1);
  }

  const Reading* begin() const { return all_.data(); }
  const Reading* end() const { return all_.data() + count_; }

 private:
  void add_byte(char byte, std::size_t end) { all_[count_++] = {{byte}, 1, end}; }
  void add_point(std::uint32_t point, std::size_t end);
  void read_percent(std::size_t at);
  void read_backslashes(std::size_t at);
  void read_escaped(std::size_t at);
  void read_utf16(std::size_t at);
  void read_entity(std::size_t at);
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size, int base) const;

  std::string_view text_;
  std::array<Reading, FirstBytes::kMax> all_;
  std::size_t count_ = 0;
};

std::optional<std::uint32_t> Readings::number(std::size_t at, std::size_t size, int base) const {
  if (at > text_.size() || size == 0 || text_.size() - at < size) return std::nullopt;
  std::uint32_t result = 0;
  const char* const end = text_.data() + at + size;
  const auto [last, error] = std::from_chars(text_.data() + at, end, result, base);
  if (error != std::errc() || last != end) return std::nullopt;
  return result;
}

void Readings::add_point(std::uint32_t point, std::size_t end) {
  const auto more = [point](unsigned shift) {
    return static_cast<char>(0x80U | (point >> shift & 0x3FU));
  };
  Reading& reading = all_[count_];
  if (point < 0x80) {
    reading = {{static_cast<char>(point)}, 1, end};
  } else if (point < 0x800) {
    reading = {{static_cast<char>(0xC0U | point >> 6U), more(0)}, 2, end};
  } else if (point < 0x10000) {
    reading = {{static_cast<char>(0xE0U | point >> 12U), more(6), more(0)}, 3, end};
  } else if (point < 0x110000) {
    reading = {{static_cast<char>(0xF0U | point >> 18U), more(12), more(6), more(0)}, 4, end};
  } else {
    return;
  }
  ++count_;
}

// "%2F" is "/", and so is "%252F" to whoever decodes twice.
void Readings::read_percent(std::size_t at) {
  for (std::size_t depth = 0; depth < kEscapedMax; ++depth, at += 2) {
    const auto byte = number(at, 2, 16);
    if (!byte) return;
    add_byte(static_cast<char>(*byte), at + 2);
    if (*byte != '%') return;
  }
}

// A quote is `\"`, and `\\\"` when what it is in was quoted once more.
void Readings::read_backslashes(std::size_t at) {
  const std::string_view rest = text_.substr(at, kBackslashesMax + 1);
  const std::size_t run = std::min(rest.find_first_not_of('\\'), rest.size());
  for (std::size_t count = 2; count <= std::min(run, kBackslashesMax); count *= 2)
    add_byte('\\', at + count);
  if (run <= kBackslashesMax && at + run < text_.size()) read_escaped(at + run);
}

// What stands behind the backslashes.
void Readings::read_escaped(std::size_t at) {
  constexpr std::string_view kLetters = "nrtbf";
  constexpr std::string_view kMeant = "\n\r\t\b\f";
  const char c = text_[at];
  if (const std::size_t letter = kLetters.find(c); letter != std::string_view::npos) {
    add_byte(kMeant[letter], at + 1);
  } else if (c == 'u') {
    read_utf16(at + 1);
  } else if (c == 'x') {
    if (const auto byte = number(at + 1, 2, 16)) add_byte(static_cast<char>(*byte), at + 3);
  } else if (c > ' ' && c < '0') {
    add_byte(c, at + 1);  // Quotes and the slash.
  }
}

void Readings::read_utf16(std::size_t at) {
  const auto first = number(at, 4, 16);
  if (!first) return;
  if (*first < 0xD800 || *first > 0xDFFF) return add_point(*first, at + 4);
  const std::string_view rest = text_.substr(at + 4, kBackslashesMax + 1);
  const std::size_t run = std::min(rest.find_first_not_of('\\'), rest.size());
  if (run == 0 || run == rest.size() || rest[run] != 'u') return;
  const std::size_t second_at = at + 4 + run;
  const auto second = number(second_at + 1, 4, 16);
  if (*first > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) return;
  add_point(0x10000U + ((*first & 0x3FFU) << 10U | (*second & 0x3FFU)), second_at + 5);
}

void Readings::read_entity(std::size_t at) {
  constexpr std::array<std::pair<std::string_view, char>, 4> kNamed = {
      {{"quot;", '"'}, {"apos;", '\''}, {"lt;", '<'}, {"gt;", '>'}}};
  for (std::size_t depth = 0; text_.substr(at).starts_with("amp;") && depth < kEscapedMax;
       ++depth) {
    at += 4;
    add_byte('&', at);
  }
  for (const auto& [name, meant] : kNamed) {
    if (text_.substr(at).starts_with(name)) return add_byte(meant, at + name.size());
  }
  if (!text_.substr(at).starts_with('#')) return;
  const bool is_hex = text_.substr(at + 1, 1) == "x" || text_.substr(at + 1, 1) == "X";
  const std::size_t digits = at + (is_hex ? 2 : 1);
  // Longer numbers stand for no character.
  constexpr std::size_t kDigitsMax = 8;
  const std::size_t size = text_.substr(digits, kDigitsMax).find(';');
  if (size == std::string_view::npos) return;
  if (const auto point = number(digits, size, is_hex ? 16 : 10))
    add_point(*point, digits + size + 1);
}

bool is_plain(char c) {
  return c != '%' && c != '\\' && c != '&' && c != '+';
}

/// Whether a needle's run of `count` backslashes cannot be read at `at`: the text has fewer there,
/// and what stands behind them is no spelling of one. Without it each way to read some of them as
/// one would be gone to its end.
bool lacks_backslashes(std::string_view text, std::size_t at, std::size_t count) {
  const std::size_t end = std::min(text.find_first_not_of('\\', at), text.size());
  if (end - at >= count) return false;
  return end == text.size() || (is_plain(text[end]) && text[end] != 'u' && text[end] != 'x');
}

/// As `spelling_end`, once the first `read` bytes of the needle were found to end at `place`.
std::size_t end_of_readings(std::string_view text, std::size_t place, std::string_view needle,
                            std::size_t read) {
  // The places that are reached with so many bytes of the needle read, in a ring: a reading means
  // four bytes at most. A place may be reached in several ways, and goes on from there once.
  constexpr std::size_t kLevels = 5;
  std::array<std::vector<std::size_t>, kLevels> reached;
  std::size_t open = 0;
  const auto reach = [&](std::size_t with, std::size_t end) {
    reached[with % kLevels].push_back(end);
    ++open;
  };
  reach(read, place);
  std::vector<std::size_t> now;
  for (; open > 0; ++read) {
    now.clear();
    now.swap(reached[read % kLevels]);
    open -= now.size();
    std::sort(now.begin(), now.end());
    now.erase(std::unique(now.begin(), now.end()), now.end());
    if (read == needle.size()) return now.back();
    const std::size_t run = std::min(needle.find_first_not_of('\\', read), needle.size()) - read;
    for (const std::size_t from : now) {
      if (from == text.size()) continue;
      if (run > 1 && lacks_backslashes(text.substr(0, from + run), from, run)) continue;
      if (is_plain(text[from])) {
        if (text[from] == needle[read]) reach(read + 1, from + 1);
        continue;
      }
      for (const Reading& reading : Readings(text, from)) {
        if (needle.substr(read).starts_with(reading.text()))
          reach(read + reading.count, reading.end);
      }
    }
  }
  return std::string_view::npos;
}

}  // namespace

FirstBytes first_bytes(std::string_view text, std::size_t at) {
  FirstBytes result;
  if (is_plain(text[at])) {
    result.bytes[result.count++] = static_cast<unsigned char>(text[at]);
    return result;
  }
  for (const Reading& reading : Readings(text, at)) {
    const auto byte = static_cast<unsigned char>(reading.bytes[0]);
    result.bytes[result.count++] = byte;
  }
  return result;
}

std::size_t spelling_end(std::string_view text, std::size_t at, std::string_view needle) {
  std::size_t read = 0;
  std::size_t place = at;
  while (read < needle.size() && place < text.size() && is_plain(text[place]) &&
         text[place] == needle[read]) {
    ++read;
    ++place;
  }
  if (read == needle.size()) return place;
  if (place == text.size() || is_plain(text[place])) return std::string_view::npos;
  return end_of_readings(text, place, needle, read);
}

}  // namespace sluice::http
