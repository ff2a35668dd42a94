#pragma once

// A certificate that signs itself, made anew for a test, and the TLS context of a server with it.

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace sluice::test {

class TestCertificate {
 public:
  /// `subject` as X.509 writes it: "IP:127.0.0.1" or "DNS:platform.example".
  /// It ends in so many seconds, or ended before.
  explicit TestCertificate(const std::string& subject, long seconds_left = 3600)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()), context_(SSL_CTX_new(TLS_method())) {
    X509* x509 = certificate_.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -7200);
    X509_gmtime_adj(X509_getm_notAfter(x509), seconds_left);
    X509_set_pubkey(x509, key_.get());
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("sluice test"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    add_extension(NID_subject_alt_name, subject);
    add_extension(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x509, key_.get(), EVP_sha256());
    SSL_CTX_use_certificate(context_.get(), x509);
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
  }

  SSL_CTX* context() const { return context_.get(); }

  /// Writes the certificate for a client that is to trust it.
  void save(const std::string& path) const {
    const std::unique_ptr<BIO, Free> file(BIO_new_file(path.c_str(), "w"));
    PEM_write_bio_X509(file.get(), certificate_.get());
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(BIO* file) const { BIO_free(file); }
  };

  void add_extension(int kind, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
    X509_add_ext(certificate_.get(), extension.get(), -1);
  }

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace sluice::test
