// An exact sum of decimals with the decimals that the finest of them has.
#pragma once

#include "amount.hpp"
#include "decimal.hpp"

namespace partner_bonus {

class DecimalSum {
   public:
    // False when the sum is out of the range of amounts.
    bool add(const Decimal &change, bool subtract) noexcept
    {
        int128 units = change.units;
        if (change.scale > sum_.scale) {
            if (!try_multiply(sum_.units, power_of_ten(change.scale - sum_.scale), sum_.units)) return false;
            sum_.scale = change.scale;
        } else if (change.scale < sum_.scale) {
            if (!try_multiply(units, power_of_ten(sum_.scale - change.scale), units)) return false;
        }
        return subtract ? try_subtract(sum_.units, units, sum_.units) : try_add(sum_.units, units, sum_.units);
    }
    // Its scale may be larger than need be, and it may still be too large to be an amount.
    const Decimal &value() const noexcept { return sum_; }

   private:
    Decimal sum_;
};

}  // namespace partner_bonus
