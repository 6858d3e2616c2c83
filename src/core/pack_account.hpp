// The lines of one account in a pack, without taking the others apart.
#pragma once

#include "usage_pack.hpp"

namespace partner_bonus {

struct AccountLines {
    std::size_t from{};  // place of the first in the pack: lines ascend by account, so they lie together
    PackColumns columns;
};

// Of a pack that was accepted before; no lines when it has not the account. Damage is told. Whether the other lines are in their
// form is not looked at.
Result<AccountLines> read_account(Bytes pack, std::string_view account, const Memory &memory) noexcept;

}  // namespace partner_bonus
