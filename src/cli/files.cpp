#include "files.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "failure.hpp"

namespace pbonus {

namespace {

namespace fs = std::filesystem;

bool is_usage_file(const fs::path &path)
{
    std::string name = path.filename().string();
    for (const std::string ending : {".gz", ".zst"}) {
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    }
    return name.ends_with(".csv") && !name.starts_with('.');
}

void add_file(std::vector<NamedFile> &files, const fs::path &path)
{
    std::error_code unknown;
    const auto bytes = fs::is_regular_file(path, unknown) ? fs::file_size(path, unknown) : 0;
    files.push_back({path.string(), unknown ? 0 : bytes});
}

void add_folder(std::vector<NamedFile> &files, const fs::path &folder)
{
    const std::size_t before = files.size();
    try {
        for (const auto &entry : fs::recursive_directory_iterator(folder)) {
            if (entry.is_regular_file() && is_usage_file(entry.path())) add_file(files, entry.path());
        }
    } catch (const fs::filesystem_error &error) {
        throw Failure(Exit::usage, {folder.string() + ": folder cannot be read", error.code().message() + '.', "", ""});
    }
    if (files.size() == before)
        throw Failure(Exit::usage, {folder.string() + ": no usage files in this folder", "", "Files of a folder are those named *.csv, *.csv.gz "
                                                                                           "and *.csv.zst; name others one by one.", ""});
}

std::vector<std::string> matches(const std::string &pattern)
{
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
}

}  // namespace

std::vector<NamedFile> files_named(const std::vector<std::string> &words)
{
    std::vector<NamedFile> files;
    for (const std::string &word : words) {
        if (word == "-") {
            files.push_back({word, 0});
            continue;
        }
        // A file may have the characters of a pattern in its name.
        std::error_code error;
        const std::vector<std::string> paths = fs::exists(word, error) ? std::vector{word} : matches(word);
        if (paths.empty()) throw Failure(Exit::usage, {word + (error ? ": cannot be read" : ": no such file or folder"), error ? error.message() + '.' : "", "", ""});
        for (const std::string &path : paths) fs::is_directory(path, error) ? add_folder(files, path) : add_file(files, path);
    }
    std::sort(files.begin(), files.end(), [](const NamedFile &a, const NamedFile &b) { return a.path < b.path; });
    const auto same = [](const NamedFile &a, const NamedFile &b) { return a.path == b.path; };
    files.erase(std::unique(files.begin(), files.end(), same), files.end());
    return files;
}

}  // namespace pbonus
