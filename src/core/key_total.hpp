// What the packs of one key add up to. Amounts are 64-bit while they fit, else 128-bit.
#pragma once

#include <cstdint>
#include <span>

#include "consumption.hpp"
#include "decimal.hpp"
#include "pack_directory.hpp"

namespace partner_bonus {

// What turns the numbers of a pack into those of a total: powers of ten, negative where they are taken off.
struct PackFactors {
    PackFactors(const KeyScales &scales, int amounts_scale, int reward_scale, bool subtract) noexcept
        : cost(factor(amounts_scale - scales.cost, subtract)),
          grant_credit(factor(amounts_scale - scales.grant_credit, subtract)),
          other_credit(factor(amounts_scale - scales.other_credit, subtract)),
          reward(factor(reward_scale - scales.reward, subtract)),
          lines(subtract ? -1 : 1)
    {
    }

    std::int64_t cost;
    std::int64_t grant_credit;
    std::int64_t other_credit;
    std::int64_t reward;
    std::int64_t lines;

   private:
    static std::int64_t factor(int digits, bool subtract) noexcept
    {
        const auto power = static_cast<std::int64_t>(power_of_ten(digits));
        return subtract ? -power : power;
    }
};

class KeyTotal {
   public:
    // Room for as many days as there are packs.
    KeyTotal(std::span<DayUnits> room, std::span<DayAmounts> wide_room) noexcept : narrow_(room.data()), wide_(wide_room.data()) {}

    // Days ascend. Both give false when a sum is out of range.
    bool add_reward(const KeySums &sums, const PackFactors &by) noexcept
    {
        rewarded_ = rewarded_ || sums.rewarded;
        return add_scaled(reward_, sums.reward, by.reward);
    }
    bool add(Day day, const KeySums &sums, const PackFactors &by) noexcept
    {
        lines_ += sums.lines * by.lines;
        if (count_ == 0 || day != last_day_) new_day(day);
        if (!is_wide_ && !add_narrow(narrow_[count_ - 1], sums, by)) widen();
        return !is_wide_ || add_wide(wide_[count_ - 1].amounts, sums, by);
    }

    // The consumption in stored form; its amounts are units of 10^-scale.
    Status write(WireWriter &wire, int scale) const noexcept
    {
        if (!is_wide_) {
            consumption_write(wire, std::span<const DayUnits>(narrow_, count_), scale);
            return Done{};
        }
        const std::span<const DayAmounts> days(wide_, count_);
        for (const auto &[day, amounts] : days)
            for (const Amount units : {amounts.cost, amounts.grant_credit, amounts.other_credit})
                if (!to_amount({units, scale})) return Error{Errc::amount_out_of_range, {}, day};
        consumption_write(wire, days, scale);
        return Done{};
    }
    std::int64_t lines() const noexcept { return lines_; }
    int128 reward() const noexcept { return reward_; }
    bool rewarded() const noexcept { return rewarded_; }

   private:
    void new_day(Day day) noexcept
    {
        if (is_wide_)
            wide_[count_++] = {day, {}};
        else
            narrow_[count_++] = {day, 0, 0, 0};
        last_day_ = day;
    }

    // Changes nothing unless all sums fit.
    static bool add_narrow(DayUnits &total, const KeySums &sums, const PackFactors &by) noexcept
    {
        DayUnits sum{total};
        if (!add_scaled(sum.cost, sums.cost, by.cost) || !add_scaled(sum.grant_credit, sums.grant_credit, by.grant_credit) ||
            !add_scaled(sum.other_credit, sums.other_credit, by.other_credit))
            return false;
        total = sum;
        return true;
    }
    static bool add_wide(Amounts &total, const KeySums &sums, const PackFactors &by) noexcept
    {
        return add_scaled(total.cost, sums.cost, by.cost) && add_scaled(total.grant_credit, sums.grant_credit, by.grant_credit) &&
               add_scaled(total.other_credit, sums.other_credit, by.other_credit);
    }
    static bool add_scaled(std::int64_t &sum, int128 units, std::int64_t factor) noexcept
    {
        std::int64_t change;
        return fits_int64(units) && !__builtin_mul_overflow(static_cast<std::int64_t>(units), factor, &change) &&
               !__builtin_add_overflow(sum, change, &sum);
    }
    static bool add_scaled(int128 &sum, int128 units, std::int64_t factor) noexcept
    {
        if (fits_int64(units)) return try_add(sum, int128{static_cast<std::int64_t>(units)} * factor, sum);
        int128 change;
        return try_multiply(units, factor, change) && try_add(sum, change, sum);
    }
    void widen() noexcept
    {
        for (std::size_t i = 0; i < count_; ++i)
            wide_[i] = {narrow_[i].day, {narrow_[i].cost, narrow_[i].grant_credit, narrow_[i].other_credit}};
        is_wide_ = true;
    }

    DayUnits *narrow_;
    DayAmounts *wide_;
    std::size_t count_ = 0;
    Day last_day_{};
    bool is_wide_ = false;
    bool rewarded_ = false;
    std::int64_t lines_ = 0;
    int128 reward_ = 0;
};

}  // namespace partner_bonus
