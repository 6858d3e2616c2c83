// Made-up partner exports, the same for the same seed. Everything in them says that it is generated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/day.hpp"

namespace pbonus {

// Numbers that depend on nothing but the words they are made of: lines can be made in any order.
class Dice {
   public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    Dice with(std::uint64_t word) const;
    std::uint64_t next();
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

   private:
    std::uint64_t state_;
};

struct GeneratedShape {
    std::string partner;
    std::string currency;
    std::uint64_t seed = 1;
    std::uint64_t lines_per_day = 0;
    unsigned accounts = 0;
    unsigned skus = 0;
};

// Accounts have resources; a resource belongs to a service and has a line for each of the service's SKUs. So a resource comes
// in several SKUs, and an account and SKU have several lines.
class GeneratedExport {
   public:
    explicit GeneratedExport(GeneratedShape shape);

    std::string file_name(partner_bonus::Day day) const;
    std::string header() const;
    // Puts a day's line behind the text.
    void append_line(std::string &text, partner_bonus::Day day, std::uint64_t index) const;
    // What a ledger needs to know of the partner, as SQL.
    std::string rules() const;

   private:
    struct Sku {
        std::string id, name, unit;
        std::int64_t price;  // of the unit, in millionths
    };
    struct Service {
        std::string id, name;
        std::vector<Sku> skus;
    };
    struct Account {
        std::string id, name, cloud_id, cloud_name, folder_id, folder_name;
    };

    std::string id(std::uint64_t kind, std::uint64_t number) const;

    GeneratedShape shape_;
    Dice dice_;
    std::vector<Service> services_;
    std::vector<Account> accounts_;
    std::uint64_t lines_per_account_ = 0;
    std::uint64_t services_per_account_ = 0;
};

}  // namespace pbonus
