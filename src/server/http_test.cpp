// SPDX-License-Identifier: Apache-2.0
#include "server/http.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <zlib.h>

#include <atomic>
#include <cctype>

#include "server/http_response.h"
#include "server/http_testing.h"

namespace gpud::server {
namespace {

std::string Get(std::string_view path, std::string_view headers = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}
constexpr std::string_view kClose = "Connection: close\r\n";

std::string Body(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == answer.npos ? "" : answer.substr(end + 4);
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST(Http, AnswersOverTlsAndKeepsTheConnection) {
  const RunningServer running;
  auto stream = running.Tls();
  for (const auto* path : {"/first", "/second"}) {
    Send(stream, Get(path));
    const std::string answer = Receive(stream, path);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_EQ(Body(answer), "GET " + std::string(path));
    EXPECT_FALSE(Contains(answer, "Connection:")) << answer;
  }
}

TEST(Http, TellsTheHandlerWhatWasAsked) {
  Request seen;
  const RunningServer running({}, [&](Request request, const Reply& reply) {
    seen = std::move(request);
    reply({});
  });
  Exchange(running.Unix(),
           "POST /a%20b?c=d+e&c=2&f= HTTP/1.1\r\nHost: x\r\nJSON-Indent: true\r\n"
           "Content-Length: 4\r\nConnection: close\r\n\r\nbody");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/a b");
  EXPECT_EQ(seen.Param("c"), "d e");
  EXPECT_EQ(seen.Param("f"), "");
  EXPECT_EQ(seen.Param("g"), "");
  EXPECT_EQ(seen.Header("json-indent"), "true");
  EXPECT_EQ(seen.body, "body");
  EXPECT_TRUE(seen.peer.unix_socket);
  EXPECT_EQ(seen.peer.uid, ::getuid());
  EXPECT_TRUE(seen.owner_unchanged());
}

TEST(Http, GivesBackTheRequestsOwnIdWithoutWhatDoesNotPrint) {
  EXPECT_EQ(RequestId("abc-1"), "abc-1");
  EXPECT_EQ(RequestId("a\tb\x7f\xff c"), "abc");
  EXPECT_EQ(RequestId(std::string(500, 'x')), std::string(128, 'x'));
  const RunningServer running;
  const std::string answer =
      Exchange(running.Unix(), Get("/", "X-Request-ID: mine\r\nConnection: close\r\n"));
  EXPECT_TRUE(Contains(answer, "\r\nX-Request-Id: mine\r\n")) << answer;
}

TEST(Http, GivesAFreshUuidWhereTheRequestHasNone) {
  const std::string id = RequestId("\t");
  ASSERT_EQ(id.size(), 36u);
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    EXPECT_TRUE(dash ? id[i] == '-' : std::isxdigit(static_cast<unsigned char>(id[i]))) << id;
  }
  EXPECT_EQ(id[14], '4');
  EXPECT_TRUE(Contains("89ab", id.substr(19, 1))) << id;
  EXPECT_NE(RequestId(""), RequestId(""));
}

TEST(Http, RefusesBadRequestsWithAJsonError) {
  HttpOptions options;
  options.most_header_bytes = 2048;
  options.most_body_bytes = 1000;
  const RunningServer running(options);
  struct Row {
    std::string request;
    const char* status;
  };
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const Row& row : {
           Row{Get("/", "A: " + std::string(3000, 'a') + "\r\n"), "431"},
           Row{"GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n\r\n", "431"},
           Row{"GET / HTTP/1.1\r\nA: " + std::string(3000, 'a'), "431"},
           Row{head + "Content-Length: 1001\r\n\r\n", "413"},
           Row{head + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'b'), "413"},
           Row{head + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(4000, 'e'), "400"},
           Row{head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
           Row{head + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "400"},
           Row{head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
           Row{head + "Content-Length: -1\r\n\r\n", "400"},
           Row{head + "Transfer-Encoding: gzip, chunked\r\n\r\n", "400"},
           Row{head + "Host: y\r\n\r\n", "400"},
           Row{"GET / HTTP/1.1\r\n\r\n", "400"},
           Row{"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
           Row{Get("/%zz"), "400"},
           Row{"garbage\r\n\r\n", "400"},
           Row{std::string("\0\0\0", 3), "400"},
       }) {
    auto stream = running.Unix();
    Send(stream, row.request);
    ::shutdown(stream.fd(), SHUT_WR);
    const std::string answer = Receive(stream);
    const std::string code = row.status;
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + code)) << row.request << "\n" << answer;
    EXPECT_TRUE(Body(answer).starts_with("{\"code\":" + code + ",\"message\":\"")) << answer;
    EXPECT_TRUE(Contains(answer, "\r\nX-Request-Id: ")) << answer;
    EXPECT_TRUE(Contains(answer, "application/json")) << answer;
  }
}

TEST(Http, HeaderOfExactlyTheLimitIsServed) {
  HttpOptions options;
  options.most_header_bytes = 2048;
  const RunningServer running(options);
  const std::string frame = Get("/", "Connection: close\r\nA: \r\n");
  const auto with_size = [&](std::size_t size) {
    return Get("/", "Connection: close\r\nA: " + std::string(size - frame.size(), 'a') + "\r\n");
  };
  EXPECT_TRUE(Exchange(running.Unix(), with_size(2048)).starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(Exchange(running.Unix(), with_size(2049)).starts_with("HTTP/1.1 431"));
}

TEST(Http, ReadsARequestThatComesByteByByte) {
  const RunningServer running;
  auto stream = running.Unix();
  const std::string request =
      "\r\nPOST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n0\r\nTrailer: t\r\n\r\n";
  for (const char c : request) Send(stream, {&c, 1});
  EXPECT_EQ(Body(Receive(stream)), "POST /x");
}

TEST(Http, AnswersRequestsThatComeInOneGoInTheirOrder) {
  const RunningServer running;
  std::string requests, expected;
  for (int i = 0; i < 100; ++i) {
    requests += Get("/" + std::to_string(i), i == 99 ? kClose : "");
    expected += "GET /" + std::to_string(i) + " ";
  }
  const std::string answers = Exchange(running.Tls(), requests);
  std::string order;
  for (auto at = answers.find("GET /"); at != answers.npos; at = answers.find("GET /", at + 1)) {
    order += answers.substr(at, answers.find('H', at) - at) + " ";
  }
  EXPECT_EQ(order, expected);
}

TEST(Http, CompressesEvenATinyBodyWhenAsked) {
  const RunningServer running;
  const std::string plain = Exchange(running.Unix(), Get("/", kClose));
  EXPECT_FALSE(Contains(plain, "Content-Encoding"));
  const std::string answer = Exchange(
      running.Unix(), Get("/", "Accept-Encoding: deflate, gzip;q=1\r\nConnection: close\r\n"));
  EXPECT_TRUE(Contains(answer, "\r\nContent-Encoding: gzip\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nVary: Accept-Encoding\r\n")) << answer;
  std::string body = Body(answer);
  std::string text(100, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = uInt(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = uInt(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(text, "GET /");
}

TEST(Http, HeadAndNoContentHaveNoBody) {
  const RunningServer running({}, [](const Request& request, const Reply& reply) {
    reply({.status = request.path == "/none" ? 204u : 200u, .body = "text"});
  });
  const std::string head =
      Exchange(running.Unix(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(Contains(head, "\r\nContent-Length: 4\r\n") && Body(head).empty()) << head;
  const std::string none = Exchange(running.Unix(), Get("/none", kClose));
  EXPECT_TRUE(!Contains(none, "Content-Length") && Body(none).empty()) << none;
}

TEST(Http, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  const RunningServer running;
  EXPECT_TRUE(
      Contains(Exchange(running.Unix(), "GET / HTTP/1.0\r\n\r\n"), "\r\nConnection: close\r\n"));
  auto stream = running.Unix();
  Send(stream, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(Contains(Receive(stream, "GET /a"), "\r\nConnection: keep-alive\r\n"));
}

TEST(Http, SaysContinueToAClientThatWaitsForIt) {
  const RunningServer running;
  auto stream = running.Tls();
  Send(stream, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(Receive(stream, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  Send(stream, "b");
  EXPECT_EQ(Body(Receive(stream, "POST /x")), "POST /x");
}

TEST(Http, TellsAPlainHttpClientOnTheTlsPort) {
  const RunningServer running;
  for (const auto* method : {"GET", "DELETE"}) {
    auto stream = running.Tls();  // for its address only
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ::getpeername(stream.fd(), reinterpret_cast<sockaddr*>(&address), &size);
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    client::Stream plain(std::move(fd), nullptr, client::Stream::Role::kClient);
    Send(plain, std::string(method) + " / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = Receive(plain);
    EXPECT_TRUE(answer.starts_with("HTTP/1.0 400 Bad Request\r\n")) << answer;
    EXPECT_EQ(Body(answer), "Client sent an HTTP request to an HTTPS server.\n");
  }
}

TEST(Http, LargeBodiesArriveWholeOverTlsAndOverTheUnixSocket) {
  std::string large;
  for (int i = 0; large.size() < (5u << 20); ++i) large += std::to_string(i) + " ";
  const RunningServer running({},
                              [&](const Request&, const Reply& reply) { reply({.body = large}); });
  EXPECT_EQ(Body(Exchange(running.Tls(), Get("/", kClose))), large);
  EXPECT_EQ(Body(Exchange(running.Unix(), Get("/", kClose))), large);
}

TEST(Http, TakesABodyUpToTheLimit) {
  std::atomic<std::size_t> size = 0;
  const RunningServer running({}, [&](const Request& request, const Reply& reply) {
    size = request.body.size();
    reply({});
  });
  const std::string body(1 << 20, 'b');
  const std::string answer = Exchange(running.Tls(),
                                      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                      "Content-Length: 1048576\r\n\r\n" +
                                          body);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_EQ(size, body.size());
}

TEST(Http, HandlerThatThrowsOrForgetsItsAnswerGivesA500) {
  const RunningServer running({}, [](const Request& request, const Reply&) {
    if (request.path == "/throw") throw std::runtime_error("oops");
  });
  EXPECT_TRUE(Contains(Exchange(running.Unix(), Get("/throw", kClose)), "oops"));
  EXPECT_TRUE(Exchange(running.Unix(), Get("/forget", kClose)).starts_with("HTTP/1.1 500 "));
}

TEST(Http, TakesOneAnswerAndTakesItLateAndAlsoWhenTheClientHasGone) {
  std::vector<Reply> late;
  std::atomic<int> requests = 0;
  const RunningServer running({}, [&](const Request& request, Reply reply) {
    late.push_back(std::move(reply));
    ++requests;
    if (request.path != "/now") return;
    for (int twice = 0; twice < 2; ++twice) {
      for (const Reply& each : late) each({.body = "late"});
    }
    late.clear();
  });
  auto patient = running.Tls();
  Send(patient, Get("/", kClose));
  {
    auto impatient = running.Tls();
    Send(impatient, Get("/"));
    while (requests < 2) std::this_thread::yield();
  }
  EXPECT_EQ(Body(Exchange(running.Unix(), Get("/now", kClose))), "late");
  EXPECT_EQ(Body(Receive(patient)), "late");
}

TEST(Http, LineBreaksOfAHandlerDoNotMakeHeaders) {
  const RunningServer running({}, [](const Request&, const Reply& reply) {
    reply({.headers = {{"Location", "/a\r\nSet-Cookie: x"}}});
  });
  EXPECT_TRUE(
      Contains(Exchange(running.Unix(), Get("/", kClose)), "\r\nLocation: /a  Set-Cookie: x\r\n"));
}

}  // namespace
}  // namespace gpud::server
