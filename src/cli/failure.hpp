// What goes wrong, as the user is told it: what, where, and what to do next.
#pragma once

#include <exception>
#include <string>

#include "core/result.hpp"

namespace pbonus {

// Exit codes of the program, the same for all commands.
enum class Exit : int {
    done = 0,
    some_rejected = 1,  // all files were taken, but not all of their lines; some partners are parked; or verify found something
    usage = 2,          // of the command line
    refused = 3,        // a file, or what was asked for
    database = 4,       // or the machine: connection, permission, disk
    interrupted = 130,
};

struct Words {
    std::string what;
    std::string detail;
    std::string hint;
    std::string sqlstate;  // where there is one
};

class Failure : public std::exception {
   public:
    Failure(Exit exit_code, Words said) : exit(exit_code), words(std::move(said)) {}
    const char *what() const noexcept override { return words.what.c_str(); }

    Exit exit;
    Words words;
};

// The core's words for an error.
Words words_of(const partner_bonus::Error &error);
// For the operating system's last error.
Words words_of_system(std::string what);

// The result's value, or its error as a Failure.
template <class T>
T value_of(const partner_bonus::Result<T> &result)
{
    if (result) return *result;
    const bool memory = result.error().code == partner_bonus::Errc::out_of_memory;
    throw Failure(memory ? Exit::database : Exit::refused, words_of(result.error()));
}

// What was asked for is not in the ledger.
[[noreturn]] void refuse_unknown(const std::string &what);
std::string json_of(const Words &words);

// On stderr, in the form of psql's errors. `where` may be empty.
void complain(const std::string &where, const Words &words);

}  // namespace pbonus
