// A file that is written.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace pbonus {

// It appears under its name when it is whole; what was there before stays until then, and stays when writing fails. Devices and
// pipes are written to as they are.
class NewFile {
   public:
    explicit NewFile(std::filesystem::path path);
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;
    ~NewFile();

    void write(const std::string &text);
    void finish();

   private:
    [[noreturn]] void fail() const;

    std::filesystem::path path_, unfinished_;
    std::ofstream file_;
    bool to_be_removed_ = false;
};

}  // namespace pbonus
