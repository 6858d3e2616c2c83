// What the commands take. Each returns the program's exit code and throws a Failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "failure.hpp"

namespace pbonus {

struct LedgerOptions {
    std::string ledger = "billing";
    bool json = false;
};

struct LoadOptions : LedgerOptions {
    std::vector<std::string> files;
    std::string partner;
    std::optional<std::string> source;
    std::string format = "auto";
    std::optional<std::string> mapping;
    std::optional<std::string> covers;
    std::string unknown_columns;
    bool allow_older = false;
    bool allow_foreign_accounts = false;
    bool dry_run = false;
    unsigned jobs = 1;
    unsigned files_per_transaction = 1;
};
Exit load(const LoadOptions &options);

struct StatusOptions : LedgerOptions {
    std::optional<std::string> partner;
};
Exit status(const StatusOptions &options);

struct ShowOptions : LedgerOptions {
    std::optional<std::int64_t> batch;
    std::optional<std::string> partner;
    std::optional<std::string> day;
};
Exit show(const ShowOptions &options);

Exit verify(const LedgerOptions &options);

struct CloseOptions : LedgerOptions {
    std::string month;
    std::vector<std::string> partners;  // none: all that took part
    unsigned jobs = 1;
    bool preview = false;
};
Exit close(const CloseOptions &options);

struct ExportOptions : LedgerOptions {
    std::string partner;
    std::string period;
    std::optional<std::string> source;
    std::string output = "-";
};
Exit export_usage(const ExportOptions &options);

struct GenerateOptions {
    std::string folder;
    std::string partner = "generated-partner";
    std::string month;
    unsigned days = 0;  // 0: the whole month
    std::uint64_t lines_per_day = 4000;
    unsigned accounts = 50;
    unsigned skus = 40;
    std::uint64_t seed = 1;
    std::string currency = "USD";
    bool rules = false;
    bool json = false;
};
Exit generate(const GenerateOptions &options);

}  // namespace pbonus
