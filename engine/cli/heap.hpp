#pragma once

// Memory for large specs and states: millions of small pieces, for which most of the time goes into
// getting pages of 4 KiB one by one and into finding them again.

namespace sluice::cli {

/// Lets the heap's first part be of large pages, where the system has them for those who ask. It
/// takes addresses, no memory: a page becomes memory when it is used. Without large pages, or
/// where so many addresses are not to be had, the heap stays as it is.
void use_large_pages();

}  // namespace sluice::cli
