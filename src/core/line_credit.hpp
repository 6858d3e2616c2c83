// The credit of lines: the sum of its parts, of which a pack keeps those alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "decimal.hpp"
#include "usage_pack.hpp"

namespace partner_bonus {

class LineCredits {
   public:
    explicit LineCredits(const PackColumns &columns) noexcept
    {
        constexpr std::array<std::size_t, most> parts{pack_number::monetary_grant_credit, pack_number::volume_incentive_credit,
                                                      pack_number::cud_credit, pack_number::misc_credit, pack_number::credit_rest};
        for (const std::size_t part : parts) scale_ = std::max(scale_, columns.numbers[part].scale);
        for (const std::size_t part : parts) {
            const PackColumns::Number &number = columns.numbers[part];
            if (!number.units.empty()) parts_[count_++] = {&number, static_cast<std::int64_t>(power_of_ten(scale_ - number.scale))};
        }
    }
    Decimal of(std::size_t line) const noexcept
    {
        Decimal credit{0, scale_};
        for (std::size_t i = 0; i < count_; ++i) credit.units += int128{parts_[i].number->unit(line)} * parts_[i].factor;
        return credit;
    }

   private:
    static constexpr std::size_t most = 5;
    struct Part {
        const PackColumns::Number *number;
        std::int64_t factor;
    };
    std::array<Part, most> parts_{};  // those that are not zero in every line
    std::size_t count_ = 0;
    int scale_ = 0;
};

}  // namespace partner_bonus
