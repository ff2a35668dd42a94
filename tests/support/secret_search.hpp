#pragma once

// Looks for a secret in what a program printed or wrote, also where it was encoded on its way. It
// is written from the definitions of the encodings and shares nothing with what hides secrets.

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

/// A secret of ten bytes or more, since a few letters of base64 are found anywhere.
class SecretSearch {
 public:
  explicit SecretSearch(const std::string& secret) : forms_({{"plain", secret}}) {
    forms_.emplace_back("hex", hex(secret, "0123456789abcdef"));
    forms_.emplace_back("hex", hex(secret, "0123456789ABCDEF"));
    for (std::size_t before = 0; before < 3; ++before) {
      add_base64(base64_inside(secret, before, "+/"));
      add_base64(base64_inside(secret, before, "-_"));
    }
  }

  /// How the text has the secret: "plain", "base64", "hex", "percent-encoded", "JSON-escaped" or a
  /// chain of them, such as "base64, JSON-escaped". Empty when it has it in none of these ways.
  std::string found_in(const std::string& text) const {
    if (const std::string form = form_in(text); !form.empty()) return form;
    const std::string unescaped = without_escapes(text);
    // What is decoded is shorter.
    if (unescaped.size() < text.size()) {
      if (const std::string form = form_in(unescaped); !form.empty())
        return form + ", JSON-escaped";
    }
    for (const std::string* encoded : {&text, &unescaped}) {
      const std::string decoded = without_percents(*encoded);
      if (decoded.size() == encoded->size()) continue;
      const std::string form = form_in(decoded);
      if (form.empty()) continue;
      return form + ", percent-encoded" + (encoded == &text ? "" : ", JSON-escaped");
    }
    return {};
  }

 private:
  std::string form_in(const std::string& text) const {
    // Much is searched, and this is several times as fast as string::find.
    for (const auto& [name, form] : forms_) {
      if (memmem(text.data(), text.size(), form.data(), form.size()) != nullptr) return name;
    }
    return {};
  }

  void add_base64(const std::string& form) {
    for (const auto& [name, known] : forms_)
      if (known == form) return;
    forms_.emplace_back("base64", form);
  }

  static std::string hex(const std::string& secret, std::string_view digits) {
    std::string result;
    for (const char c : secret) {
      const auto byte = static_cast<unsigned char>(c);
      result += {digits[byte / 16], digits[byte % 16]};
    }
    return result;
  }

  /// The letters that the secret alone decides when so many bytes come before it and others after:
  /// a letter is six bits, from the highest on.
  static std::string base64_inside(const std::string& secret, std::size_t before,
                                   const std::string& last_two) {
    const std::string letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last_two;
    const std::size_t first_bit = 8 * before;
    const std::size_t end_bit = first_bit + 8 * secret.size();
    std::string result;
    for (std::size_t bit = (first_bit + 5) / 6 * 6; bit + 6 <= end_bit; bit += 6) {
      std::size_t letter = 0;
      for (std::size_t at = bit - first_bit; at < bit - first_bit + 6; ++at) {
        const auto byte = static_cast<unsigned char>(secret[at / 8]);
        letter = 2 * letter + (byte >> (7 - at % 8) & 1U);
      }
      result += letters[letter];
    }
    return result;
  }

  /// The number in so many hexadecimal digits at a place; -1 when there are none.
  static int number_at(const std::string& text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return -1;
    int number = 0;
    for (const char c : text.substr(at, digits)) {
      const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
      if (digit == std::string_view::npos) return -1;
      number = 16 * number + static_cast<int>(digit < 16 ? digit : digit - 6);
    }
    return number;
  }

  static std::string without_percents(const std::string& text) {
    std::string result;
    for (std::size_t at = text.find('%'), done = 0;; at = text.find('%', at + 1)) {
      if (at == std::string::npos) return result + text.substr(done);
      const int byte = number_at(text, at + 1, 2);
      if (byte < 0) continue;
      result += text.substr(done, at - done) + static_cast<char>(byte);
      done = at + 3;
    }
  }

  /// Escapes of JSON are taken back. What is beyond a byte stays, as no secret here has any.
  static std::string without_escapes(const std::string& text) {
    static constexpr std::array<std::pair<char, char>, 8> kShort = {{{'"', '"'},
                                                                     {'\\', '\\'},
                                                                     {'/', '/'},
                                                                     {'b', '\b'},
                                                                     {'f', '\f'},
                                                                     {'n', '\n'},
                                                                     {'r', '\r'},
                                                                     {'t', '\t'}}};
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = text.find('\\'); at != std::string::npos && at + 1 < text.size();
         at = text.find('\\', done)) {
      result += text.substr(done, at - done);
      const int unit = text[at + 1] == 'u' ? number_at(text, at + 2, 4) : -1;
      if (unit >= 0 && unit < 256) {
        result += static_cast<char>(unit);
        done = at + 6;
        continue;
      }
      char meant = '\\';
      done = at + 1;
      for (const auto& [letter, byte] : kShort) {
        if (text[at + 1] != letter) continue;
        meant = byte;
        done = at + 2;
      }
      result += meant;
    }
    return result + text.substr(done);
  }

  std::vector<std::pair<std::string, std::string>> forms_;  // A name and the bytes, each.
};

}  // namespace sluice::test
