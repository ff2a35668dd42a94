#pragma once

// The places in a spec's files, and the errors found there with the line they stand in. Where an
// error was reported the reader goes on, so that one run reports them all.

#include "core/diagnostics.hpp"
#include "spec/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

/// A place in one of the files. Line and column count from 1, the column and the offset in bytes.
/// Line 0 is the file as a whole.
struct Place {
  int file = 0;
  int line = 0;
  int column = 0;
  int offset = 0;
};

class Messages {
 public:
  /// Both must outlive this object.
  Messages(const std::vector<Source>& sources, Diagnostics& into);

  /// The text of a file without its byte order mark.
  std::string_view text(int file) const;

  /// The place as people count it: the column in characters.
  SourcePos position(const Place& place) const;

  /// "file:line:column".
  std::string position_text(const Place& place) const;

  void error(const Place& place, std::string summary, std::string detail = {});

  /// An error that stands in no file.
  void error_outside(std::string summary, std::string detail);

  bool failed() const { return errors_ > 0; }

  /// "Did you mean `x`? Expected one of `x`, `y`." - as much of it as helps; may be empty.
  std::string suggestion(std::string_view word, const std::vector<std::string>& known) const;

 private:
  std::string excerpt(const Place& place) const;
  void add(Diagnostic diagnostic);

  const std::vector<Source>& sources_;
  Diagnostics& into_;
  int errors_ = 0;
};

}  // namespace sluice::spec
