#include "cli/heap.hpp"

#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace sluice::cli {

namespace {

// Some more than a plan of 40,000 objects takes.
constexpr int kHeapBytes = 640 << 20;
constexpr int kNever = 1 << 30;
constexpr int kPadBytes = 1 << 20;
constexpr std::uintptr_t kLargePage = 2U << 20U;

std::uintptr_t heap_end() {
  return reinterpret_cast<std::uintptr_t>(sbrk(0));
}

std::uintptr_t rounded_up(std::uintptr_t address) {
  return (address + kLargePage - 1) / kLargePage * kLargePage;
}

// Asks for memory until what the heap has left is used up, so that it grows by its padding.
void grow_heap(std::uintptr_t end) {
  constexpr std::size_t kPiece = 100U << 10U;
  std::vector<std::unique_ptr<void, decltype(&std::free)>> pieces;
  while (heap_end() == end && pieces.size() < 8)
    pieces.emplace_back(std::malloc(kPiece), &std::free);
}

}  // namespace

void use_large_pages() {
  // What is freed at the heap's end would go back to the system, and large pieces would not come
  // from the heap.
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, kHeapBytes);
  const std::uintptr_t before = heap_end();
  grow_heap(before);
  mallopt(M_TOP_PAD, kPadBytes);
  const std::uintptr_t begin = rounded_up(before);
  if (heap_end() <= begin) return;
  const std::size_t size = (heap_end() - begin) / kLargePage * kLargePage;
  madvise(reinterpret_cast<void*>(begin), size, MADV_HUGEPAGE);
}

}  // namespace sluice::cli
