#pragma once

// cpp-httplib as Debian builds it. Without the definition its classes are laid out otherwise than
// in the library that is linked.

#define CPPHTTPLIB_OPENSSL_SUPPORT
#include <httplib.h>
