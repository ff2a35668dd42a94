#pragma once

// Messages about what the user can mend: a spec, a flag, a file. They are values; nothing here
// prints. Trouble with the network is not a diagnostic but an `http::Outcome`, and a broken
// promise of our own code is an assert.

#include <string>
#include <vector>

namespace sluice {

/// A place in a text. Line and column count from 1; line 0 means that the message belongs to no
/// place, or to the file as a whole.
struct SourcePos {
  std::string file;
  int line = 0;
  int column = 0;

  auto operator<=>(const SourcePos&) const = default;
};

enum class Severity { error, warning };

/// One message. `summary` is one sentence without a full stop that names what was seen; `detail`
/// says what to do about it and may be empty. `excerpt` is the line of text at `where`, if known.
struct Diagnostic {
  Severity severity = Severity::error;
  SourcePos where;
  std::string summary;
  std::string detail;
  std::string excerpt;

  bool operator==(const Diagnostic&) const = default;
};

/// Collects messages. A function that bad input can stop takes `Diagnostics&` as its last
/// parameter and returns `std::optional<T>`: nullopt means that it added at least one error.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(SourcePos where, std::string summary, std::string detail = {});
  void warning(SourcePos where, std::string summary, std::string detail = {});

  bool has_errors() const { return errors_ > 0; }
  const std::vector<Diagnostic>& list() const { return list_; }

  /// By place, then in the order of arrival, so that a report reads from top to bottom.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> list_;
  int errors_ = 0;
};

/// The known word that is nearest to `word` by edit distance, or empty when none is near enough
/// to be a likely misspelling.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace sluice
