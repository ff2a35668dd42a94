#pragma once

// Whole texts that are compared with files under tests/golden. With UPDATE_GOLDEN=1 in the
// environment the files are written anew, and the test does not pass: a run that changes what it
// compares with has proved nothing.

#include "support/places.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace sluice::test {

/// The first line in which the texts differ, from both; empty when they are equal.
inline std::string first_difference(const std::string& expected, const std::string& actual) {
  if (expected == actual) return {};
  std::istringstream left(expected);
  std::istringstream right(actual);
  for (int number = 1;; ++number) {
    std::string wanted;
    std::string found;
    const bool more_left = static_cast<bool>(std::getline(left, wanted));
    const bool more_right = static_cast<bool>(std::getline(right, found));
    if (!more_left && !more_right) return "only the line end at the end of the text differs";
    if (more_left && more_right && wanted == found) continue;
    return "line " + std::to_string(number) +
           "\n  expected: " + (more_left ? wanted : "(the text is over)") +
           "\n  found:    " + (more_right ? found : "(the text is over)");
  }
}

/// Compares `text` with the file at `path`, which is relative to tests/golden.
inline void check_golden(const std::string& path, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(source_dir()) / "tests" / "golden" / path;
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    CHECK_MESSAGE(false, "written anew, so not compared: ", path);
    return;
  }
  std::ifstream in(file, std::ios::binary);
  const bool opened = in.is_open();
  CHECK_MESSAGE(opened, "there is no ", file.string(), "; UPDATE_GOLDEN=1 writes it");
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  const std::string difference = first_difference(expected, text);
  CHECK_MESSAGE(difference.empty(), path, ": ", difference);
}

}  // namespace sluice::test
