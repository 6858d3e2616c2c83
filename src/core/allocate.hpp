// Shares of a printed amount: each the floor or ceiling of its exact value, together the whole.
#pragma once

#include <span>

#include "amount.hpp"
#include "int128.hpp"
#include "memory.hpp"
#include "result.hpp"

namespace partner_bonus {

// A share before and after: exact at exact_scale, printed in units of 10^-scale.
struct Share {
    Int256 exact;
    Int256 printed;
};

// Gives every share its floor, and one unit more to those with the largest fractions until they add up to `target` units of
// 10^-scale; of equal fractions the earlier share wins. A share without a fraction keeps its value. Refuses (share_target) a
// target that no such choice reaches; `at` is then the number of shares.
Status allocate(std::span<Share> shares, Int256 target, int scale, const Memory &memory) noexcept;

}  // namespace partner_bonus
