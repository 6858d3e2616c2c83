// What became of each file of a load, and of all together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "failure.hpp"
#include "packed_file.hpp"

namespace pbonus {

struct FileAccount {
    enum class State : std::uint8_t { not_reached, loaded, unchanged, checked, refused };

    std::string path;
    State state = State::not_reached;
    std::string format;
    std::string sha256;
    std::int64_t lines = 0;
    std::int64_t loaded = 0;
    std::int64_t rejected = 0;
    std::vector<RejectedLine> rejects;  // the first
    std::map<std::string, CurrencyTotal> totals;
    std::size_t usage_days = 0;
    std::size_t pack_bytes = 0;
    std::vector<std::int64_t> batches;
    std::map<std::string, std::int64_t> days;  // by what the ledger did with them
    Exit exit = Exit::done;
    Words trouble;  // of a refused file

    // Its lines are in the ledger, or would be but for the dry run.
    bool is_taken() const { return state != State::refused && state != State::not_reached; }
    void take(const PackedFile &file);
    void refuse(const Failure &failure);
    std::string line() const;
};

struct LoadAccount {
    std::vector<FileAccount> files;
    double seconds = 0;
    bool interrupted = false;
    bool dry_run = false;
    std::optional<Failure> ended_by;  // what was no file's fault

    Exit exit() const;
    std::string text() const;
    std::string json() const;
};

}  // namespace pbonus
