// Which files the words of a command line mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pbonus {

struct NamedFile {
    std::string path;        // "-" is standard input
    std::uint64_t bytes{};   // 0 when not known
};

// Files, folders (all *.csv, *.csv.gz and *.csv.zst in them and in the folders below), patterns that the shell left alone, and
// "-". Each file once, by path, so that days ascend. Throws a Failure when a word means no file.
std::vector<NamedFile> files_named(const std::vector<std::string> &words);

}  // namespace pbonus
