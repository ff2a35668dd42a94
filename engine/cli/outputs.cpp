#include "cli/outputs.hpp"

#include "core/value.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

struct Reading {
  run::Remote& remote;
  std::map<Address, Observed> objects;
  std::optional<run::Trouble> trouble;
};

http::Task<http::Done> read_one(Reading& reading, const Record& record) {
  run::ReadResult result =
      co_await reading.remote.read_settled(record.kind, record.id, run::version_of(record.facts));
  if (auto* object = std::get_if<Observed>(&result)) {
    reading.objects[record.address] = std::move(*object);
  } else if (auto* trouble = std::get_if<run::Trouble>(&result)) {
    if (!reading.trouble) reading.trouble = std::move(*trouble);
  }
  co_return http::Done{};
}

std::optional<Json> attribute_of(const Observed& object, const std::string& name) {
  if (name == "id") return Json(object.id);
  for (const Json* place : {&object.attributes, &object.facts}) {
    if (place->contains(name)) return place->at(name);
  }
  return std::nullopt;
}

/// Nothing that the platform tells of an object has a blank in it, or what a terminal or a job's
/// log would obey.
bool is_printable(const Json& value) {
  if (!value.is_string()) return true;
  const auto& text = value.get_ref<const std::string&>();
  return report::harmless(text) == text && text.find(' ') == std::string::npos;
}

OutputValue value_of(const Reading& reading, const spec::Output& output) {
  OutputValue result;
  result.sensitive = output.sensitive;
  result.value = resolve(output.value, [&](const Reference& reference) -> std::optional<Json> {
    const auto object = reading.objects.find(reference.address);
    std::optional<Json> value;
    if (object != reading.objects.end()) value = attribute_of(object->second, reference.attribute);
    if (!value) result.missing = reference.text();
    if (value && !is_printable(*value)) result.suspect = reference.text();
    return value;
  });
  return result;
}

}  // namespace

OutputValues read_outputs(run::Remote& remote, const State& state,
                          const std::map<std::string, spec::Output>& outputs) {
  std::set<Address> wanted;
  for (const auto& [name, output] : outputs) {
    for (const Reference& reference : references_in(output.value))
      wanted.insert(reference.address);
  }
  Reading reading{remote, {}, std::nullopt};
  for (const Address& address : wanted) {
    const auto record = state.records.find(address);
    if (record == state.records.end() || record->second.id.empty()) continue;
    remote.loop().spawn(read_one(reading, record->second));
  }
  remote.loop().run();
  run::give_up_if(reading.trouble);
  OutputValues values;
  for (const auto& [name, output] : outputs)
    values[name] = value_of(reading, output);
  return values;
}

std::string outputs_text(const OutputValues& values) {
  std::size_t width = 0;
  for (const auto& [name, output] : values)
    width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, output] : values) {
    std::string shown = "(not known: there is no " + output.missing + " yet)";
    if (output.value) shown = report::harmless(bare(*output.value));
    if (output.value && output.sensitive) shown = "(sensitive; `sluice output " + name + "`)";
    text += fmt::format("  {:<{}} = {}\n", name, width, shown);
  }
  return text;
}

std::string bare(const Json& value) {
  return value.is_string() ? value.get<std::string>() : report::json_text(value, -1);
}

}  // namespace sluice::cli
