#include "run/import.hpp"

#include "core/compare.hpp"
#include "core/fatal.hpp"

#include <fmt/format.h>

namespace sluice::run {

namespace {

struct Import {
  Remote& remote;
  ReadResult result;
  std::string kind;  ///< What the id is of instead, where that was found out.
};

http::Task<http::Done> read_object(Import& import, std::string kind, std::string id) {
  import.result = co_await import.remote.read_newest(kind, id, 0);
  co_return http::Done{};
}

/// What is wrong with this read does not matter: it only makes a message better.
http::Task<http::Done> try_kind(Import& import, std::string kind, std::string id) {
  ReadResult result = co_await import.remote.read(kind, id, 0);
  if (std::holds_alternative<Observed>(result)) import.kind = kind;
  co_return http::Done{};
}

[[noreturn]] void refuse_missing(Import& import, const kinds::Registry& registry,
                                 const Resource& resource, const std::string& id) {
  for (const std::string& kind : registry.names()) {
    // A kind without a list is a mark of another object, and has its id.
    if (kind != resource.kind && registry.at(kind).list)
      import.remote.loop().spawn(try_kind(import, kind, id));
  }
  import.remote.loop().run();
  const std::string& noun = registry.at(resource.kind).noun;
  if (!import.kind.empty()) {
    throw Fatal(ExitCode::failed,
                fmt::format("{} is of the kind {}, and {} is to be of the kind {}", id,
                            registry.at(import.kind).noun, resource.address.text(), noun));
  }
  throw Fatal(ExitCode::failed, fmt::format("There is no {} {} in this sandbox", noun, id),
              "`sluice discover` shows what there is that nobody here manages. A label may hide an "
              "object from these credentials.");
}

}  // namespace

Record import_object(Remote& remote, const kinds::Registry& registry, const Resource& resource,
                     const std::string& id) {
  Import import{remote, Gone{}, {}};
  remote.loop().spawn(read_object(import, resource.kind, id));
  remote.loop().run();
  if (const auto* trouble = std::get_if<Trouble>(&import.result)) {
    give_up(*trouble);
  }
  const auto* object = std::get_if<Observed>(&import.result);
  if (object == nullptr) refuse_missing(import, registry, resource, id);
  Record record;
  record.address = resource.address;
  record.kind = resource.kind;
  record.id = object->id;
  record.etag = object->etag;
  record.facts = object->facts;
  record.depends_on = resource.needs();
  record.protect = resource.protect;
  // What the spec calls a secret stays one, whatever the platform tells of it.
  for (const auto& [field, wanted] : resource.fields) {
    const auto found = object->fields.find(field);
    const FieldRule* rule = registry.at(resource.kind).rules.field(field);
    if (found == object->fields.end()) continue;
    record.inputs[field] =
        rule == nullptr ? found->second : managed_part(*rule, found->second, wanted);
  }
  const Fields& named = object->fields.contains("name") ? object->fields : resource.fields;
  const auto name = named.find("name");
  if (name != named.end() && name->second.is_string()) record.name = name->second;
  return record;
}

}  // namespace sluice::run
