#pragma once

// YAML text as a row of events. A thin layer over libyaml, which reads a text piece by piece: no
// depth, size or alias can cost more than the text itself. What is too much, and what the events
// mean, is not known here.

#include "spec/messages.hpp"

#include <memory>
#include <string_view>

namespace sluice::spec {

/// The texts are those of the library and gone with the next event.
struct YamlEvent {
  enum class Kind { document, text, alias, list, list_end, map, map_end, end };

  Kind kind = Kind::end;
  Place place;              ///< Where it begins, its anchor and tag included.
  std::string_view anchor;  ///< Of an alias, the anchor that it names. Empty when there is none.
  std::string_view tag;     ///< With its handle resolved. Empty when there is none.
  std::string_view text;
  bool is_plain = false;  ///< A text without quotes and tag.
};

/// Why a text is not YAML. The words are the library's own, none of them from the text.
struct YamlProblem {
  Place place;
  std::string_view what;
  std::string_view during;  ///< What was being read: "while parsing a flow mapping"; may be empty.
  Place began;              ///< Where that begins; line 0 when it is not told.
};

class YamlEvents {
 public:
  /// `file` is the number that the places get. The text must outlive this object. It holds no line
  /// breaks but newlines, since the library would count others as well.
  YamlEvents(int file, std::string_view text);
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  ~YamlEvents();

  /// The next event, the last of which is an `end`; nullptr when there is a problem. Nothing may be
  /// asked for after either.
  const YamlEvent* next();

  const YamlProblem& problem() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::spec
