#include "http/curl_library.hpp"

#include "core/fatal.hpp"

#include <dlfcn.h>
#include <string>

namespace sluice::http {

namespace {

// Its ABI has kept this name since 2006.
constexpr const char* kFile = "libcurl.so.4";

[[noreturn]] void refuse(const std::string& why) {
  throw Fatal(ExitCode::failed, "libcurl cannot be used: " + why,
              "Install libcurl 7.88 or newer (Debian: `apt install libcurl4`).");
}

template <class Function>
void find(void* handle, const char* name, Function& into) {
  into = reinterpret_cast<Function>(dlsym(handle, name));
  if (into == nullptr) refuse(std::string(kFile) + " has no " + name);
}

}  // namespace

void CurlLibrary::Close::operator()(void* handle) const {
  dlclose(handle);
}

CurlLibrary::CurlLibrary() {
  // It stays loaded, since OpenSSL has left calls behind for the end of the process.
  handle_.reset(dlopen(kFile, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (!handle_) refuse(dlerror());
  void* handle = handle_.get();
  find(handle, "curl_easy_init", easy_init);
  find(handle, "curl_easy_cleanup", easy_cleanup);
  find(handle, "curl_easy_setopt", easy_setopt);
  find(handle, "curl_easy_getinfo", easy_getinfo);
  find(handle, "curl_easy_strerror", easy_strerror);
  find(handle, "curl_multi_init", multi_init);
  find(handle, "curl_multi_cleanup", multi_cleanup);
  find(handle, "curl_multi_setopt", multi_setopt);
  find(handle, "curl_multi_add_handle", multi_add_handle);
  find(handle, "curl_multi_remove_handle", multi_remove_handle);
  find(handle, "curl_multi_perform", multi_perform);
  find(handle, "curl_multi_poll", multi_poll);
  find(handle, "curl_multi_info_read", multi_info_read);
  find(handle, "curl_slist_append", slist_append);
  find(handle, "curl_slist_free_all", slist_free_all);
  decltype(&curl_global_init) global_init = nullptr;
  find(handle, "curl_global_init", global_init);
  find(handle, "curl_global_cleanup", global_cleanup_);
  // Calls are counted, so each transport may make its own.
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) refuse("it does not start");
}

CurlLibrary::~CurlLibrary() {
  global_cleanup_();
}

}  // namespace sluice::http
