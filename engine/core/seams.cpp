#include "core/seams.hpp"

#include <fmt/format.h>

namespace sluice {

std::string make_uuid(Random& random) {
  // RFC 4122: the version is in bits 12-15 of the third group, the variant in the top bits of the
  // fourth.
  const std::uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(3ULL << 62U)) | (2ULL << 62U);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFULL);
}

}  // namespace sluice
