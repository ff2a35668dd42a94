#include "http/spellings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

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
  std::size_t end = std::string_view::npos;
  // How much of the needle was read, and where in the text its reading ended. One place may be
  // reached in several ways, and goes on from there once.
  using Progress = std::pair<std::size_t, std::size_t>;
  std::set<Progress> open;
  Progress now = {0, at};
  while (true) {
    auto [read, place] = now;
    while (read < needle.size() && place < text.size() && is_plain(text[place]) &&
           text[place] == needle[read]) {
      ++read;
      ++place;
    }
    if (read == needle.size()) {
      end = end == std::string_view::npos ? place : std::max(end, place);
    } else if (place < text.size() && !is_plain(text[place])) {
      for (const Reading& reading : Readings(text, place)) {
        if (needle.substr(read).starts_with(reading.text()))
          open.emplace(read + reading.count, reading.end);
      }
    }
    if (open.empty()) return end;
    now = *open.begin();
    open.erase(open.begin());
  }
}

}  // namespace sluice::http
