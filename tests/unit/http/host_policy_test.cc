#include "src/http/host_policy.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/http/origin.h"

namespace pistream {
namespace {

using testing::HasSubstr;

using Names = std::vector<std::string>;

TEST(HostPolicyTest, AddressesLocalhostAndOwnNames_AreOurs) {
  const HostPolicy policy({"pi", "pi.local"});
  for (const char* const host :
       {"127.0.0.1", "192.168.1.7", "192.168.1.7:8082", "8.8.8.8", "[::1]", "[fe80::1]:8082",
        "localhost", "LOCALHOST:80", "localhost.", "cam.localhost", "pi", "PI:8082", "pi.",
        "Pi.Local", "pi.local.", "pi.local.:8082"}) {
    EXPECT_TRUE(policy.IsOwn(HostOf(host).value())) << host;
  }
}

TEST(HostPolicyTest, OtherNames_AreNot) {
  const HostPolicy policy({"pi", "pi.local"});
  for (const char* const host :
       {"evil.example", "pi.evil.example", "xpi", "pi2", "pi.local.evil.example", "xpi.local",
        "local", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "127.1",
        "2130706433", "0x7f000001", "1.2.3.4.5", "pi..", ".", "pi.local.."}) {
    EXPECT_FALSE(policy.IsOwn(HostOf(host).value())) << host;
  }
  EXPECT_FALSE(HostPolicy({}).IsOwn("pi"));
  EXPECT_TRUE(HostPolicy({}).IsOwn("10.0.0.1"));
}

TEST(NamesOfMachineTest, Names_AreThoseOfTheLocalDomains) {
  EXPECT_EQ(NamesOfMachine("Pi", {}), (Names{"pi", "pi.local"}));
  EXPECT_EQ(NamesOfMachine("pi", Names{"fritz.box", "lan", "local"}),
            (Names{"pi", "pi.local", "pi.fritz.box", "pi.lan"}));
  EXPECT_EQ(NamesOfMachine("pi.example.org", Names{"lan"}),
            (Names{"pi.example.org", "pi", "pi.local", "pi.lan"}));
  EXPECT_EQ(NamesOfMachine("", Names{"lan"}), Names());
}

TEST(SearchDomainsTest, LastLine_Counts) {
  EXPECT_EQ(SearchDomains(""), Names());
  EXPECT_EQ(SearchDomains("nameserver 192.168.1.1\nsearch lan\n"), Names{"lan"});
  EXPECT_EQ(SearchDomains("search Fritz.Box.  example.org lan lan\n"),
            (Names{"fritz.box", "example.org", "lan"}));
  EXPECT_EQ(SearchDomains("domain a.example\nsearch b.example c.example"),
            (Names{"b.example", "c.example"}));
  EXPECT_EQ(SearchDomains("search b.example\r\ndomain\ta.example\r\n"), Names{"a.example"});
  EXPECT_EQ(SearchDomains("# search x\n;search y\n  search z\noptions search:q\nsearching w\n"),
            Names{"z"});
  EXPECT_EQ(SearchDomains("search .\n"), Names());
}

TEST(ParseHostNameTest, Name_IsInLowerCase) {
  EXPECT_EQ(ParseHostName("Cam.Example.ORG").value(), "cam.example.org");
  EXPECT_EQ(ParseHostName("cam.example.org.").value(), "cam.example.org");
  EXPECT_EQ(ParseHostName("192.168.1.7").value(), "192.168.1.7");
}

TEST(ParseHostNameTest, AnythingElse_IsRefused) {
  for (const char* const text : {"", ".", "cam:8082", "http://cam", "cam/x", "*.example.org", "a b",
                                 "k\xC3\xBC"
                                 "che"}) {
    const auto name = ParseHostName(text);
    ASSERT_FALSE(name) << text;
    EXPECT_THAT(name.error().message, HasSubstr("is not a host's name"));
  }
}

}  // namespace
}  // namespace pistream
