#pragma once

// libcurl, loaded when the first transport is made and not when the program starts: with TLS,
// Kerberos, LDAP and what else it brings come forty libraries, and what needs no network should not
// wait for them. Only `curl_transport.cpp` includes this.

#include <curl/curl.h>

#include <memory>

namespace sluice::http {

/// The functions of libcurl that the transport calls, under their own names. What is made with them
/// must be gone before this is.
class CurlLibrary {
 public:
  /// Throws Fatal when the library is not there or lacks one of them.
  CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  ~CurlLibrary();

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;

 public:
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_multi_init) multi_init = nullptr;
  decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&curl_multi_setopt) multi_setopt = nullptr;
  decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&curl_multi_perform) multi_perform = nullptr;
  decltype(&curl_multi_poll) multi_poll = nullptr;
  decltype(&curl_multi_info_read) multi_info_read = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;

 private:
  decltype(&curl_global_cleanup) global_cleanup_ = nullptr;
};

}  // namespace sluice::http
