#include "kinds/collection.hpp"

#include "kinds/fields.hpp"

namespace sluice::kinds {

void add_collection(Kind& kind, const std::string& base, Json (*to_body)(const Fields& inputs)) {
  kind.create = [base, to_body](const Fields& inputs) {
    http::Request result = request("POST", base);
    result.body = to_body(inputs).dump();
    return result;
  };
  kind.read = [base](const std::string& id) { return request("GET", base + "/" + encode(id)); };
  kind.remove = [base](const std::string& id) {
    return request("DELETE", base + "/" + encode(id));
  };
}

}  // namespace sluice::kinds
