#include "new_file.hpp"

#include <cerrno>

#include "failure.hpp"

namespace pbonus {

namespace fs = std::filesystem;

namespace {

// Where a whole file is to appear; a link stays a link.
fs::path place_of(const fs::path &path)
{
    std::error_code unknown;
    const fs::path place = fs::weakly_canonical(path, unknown);
    return unknown ? path : place;
}

bool is_device(const fs::path &path)
{
    std::error_code unknown;
    return fs::exists(path, unknown) && !fs::is_regular_file(path, unknown);
}

}  // namespace

NewFile::NewFile(fs::path path)
    : path_(std::move(path)), unfinished_(is_device(path_) ? path_ : place_of(path_).concat(".part")), file_(unfinished_, std::ios::binary)
{
    if (!file_) fail();
    to_be_removed_ = unfinished_ != path_;
}

NewFile::~NewFile()
{
    std::error_code ignored;
    if (to_be_removed_) fs::remove(unfinished_, ignored);
}

void NewFile::write(const std::string &text)
{
    if (!file_.write(text.data(), static_cast<std::streamsize>(text.size()))) fail();
}

void NewFile::finish()
{
    file_.close();
    if (!file_) fail();
    if (!to_be_removed_) return;
    std::error_code error;
    fs::rename(unfinished_, place_of(path_), error);
    if (error) {
        errno = error.value();
        fail();
    }
    to_be_removed_ = false;
}

void NewFile::fail() const { throw Failure(Exit::database, words_of_system(path_.string() + ": cannot be written")); }

}  // namespace pbonus
