// Vectors of FIPS 180-4 and RFC 4231.
#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace hansa::crypto {
namespace {

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");  // RFC 4231, 6
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  Sha256Stream stream;
  stream.update("a");
  stream.update("bc");
  EXPECT_EQ(stream.finish(), sha256("abc"));
}

TEST(Base64Url, RoundTripsAndRefuses) {
  std::string back;
  for (std::string const text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    ASSERT_TRUE(base64url_decode(base64url(text), back)) << text;
    EXPECT_EQ(back, text);
  }
  EXPECT_FALSE(base64url_decode("a", back));
  EXPECT_FALSE(base64url_decode("ab=", back));
  EXPECT_FALSE(base64url_decode("ab", back)) << "spare bits must be zero";
}

}  // namespace
}  // namespace hansa::crypto
