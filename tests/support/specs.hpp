#pragma once

// Texts of specs that more than one folder of tests needs.

#include <string>

namespace sluice::test {

/// So many pipelines that differ in their keys only, "p0" and on, with the name "many".
inline std::string many_pipelines(int count) {
  std::string text = "sluice: 1\nname: many\nplatform: {sandbox: dev}\npipelines:\n";
  for (int i = 0; i < count; ++i) {
    text += "  p" + std::to_string(i) +
            ":\n    source: {connector: customer.io}\n"
            "    target:\n      dataset: \"63ec807d3f5ce91bd2d06c65\"\n"
            "      schema: {id: \"https://ns.adobe.com/extconndev/schemas/"
            "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a\"}\n"
            "    mapping: [{source: metric, destination: _extconndev.metricx}]\n";
  }
  return text;
}

}  // namespace sluice::test
