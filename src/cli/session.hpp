// A connection that loads: what it has to know of the ledger, and the call that stores a file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "account.hpp"
#include "database.hpp"
#include "packed_file.hpp"
#include "period.hpp"

namespace pbonus {

// What all files of a load have in common.
struct Destination {
    std::string ledger;
    std::string partner;
    std::optional<std::string> source;
    std::optional<Period> covers;
    bool allow_older = false;
};

// What the ledger says before a load; the same for all its connections.
struct LedgerFacts {
    LedgerRules rules;
    std::map<std::string, std::string, std::less<>> foreign_accounts;  // accounts that only other partners have, and whose they are
};

// Throws a Failure when the partner is not known.
LedgerFacts ask_ledger(Connection &connection, const std::string &partner);

class Session {
   public:
    // The destination and what the ledger said have to stay.
    Session(const Destination &destination, const LedgerFacts &facts);

    // One file, one transaction; a transaction that met another one is tried again.
    void store(const PackedFile &file, FileAccount &account);

    // Several files, one transaction: sends each without waiting; commit() waits for all and fills their accounts.
    void begin();
    void send(const PackedFile &file, FileAccount &account);
    void commit();
    void roll_back();

   private:
    void send_call(const PackedFile &file, std::size_t index);

    const Destination &destination_;
    const LedgerRules &rules_;
    Connection connection_;
    std::vector<FileAccount *> sent_;  // one for each call
};

}  // namespace pbonus
