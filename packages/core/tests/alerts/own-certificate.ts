/** A certificate for localhost and a hundred years, made for tests with openssl; who is to trust it has to be told. */
export const OWN: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxeUFvtpdurs3BIbV
qhiAJ6dDyTRYsyfaYVzRbfl/niqhRANCAAShGI9XUszd48yHDXg+EGvVq5cc5zmK
YyCGxwXBTNUwDJQe/y5KEcuDaBucyNcXZweuDZSJitSAF/yjGkc70jfy
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUBa4+eUc7f9kQLhc1GAdrS2esgr0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE4NDgxNloYDzIxMjYxMDMw
MTg0ODE2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAShGI9XUszd48yHDXg+EGvVq5cc5zmKYyCGxwXBTNUwDJQe/y5KEcuD
aBucyNcXZweuDZSJitSAF/yjGkc70jfyo2kwZzAdBgNVHQ4EFgQUe717Li35cyhx
fWjNQaCLpORThw0wHwYDVR0jBBgwFoAUe717Li35cyhxfWjNQaCLpORThw0wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgaNUolbizI2jdM8f3Ex31gFDSXIMX8FIiapLHejXRHugCIQC1rDUM1K8Q
CrKCYu0rBYoORwQlF/IxN2/K2zMZjftKwA==
-----END CERTIFICATE-----`,
}
