#pragma once

// The places in a spec's files, and the errors found there with the line they stand in. Where an
// error was reported the reader goes on, so that one run reports them all.

#include "core/diagnostics.hpp"
#include "spec/spec.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>
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
  /// All must outlive this object. The files of variables are numbered on from the sources. They
  /// may hold secrets, so no line of theirs is ever shown.
  Messages(const std::vector<Source>& sources, const std::vector<Source>& var_files,
           Diagnostics& into);

  /// The text of a file without its byte order mark.
  std::string_view text(int file) const;

  /// The place as people count it: the column in characters.
  SourcePos position(const Place& place) const;

  /// "file:line:column".
  std::string position_text(const Place& place) const;

  /// The same error at the same place is reported once, however often the place is read.
  void error(const Place& place, std::string summary, std::string detail = {});

  /// An error whose line must not be shown.
  void error_without_line(const Place& place, std::string summary, std::string detail);

  /// True for the files of variables, and for sources that are called so.
  bool is_private(int file) const;

  /// An error that stands in no file.
  void error_outside(std::string summary, std::string detail);

  bool failed() const { return errors_ > 0; }

  /// "Did you mean `x`? Expected one of `x`, `y`." - as much of it as helps; may be empty.
  std::string suggestion(std::string_view word, const std::vector<std::string>& known) const;

 private:
  std::string excerpt(const Place& place) const;
  void add(Diagnostic diagnostic);
  const Source& source(int file) const;

  const std::vector<Source>& sources_;
  const std::vector<Source>& var_files_;
  Diagnostics& into_;
  std::set<std::pair<SourcePos, std::string>> seen_;
  int errors_ = 0;
};

}  // namespace sluice::spec
