// SPDX-License-Identifier: Apache-2.0
#include "server/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "platform/unique_fd.h"
#include "server/http_testing.h"
#include "server/listener.h"

namespace gpud::server {
namespace {

constexpr uid_t kNobody = 65534;

/// Connects to a port of this machine, as an IPv6 socket when the address is one.
UniqueFd Connect(const std::string& host, unsigned short port) {
  sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port)};
  const bool is_v6 = ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1;
  if (!is_v6) ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr);
  UniqueFd fd(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* address = is_v6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  EXPECT_EQ(::connect(fd.get(), address, is_v6 ? sizeof(v6) : sizeof(v4)), 0) << host;
  return fd;
}

struct Pair {
  UniqueFd client;
  UniqueFd accepted;
};

class PeerTest : public testing::Test {
 protected:
  Pair ConnectTo(const std::string& listen, const std::string& host) {
    auto listeners = ListenTcp(listen);
    EXPECT_TRUE(listeners) << listeners.error().what;
    Pair pair{.client = Connect(host, listeners->front().port)};
    pair.accepted.Reset(::accept4(listeners->front().fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return pair;
  }

  std::shared_ptr<const SocketOwners> owners_ = OpenSocketOwners();
};

TEST_F(PeerTest, IsKnownOnEveryKindOfLoopback) {
  struct Row {
    const char* listen;
    const char* connect;
    const char* text;
  };
  for (const Row& row :
       {Row{"127.0.0.1:0", "127.0.0.1", "127.0.0.1:"}, Row{"[::1]:0", "::1", "[::1]:"},
        Row{":0", "127.0.0.1", "127.0.0.1:"}, Row{":0", "::ffff:127.0.0.1", "127.0.0.1:"},
        Row{"127.0.0.1:0", "::ffff:127.0.0.1", "127.0.0.1:"},
        Row{"127.0.0.9:0", "127.0.0.9", "127.0.0.1:"}}) {
    SCOPED_TRACE(std::string(row.listen) + " <- " + row.connect);
    const Pair pair = ConnectTo(row.listen, row.connect);
    const KnownPeer known = IdentifyPeer(pair.accepted.get(), owners_);
    EXPECT_TRUE(known.peer.loopback);
    EXPECT_FALSE(known.peer.unix_socket);
    EXPECT_EQ(known.peer.uid, ::getuid());
    EXPECT_TRUE(known.peer.address.starts_with(row.text)) << known.peer.address;
    EXPECT_TRUE(known.unchanged());
  }
}

TEST_F(PeerTest, ThatClosedBeforeItWasAcceptedHasNoUid) {
  auto listeners = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(listeners);
  {
    const UniqueFd client = Connect("127.0.0.1", listeners->front().port);
    ASSERT_EQ(::send(client.get(), "POST /", 6, 0), 6);
  }
  const UniqueFd accepted(::accept4(listeners->front().fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const KnownPeer known = IdentifyPeer(accepted.get(), owners_);
  EXPECT_TRUE(known.peer.loopback);
  EXPECT_EQ(known.peer.uid, std::nullopt);
  EXPECT_FALSE(known.unchanged());
}

TEST_F(PeerTest, HasChangedWhenItClosesAfterwards) {
  Pair pair = ConnectTo("127.0.0.1:0", "127.0.0.1");
  const KnownPeer known = IdentifyPeer(pair.accepted.get(), owners_);
  ASSERT_TRUE(known.unchanged());
  pair.client.Reset();
  EXPECT_FALSE(known.unchanged());
}

TEST_F(PeerTest, HasChangedWhenItsSocketGetsAnotherOwner) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can give a socket to another user";
  const Pair pair = ConnectTo("127.0.0.1:0", "127.0.0.1");
  const KnownPeer known = IdentifyPeer(pair.accepted.get(), owners_);
  ASSERT_EQ(known.peer.uid, 0u);
  ASSERT_EQ(::fchown(pair.client.get(), kNobody, kNobody), 0);  // socket(7): its new owner's uid
  EXPECT_FALSE(known.unchanged());
}

/// Runs `connect` in a child that is `nobody`; it holds its connection until `release` is closed.
template <class ConnectTo, class Check>
void AsNobody(ConnectTo&& connect, Check&& check) {
  int release[2];
  ASSERT_EQ(::pipe2(release, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(release[1]);
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(1);
    const auto held = connect();
    char byte;
    (void)!::read(release[0], &byte, 1);  // its end
    ::_exit(0);
  }
  check();
  ::close(release[0]);
  ::close(release[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PeerTest, OfAnotherUserIsThatUserOverTcpAndOverTheUnixSocket) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  auto tcp = ListenTcp("127.0.0.1:0");
  const TemporaryFolder folder;
  ::chmod(folder.path.c_str(), 0755);
  const std::string path = folder.path + "/socket";
  auto unix_socket = ListenUnix(path);
  ASSERT_TRUE(tcp && unix_socket);
  const auto check = [&](int listener) {
    const UniqueFd accepted(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    const KnownPeer known = IdentifyPeer(accepted.get(), owners_);
    EXPECT_EQ(known.peer.uid, kNobody);
    EXPECT_TRUE(known.unchanged());
  };
  AsNobody([&] { return Connect("127.0.0.1", tcp->front().port); },
           [&] {
             ::fcntl(tcp->front().fd.get(), F_SETFL, 0);
             check(tcp->front().fd.get());
           });
  AsNobody([&] { return client::DialUnix(path, client::Deadline::max()); },
           [&] {
             ::fcntl(unix_socket->get(), F_SETFL, 0);
             check(unix_socket->get());
           });
}

TEST_F(PeerTest, OnTheUnixSocketIsKnownByItsCredentials) {
  const TemporaryFolder folder;
  auto listener = ListenUnix(folder.path + "/socket");
  ASSERT_TRUE(listener);
  const auto client = client::DialUnix(folder.path + "/socket", client::Deadline::max());
  ASSERT_TRUE(client);
  const UniqueFd accepted(::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
  const KnownPeer known = IdentifyPeer(accepted.get(), owners_);
  EXPECT_TRUE(known.peer.unix_socket);
  EXPECT_FALSE(known.peer.loopback);
  EXPECT_EQ(known.peer.uid, ::getuid());
  EXPECT_EQ(known.peer.address, "unix");
  EXPECT_TRUE(known.unchanged());
}

TEST_F(PeerTest, FromAnAddressThatIsNotLoopbackHasNoUid) {
  // A UDP "connection" sends nothing; it says which address this machine would use.
  const UniqueFd probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(9)};
  ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
  socklen_t size = sizeof(address);
  if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    GTEST_SKIP() << "this machine has no address but loopback";
  }
  char text[INET_ADDRSTRLEN];
  const std::string host = ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
  const Pair pair = ConnectTo(host + ":0", host);
  const KnownPeer known = IdentifyPeer(pair.accepted.get(), owners_);
  EXPECT_FALSE(known.peer.loopback);
  EXPECT_EQ(known.peer.uid, std::nullopt);
  EXPECT_FALSE(known.unchanged());
}

}  // namespace
}  // namespace gpud::server
