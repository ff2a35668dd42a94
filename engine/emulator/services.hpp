#pragma once

// The work of each service, one function a route. The gateway has let the request in, its sandbox
// is known, and the route's placeholders are in `call.captures`.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

namespace sluice::emulator {

// Flow Service. The collection is the third segment after /data/foundation.
http::Response create_source(World& world, const Call& call);
http::Response create_target(World& world, const Call& call);
http::Response create_account(World& world, const Call& call);
http::Response test_account(World& world, const Call& call);
http::Response delete_account(World& world, const Call& call);
http::Response create_flow(World& world, const Call& call);
http::Response list_objects(World& world, const Call& call);
http::Response get_object(World& world, const Call& call);
http::Response patch_object(World& world, const Call& call);
http::Response delete_connection(World& world, const Call& call);
http::Response delete_flow(World& world, const Call& call);
http::Response act_on_flow(World& world, const Call& call);
http::Response list_specs(World& world, const Call& call);
http::Response get_spec(World& world, const Call& call);

// Data Prep.
http::Response create_mapping_set(World& world, const Call& call);
http::Response get_mapping_set(World& world, const Call& call);
http::Response list_mapping_sets(World& world, const Call& call);
http::Response replace_mapping_set(World& world, const Call& call);
http::Response delete_mapping_set(World& world, const Call& call);

// Schema Registry. The container is the third segment after /data/foundation, the kind the next.
http::Response get_stats(World& world, const Call& call);
http::Response list_resources(World& world, const Call& call);
http::Response get_resource(World& world, const Call& call);
http::Response create_resource(World& world, const Call& call);
http::Response replace_resource(World& world, const Call& call);
http::Response patch_resource(World& world, const Call& call);
http::Response delete_resource(World& world, const Call& call);
http::Response list_unions(World& world, const Call& call);
http::Response get_union(World& world, const Call& call);
http::Response list_descriptors(World& world, const Call& call);
http::Response get_descriptor(World& world, const Call& call);
http::Response create_descriptor(World& world, const Call& call);
http::Response replace_descriptor(World& world, const Call& call);
http::Response delete_descriptor(World& world, const Call& call);

// Catalog.
http::Response list_data_sets(World& world, const Call& call);
http::Response get_data_set(World& world, const Call& call);
http::Response create_data_set(World& world, const Call& call);
http::Response patch_data_set(World& world, const Call& call);
http::Response merge_data_set(World& world, const Call& call);
http::Response delete_data_set(World& world, const Call& call);
/// The dataset that the path names is not there.
http::Response unknown_data_set(const Call& call);

// Sandboxes.
http::Response get_sandbox(World& world, const Call& call);

// An inlet, which asks for no token.
http::Response receive_event(World& world, const Call& call);

}  // namespace sluice::emulator
