# cmake -DROOT=folder -DOUT=file.cpp -P EmbedExample.cmake: the files of an example as one C++ source.
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*)
list(FILTER files EXCLUDE REGEX "(^|/)\\.")
list(SORT files)
set(rows "")
foreach(file ${files})
  file(READ ${ROOT}/${file} text)
  string(APPEND rows "    ExampleFile{\"${file}\", R\"hansa~(${text})hansa~\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"cli/examples.h\"

#include <array>

namespace hansa::cli {
namespace {

constexpr std::array shop = {
${rows}};

}  // namespace

std::span<ExampleFile const> find_example(std::string_view name) {
  if (name == \"shop\") return shop;
  return {};
}

}  // namespace hansa::cli
")
