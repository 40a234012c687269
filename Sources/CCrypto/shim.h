#pragma once
// SHA1_Init and its like need no provider, whose loading takes longer than starting the program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
