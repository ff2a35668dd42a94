#include "http/api_error.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice::http;

namespace {

ApiError read(int status, const std::string& body) {
  return read_api_error(Response{status, {}, body}, {});
}

std::string problem(const std::string& code) {
  return R"({"type":"https://ns.adobe.com/aep/errors/)" + code + R"(","title":"t"})";
}

// The flags that are set, in the order of the struct.
std::string flags(const ApiError& error) {
  std::string result;
  if (error.gone) result += error.gone_by_code ? "gone " : "gone? ";
  if (error.sandbox_unknown) result += "sandbox ";
  if (error.rejected_credentials) result += "credentials ";
  if (error.in_use) result += "in_use ";
  if (error.in_transition) result += "in_transition ";
  return result;
}

struct Row {
  int status;
  std::string body;
  std::string flags;
};

}  // namespace

TEST_CASE("read_api_error: finds code and message in every family of bodies") {
  struct Case {
    std::string body;
    std::string code;
    std::string message;
  };
  const std::vector<Case> cases = {
      {R"({"error_code":"403010","message":"Oauth token is missing."})", "403010",
       "Oauth token is missing."},
      {R"({"error_code":429050,"message":"Too many requests"})", "429050", "Too many requests"},
      {R"({"type":"https://ns.adobe.com/aep/errors/FLOW-1404-412","title":"Version not matching",
           "report":{"detailed-message":"from the report"},"errorMessage":"from the top"})",
       "FLOW-1404-412", "from the top"},
      {R"({"type":"http://ns.adobe.com/aep/errors/XDM-1521-400","title":"Title clash",
           "report":{"detailed-message":"from the report"}})",
       "XDM-1521-400", "from the report"},
      {R"({"type":"/placeholder/type/uri","status":400,"title":"BadRequestError",
           "detail":"A valid content-type must be specified"})",
       "", "A valid content-type must be specified"},
      {R"({"type":"http://ns.adobe.com/adobecloud/problem/data-collection-service","status":"401",
           "title":"Denied","report":{"message":"no such inlet"}})",
       "", "no such inlet"},
      {R"({"error":"invalid_client","error_description":"unknown client"})", "invalid_client",
       "unknown client"},
      {R"({"title":["no text"],"report":7})", "", R"({"title":["no text"],"report":7})"},
      {"<html>\r\n  <b>502</b>\x1b[31m\n</html>", "", "<html> <b>502</b> [31m </html>"},
      {"", "", "the reply gives no reason"},
      {"[]", "", "[]"},
  };
  for (const Case& expected : cases) {
    const ApiError error = read(400, expected.body);
    CHECK_MESSAGE(error.code == expected.code, expected.body);
    CHECK_MESSAGE(error.message == expected.message, expected.body);
    CHECK(error.status == 400);
  }
}

TEST_CASE("read_api_error: knows what a refusal means") {
  const std::vector<Row> rows = {
      {404, problem("FLOW-1439-404"), "gone "},
      {400, problem("FLOW-1439-400"), "gone "},
      {400, problem("FLOW-1430-400"), "gone "},
      {404, problem("FLOW-1101-404"), "gone "},
      {404, problem("XDM-1010-404"), "gone "},
      {404, problem("FLOW-1999-404"), "gone "},
      {404, problem("FLOW-404"), "gone? "},
      {404, R"({"error_code":"404003"})", "gone? "},
      {404, "", "gone? "},
      {404, "not found", "gone? "},
      {404, problem("FLOW-2100-404"), "sandbox "},
      {404, problem("FLOW-2101-404"), "sandbox "},
      {404, problem("FLOW-2103-404"), "sandbox "},
      {400, problem("XDM-1010-400"), ""},
      {401, "", "credentials "},
      {401, R"({"error_code":"401013"})", "credentials "},
      {403, R"({"error_code":"403010"})", "credentials "},
      {403, R"({"error_code":"403000"})", "credentials "},
      {403, R"({"error_code":"403003"})", "credentials "},
      {403, R"({"error_code":"403025"})", "credentials "},
      {400, R"({"error_code":"400003"})", "credentials "},
      {401, problem("FLOW-2000-401"), "credentials "},
      {403, problem("FLOW-2118-403"), ""},
      {403, problem("FLOW-2120-403"), ""},
      {403, problem("FLOW-2121-403"), ""},
      {403, "", ""},
      {400, problem("FLOW-1418-400"), "in_use "},
      {400, problem("FLOW-1447-400"), "in_use "},
      {400, problem("FLOW-1416-400"), "in_transition "},
      {400, problem("FLOW-1420-400"), "in_transition "},
      {400, problem("FLOW-1421-400"), "in_transition "},
      {400, problem("FLOW-1422-400"), "in_transition "},
      {400, problem("FLOW-1457-400"), "in_transition "},
      {400, problem("FLOW-1458-400"), "in_transition "},
      {412, problem("FLOW-1404-412"), ""},
      {429, R"({"error_code":"429050"})", ""},
      {500, problem("FLOW-2200-500"), ""},
      {400, problem("FLOW-14180-400"), ""},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(flags(read(row.status, row.body)) == row.flags, row.status, " ", row.body);
}

TEST_CASE("read_api_error: the message is short and cuts no character in two") {
  const ApiError error = read(500, "a" + std::string(1000, '\n') + "b");
  CHECK(error.message == "a b");
  std::string umlauts = "x";
  for (int i = 0; i < 400; ++i)
    umlauts += "\xc3\xa4";
  const std::string message = read(500, umlauts).message;
  CHECK(message.size() == 299);
  CHECK(message.ends_with("\xc3\xa4"));
  CHECK(read(500, "\xff\xc3").message == "??");
  CHECK(read(500,
             "a\xc2\x9b"
             "2Jb")
            .message == "a 2Jb");
}

TEST_CASE("read_api_error: nothing is left of a secret, wherever the message is cut") {
  const std::string secret = "p8e-4qfdT7Xw2kLmZ9vB";
  Redactor redactor;
  redactor.learn(Secret(secret));
  for (std::size_t padding = 270; padding < 305; ++padding) {
    const std::string text = std::string(padding, '-') + secret;
    for (const std::string& body : {R"({"error_description":")" + text + R"("})",
                                    R"({"error_code":")" + text + R"("})", text}) {
      const ApiError error = read_api_error(Response{400, {}, body}, redactor);
      CHECK_MESSAGE((error.code + error.message).find("p8") == std::string::npos, padding, body);
    }
  }
}
