#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sluice::report {

namespace {

constexpr std::size_t kIndent = 8;         ///< Where a field begins, behind its symbol.
constexpr std::size_t kValuesIndent = 12;  ///< Where values stand that do not fit behind the field.

/// What one field shows: `label before -> after  (mark)`, any of the last two left out.
struct FieldLine {
  char symbol = ' ';
  std::string label;
  std::string before;
  std::string after;
  std::string mark;
};

Tone tone_of(char symbol) {
  switch (symbol) {
    case '+':
      return Tone::green;
    case '-':
      return Tone::red;
    default:
      return Tone::yellow;
  }
}

std::string spaces(std::size_t count) {
  return std::string(count, ' ');
}

/// On one line when it fits. Else the values stand one below the other, and the mark below them
/// when it does not fit either.
std::string laid_out(const FieldLine& line, const Style& style) {
  const std::string symbol(1, line.symbol);
  std::string text = spaces(kIndent - 2) +
                     (symbol == " " ? symbol : painted(symbol, tone_of(line.symbol), style)) + " " +
                     line.label;
  const std::string arrow = line.after.empty() ? "" : "-> " + line.after;
  const std::string mark = line.mark.empty() ? "" : "(" + line.mark + ")";
  std::size_t column = kIndent + width(line.label) + 1;
  const std::size_t whole = column + width(line.before) + (arrow.empty() ? 0 : 1 + width(arrow)) +
                            (mark.empty() ? 0 : 2 + width(mark));
  if (whole <= kColumns) {
    text += " " + line.before;
    if (!arrow.empty()) text += " " + arrow;
    if (!mark.empty()) text += "  " + mark;
    return text + "\n";
  }
  const bool below = !arrow.empty() && column > kColumns / 2;
  if (below) column = kValuesIndent;
  text += below ? "\n" + spaces(column) + line.before : " " + line.before;
  std::size_t used = column + width(line.before);
  if (!arrow.empty()) {
    text += "\n" + spaces(column - 3) + arrow;
    used = column - 3 + width(arrow);
  }
  if (mark.empty()) return text + "\n";
  const bool fits = used + 2 + width(mark) <= kColumns;
  return text + (fits ? "  " : "\n" + spaces(column)) + mark + "\n";
}

/// The destination of "rows[<destination>]"; empty for other fields.
std::string_view row_of(std::string_view field) {
  constexpr std::string_view kRows = "rows[";
  if (!field.starts_with(kRows) || !field.ends_with(']')) return {};
  return field.substr(kRows.size(), field.size() - kRows.size() - 1);
}

/// `string, primary title...`: a schema's field as people speak of it.
std::string field_type_text(const Json& field) {
  const Json type = field.value("type", Json());
  std::string text = type.is_string() ? harmless(type.get<std::string>()) : value_text(field);
  if (type.is_string() && field.value("format", Json()).is_string()) {
    text += " (" + harmless(field.at("format").get<std::string>()) + ")";
  }
  if (field.contains("title")) text += "  " + value_text(field.at("title"));
  return text;
}

/// `before -> after` of a field or a mapping row; a side that is null is left out.
FieldLine field_line(std::string_view field, const Json& before, const Json& after) {
  FieldLine line;
  const std::string_view destination = row_of(field);
  const bool row = !destination.empty();
  line.label = harmless(row ? destination : field);
  if (before.is_null() || after.is_null()) {
    line.symbol = before.is_null() ? '+' : '-';
    const Json& only = before.is_null() ? after : before;
    line.label += row ? " <-" : ":";
    line.before = row ? row_text(only) : value_text(only);
    return line;
  }
  line.symbol = '~';
  line.label += ":";
  TwoTexts texts = row ? two_rows(before, after) : two_values(before, after);
  line.before = std::move(texts.left);
  line.after = std::move(texts.right);
  return line;
}

/// Says whose change it is where the step's reason does not say it for all its fields alike.
std::string cause_mark(const Step& step, const Change& change) {
  const bool drift = std::any_of(step.changes.begin(), step.changes.end(), [](const Change& other) {
    return other.cause == Cause::drift || other.cause == Cause::both;
  });
  switch (change.cause) {
    case Cause::spec:
      return drift ? "the spec changed" : "";
    case Cause::drift:
      return "drifted";
    case Cause::both:
      return "drifted, and the spec changed";
    case Cause::follows:
      return "";
  }
  return "";
}

std::string plain_field(const std::string& name, const Json& value) {
  return laid_out({' ', harmless(name) + ":", value_text(value), "", ""}, {});
}

/// A value with so many entries that each gets a line.
bool has_entries(const std::pair<const std::string, Json>& field) {
  const bool many = field.first == "rows" || field.first == "properties";
  return many && field.second.is_object();
}

std::string entries_text(const std::string& name, const Json& entries) {
  std::string result = fmt::format("{}{} ({}):\n", spaces(kIndent), name, entries.size());
  const bool rows = name == "rows";
  for (const auto& [key, entry] : entries.items()) {
    result += fmt::format("{}{}{} {}\n", spaces(kIndent + 2), harmless(key), rows ? " <-" : ":",
                          rows ? row_text(entry) : field_type_text(entry));
  }
  return result;
}

}  // namespace

std::string created_fields(const Fields& fields) {
  std::string result;
  const auto name = fields.find("name");
  if (name != fields.end()) result += plain_field("name", name->second);
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    if (field != name && !has_entries(*field)) result += plain_field(field->first, field->second);
  }
  for (const auto& field : fields) {
    if (has_entries(field)) result += entries_text(field.first, field.second);
  }
  return result;
}

std::string change_lines(const Step& step, const Change& change, const Style& style) {
  FieldLine line = field_line(change.field, change.before, change.after);
  line.mark = cause_mark(step, change);
  if (change.forces_replacement) {
    line.mark += line.mark.empty() ? "forces replacement" : "; forces replacement";
  }
  return laid_out(line, style);
}

std::string difference_lines(const FieldDifference& difference, const Style& style) {
  return laid_out(field_line(difference.field, difference.left, difference.right), style);
}

std::string drift_lines(const Drift& drift, const std::string& fate, const Style& style) {
  FieldLine line = field_line(drift.field, drift.recorded, drift.observed);
  line.mark = fate;
  return laid_out(line, style);
}

}  // namespace sluice::report
