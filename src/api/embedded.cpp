#include "api/embedded.h"

#include <zlib.h>

#include <array>
#include <cassert>
#include <cstring>

// The compressed files lie in the program's read-only data, put there by the assembler.
#define HANSA_EMBED(symbol, file)                                   \
  asm(".pushsection .rodata." #symbol                               \
      ",\"a\",@progbits\n"                                          \
      ".globl " #symbol "_begin\n.globl " #symbol "_end\n" #symbol  \
      "_begin:\n.incbin \"" HANSA_ASSETS "/" file ".gz\"\n" #symbol \
      "_end:\n"                                                     \
      ".popsection\n");                                             \
  extern "C" char const symbol##_begin[];                           \
  extern "C" char const symbol##_end[];

HANSA_EMBED(hansa_asset_pages_css, "pages.css")
HANSA_EMBED(hansa_asset_docs_js, "docs.js")
HANSA_EMBED(hansa_asset_icon, "icon.png")
HANSA_EMBED(hansa_asset_swagger_css, "swagger-ui.css")
HANSA_EMBED(hansa_asset_swagger_js, "swagger-ui-bundle.js")
HANSA_EMBED(hansa_asset_swagger_licence, "LICENSE")
HANSA_EMBED(hansa_asset_swagger_notice, "NOTICE")
HANSA_EMBED(hansa_asset_swagger_parts, "swagger-ui-bundle.js.LICENSE.txt")

namespace hansa::api {

namespace {

std::string_view bytes(char const* begin, char const* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

#define HANSA_BYTES(symbol) bytes(symbol##_begin, symbol##_end)
#define HANSA_SWAGGER(file) "swagger/" HANSA_SWAGGER_VERSION "/" file

std::array<Embedded, 8> const& files() {
  static constexpr std::string_view css = "text/css; charset=utf-8";
  static constexpr std::string_view script = "text/javascript; charset=utf-8";
  static constexpr std::string_view text = "text/plain; charset=utf-8";
  using enum Lifetime;
  static std::array<Embedded, 8> const list = {{
      {"pages.css", css, HANSA_BYTES(hansa_asset_pages_css), revalidated},
      {"docs.js", script, HANSA_BYTES(hansa_asset_docs_js), revalidated},
      {"icon.png", "image/png", HANSA_BYTES(hansa_asset_icon), revalidated},
      {HANSA_SWAGGER("swagger-ui.css"), css, HANSA_BYTES(hansa_asset_swagger_css), for_ever},
      {HANSA_SWAGGER("swagger-ui-bundle.js"), script, HANSA_BYTES(hansa_asset_swagger_js),
       for_ever},
      {HANSA_SWAGGER("LICENSE"), text, HANSA_BYTES(hansa_asset_swagger_licence), for_ever},
      {HANSA_SWAGGER("NOTICE"), text, HANSA_BYTES(hansa_asset_swagger_notice), for_ever},
      {HANSA_SWAGGER("swagger-ui-bundle.js.LICENSE.txt"), text,
       HANSA_BYTES(hansa_asset_swagger_parts), for_ever},
  }};
  return list;
}

}  // namespace

std::span<Embedded const> all_embedded() { return files(); }

Embedded const* find_embedded(std::string_view name) {
  for (auto const& file : files()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

std::string_view swagger_version() { return HANSA_SWAGGER_VERSION; }

std::string inflated(Embedded const& file) {
  // gzip's last four bytes are the length of what it packed (RFC 1952 section 2.3.1).
  std::uint32_t length = 0;
  std::memcpy(&length, file.gzip.data() + file.gzip.size() - sizeof length, sizeof length);
  std::string out(length, '\0');
  z_stream stream{};
  static constexpr int gzip_window = 15 + 16;
  auto const started = inflateInit2(&stream, gzip_window);
  assert(started == Z_OK);
  static_cast<void>(started);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.gzip.data()));
  stream.avail_in = static_cast<uInt>(file.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = length;
  auto const ended = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  assert(ended == Z_STREAM_END);
  static_cast<void>(ended);
  return out;
}

}  // namespace hansa::api
