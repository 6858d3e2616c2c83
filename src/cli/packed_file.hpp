// A file of usage, read and packed: what is sent to the ledger, and what is told of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/formats.hpp"
#include "database.hpp"
#include "input.hpp"

namespace pbonus {

// What a ledger knows that decides about lines.
struct LedgerRules {
    Oid usage_pack = 0;                   // the type
    std::vector<std::string> currencies;  // ascending; any when there are none
    std::int64_t max_rejects = 1000;
};

struct ReadOptions {
    std::optional<partner_bonus::Format> format;  // else by the header
    const partner_bonus::Mapping *mapping = nullptr;
    partner_bonus::UnknownColumns unknown_columns = partner_bonus::UnknownColumns::as_the_format_has_it;
    bool keep_packs = true;  // else packs are made, counted, and dropped
};

struct RejectedLine {
    std::int64_t line;
    std::optional<std::string> column;
    std::optional<std::string> value;  // its beginning
    std::string reason;

    std::string text() const;
};

// Whole days that are sent together: parts of a day follow each other.
struct PackedDays {
    explicit PackedDays(Oid usage_pack);

    partner_bonus::Day first{};
    std::int64_t lines = 0;
    BinaryArray days, packs, exported_at;
};

// Nothing when the sum leaves the range of amounts.
struct CurrencyTotal {
    std::optional<partner_bonus::Amount> cost = 0;
    std::optional<partner_bonus::Amount> credit = 0;

    void add(std::optional<partner_bonus::Amount> more_cost, std::optional<partner_bonus::Amount> more_credit)
    {
        add_to(cost, more_cost);
        add_to(credit, more_credit);
    }

   private:
    static void add_to(std::optional<partner_bonus::Amount> &sum, const std::optional<partner_bonus::Amount> &more)
    {
        if (sum && (!more || !partner_bonus::try_add(*sum, *more, *sum))) sum.reset();
    }
};

struct PackedFile {
    std::string path;
    partner_bonus::Format format{};
    Sha256 sha256{};
    std::int64_t lines = 0;     // records, without the header
    std::int64_t rejected = 0;  // of these
    std::vector<RejectedLine> rejects;  // the first of them
    std::vector<PackedDays> days;       // ascending; more than one when they are too much for one call
    std::set<partner_bonus::Day> usage_days;
    std::map<std::string, CurrencyTotal> totals;
    std::set<std::string, std::less<>> accounts;
    std::size_t pack_bytes = 0;

    std::int64_t loaded() const { return lines - rejected; }
};

// Progress is told how many bytes were taken from the file, and lines read, since it was told last.
using Tell = std::function<void(std::size_t bytes, std::int64_t lines)>;

// Throws a Failure when the file cannot be read as a whole.
PackedFile read_and_pack(const std::string &path, const ReadOptions &options, const LedgerRules &ledger, const Tell &tell);

}  // namespace pbonus
