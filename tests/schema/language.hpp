#pragma once

// What the tests of docs/spec.schema.json share: the schema, what it says of a document, and what
// the parser says of the same one.

#include "kinds/kind.hpp"
#include "spec/yaml_tree.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/read_text.hpp"
#include "support/temp_dir.hpp"
#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace sluice::test {

inline const std::filesystem::path kRoot = source_dir();
inline const std::filesystem::path kSchemaPath = kRoot / "docs" / "spec.schema.json";

inline Json schema() {
  return Json::parse(read_text(kSchemaPath));
}

/// The kinds and connectors of the program.
inline Catalogue language() {
  return kinds::Registry().catalogue();
}

/// What a text without quotes is to an editor, which goes by YAML 1.2's core schema.
inline Json plain_value(const std::string& text) {
  static const std::regex kInteger("[-+]?[0-9]+");
  static const std::regex kFloat("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  for (const char* word : {"true", "True", "TRUE"}) {
    if (text == word) return true;
  }
  for (const char* word : {"false", "False", "FALSE"}) {
    if (text == word) return false;
  }
  constexpr std::size_t kLongDigits = 15;
  if (std::regex_match(text, kInteger) && text.size() <= kLongDigits) return std::stoll(text);
  if (std::regex_match(text, kFloat)) return std::stod(text);
  return text;
}

inline Json editor_value(const spec::Node& node) {
  switch (node.kind) {
    case spec::Node::Kind::null:
      return nullptr;
    case spec::Node::Kind::text:
      return node.is_plain ? plain_value(node.text) : Json(node.text);
    case spec::Node::Kind::list: {
      Json list = Json::array();
      for (const spec::Node& item : node.items)
        list.push_back(editor_value(item));
      return list;
    }
    case spec::Node::Kind::map: {
      Json map = Json::object();
      for (std::size_t at = 0; at + 1 < node.items.size(); at += 2)
        map[node.items[at].text] = editor_value(node.items[at + 1]);
      return map;
    }
  }
  return nullptr;
}

/// The document that an editor holds against the schema, merge keys followed; nullopt for what is
/// not YAML or has a key twice.
inline std::optional<Json> editor_view(const std::string& text) {
  const std::vector<spec::Source> sources = {{"a.yaml", text}};
  const std::vector<spec::Source> none;
  Diagnostics diagnostics;
  spec::Messages messages(sources, none, diagnostics);
  const std::vector<std::optional<spec::Node>> trees = spec::read_trees(0, 1, messages);
  if (diagnostics.has_errors() || !trees.front()) return std::nullopt;
  return editor_value(*trees.front());
}

/// For each document what the schema finds wrong with it first; empty when it accepts it.
inline std::vector<std::string> schema_verdicts(const std::vector<Json>& documents) {
  const TempDir folder;
  const std::string path = (folder.path() / "documents.jsonl").string();
  std::ofstream out(path);
  for (const Json& document : documents)
    out << document.dump() << '\n';
  out.close();
  Process python(
      {"/usr/bin/python3", "-W", "ignore", (kRoot / "tests" / "schema" / "validate.py").string(),
       kSchemaPath.string(), path},
      {{"LC_ALL", "C.UTF-8"}}, folder.path().string());
  const Finished finished = python.finish();
  REQUIRE_MESSAGE(finished.code == 0, finished.err);
  std::vector<std::string> verdicts;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);)
    verdicts.push_back(line);
  REQUIRE(verdicts.size() == documents.size());
  return verdicts;
}

/// What the parser says. The variables `token`, a secret, and `given` have values from outside.
inline spec::Reading parse(const std::vector<spec::Source>& sources) {
  spec::Options options;
  options.environment = {{"token", "t0ken"}, {"given", "x"}};
  static const Catalogue catalogue = language();
  return spec::read_files(sources, options, catalogue);
}

}  // namespace sluice::test
