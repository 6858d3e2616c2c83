// The working state of consumption_agg: a flat block of memory that grows by being copied into a larger one.
//
// Amounts are 64-bit counts of 10^-scale while they fit, else 128-bit counts of 10^-18. Days ascend; in a series without
// holes a day's place follows from the head alone, so that adding to it touches two places in memory, not three.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "amount.hpp"
#include "day.hpp"
#include "decimal.hpp"
#include "result.hpp"
#include "wire.hpp"

namespace partner_bonus {

class ConsumptionState {
   public:
    // First byte of a value after the host's length word: stored forms have their version there.
    static constexpr std::uint8_t working_form = 0x81;

    enum class Added : std::uint8_t {
        done,
        needs_days,   // copy into a state with more room
        needs_width,  // copy into a wide state
    };

    static std::size_t bytes_for(std::uint32_t capacity, bool wide) noexcept;
    // Lays an empty state into `room`, which is aligned to eight bytes and as large as bytes_for says.
    static ConsumptionState *create(void *room, std::uint32_t capacity, bool wide) noexcept;
    // Lays this state into larger room: twice the days if more are needed, wide amounts if those are.
    std::size_t bytes_grown(Added need) const noexcept;
    ConsumptionState *grow_into(void *room, Added need) const noexcept;

    // Adds (or takes off, exactly) what was consumed on a day; changes nothing unless it gives `done`.
    Result<Added> add(Day day, const Decimal &cost, const Decimal &grant_credit, const Decimal &other_credit, bool subtract) noexcept
    {
        if (add_to_day(day, cost, grant_credit, other_credit, subtract)) return Added::done;
        return add_in_general(day, cost, grant_credit, other_credit, subtract);
    }

    // Adds (or takes off) a whole state that has the same days at the same scale, as the parts of one aggregation mostly
    // have; false, with nothing changed, when it has not, or when a sum needs more width.
    bool add_alike(const ConsumptionState &other, bool subtract) noexcept;

    // The state in a value, or null when the value is in stored form. A value begins behind the host's length word.
    static const ConsumptionState *in(Bytes value) noexcept
    {
        if (value.empty() || std::to_integer<std::uint8_t>(value.front()) != working_form) return nullptr;
        return reinterpret_cast<const ConsumptionState *>(value.data() - sizeof(std::uint32_t));
    }

    // How a state is laid out. The states of one aggregation are mostly laid out alike: they hold the same month.
    struct Shape {
        Day first_day{};
        std::uint32_t capacity{};
    };
    Shape shape() const noexcept { return {first_day_, capacity_}; }
    // Asks the processor for the memory that add() of this day would touch in a state of this shape. A guess: the state
    // itself is not looked at, so that all of it is fetched at once; a wrong one costs time, no more.
    static void prefetch(const void *state, const Shape &guess, Day day) noexcept;

    std::uint32_t count() const noexcept { return count_; }
    int scale() const noexcept { return scale_; }
    Day day(std::uint32_t index) const noexcept { return days()[index]; }
    Amounts amounts(std::uint32_t index) const noexcept;  // units of 10^-scale
    bool wide() const noexcept { return wide_; }
    // Cost, grant credit and other credit of a day in a state that is not wide.
    const std::int64_t *narrow_cell(std::uint32_t index) const noexcept { return cells<std::int64_t>() + std::size_t{index} * cells_per_day; }

   private:
    static constexpr std::uint32_t cells_per_day = 3;

    // A 128-bit amount aligned as palloc aligns. A class, because a template drops what a typedef says about alignment.
    class WideCell {
       public:
        constexpr WideCell(int128 units) noexcept : units_(units) {}
        constexpr operator int128() const noexcept { return units_; }

       private:
        __extension__ typedef __int128 palloc_aligned __attribute__((aligned(8)));
        palloc_aligned units_;
    };
    static_assert(alignof(WideCell) == 8 && sizeof(WideCell) == sizeof(int128));

    Day *days() noexcept { return reinterpret_cast<Day *>(this + 1); }
    const Day *days() const noexcept { return reinterpret_cast<const Day *>(this + 1); }
    template <class Cell>
    Cell *cells() noexcept
    {
        return reinterpret_cast<Cell *>(days() + capacity_);
    }
    template <class Cell>
    const Cell *cells() const noexcept
    {
        return reinterpret_cast<const Cell *>(days() + capacity_);
    }
    // What add() mostly has to do: on a day that is there, in a series without holes. False, with nothing changed, when it is not.
    bool add_to_day(Day day, const Decimal &cost, const Decimal &grant_credit, const Decimal &other_credit, bool subtract) noexcept
    {
        const std::uint32_t at = static_cast<std::uint32_t>(day) - static_cast<std::uint32_t>(first_day_);
        if (wide_ || at >= count_ || !without_holes()) return false;
        std::int64_t *cell = cells<std::int64_t>() + std::size_t{at} * cells_per_day;
        std::int64_t cost_sum, grant_sum, other_sum;
        if (!add_to_cell(cell[0], cost, subtract, cost_sum) || !add_to_cell(cell[1], grant_credit, subtract, grant_sum) ||
            !add_to_cell(cell[2], other_credit, subtract, other_sum))
            return false;
        cell[0] = cost_sum;
        cell[1] = grant_sum;
        cell[2] = other_sum;
        return true;
    }
    Result<Added> add_in_general(Day day, const Decimal &cost, const Decimal &grant_credit, const Decimal &other_credit, bool subtract) noexcept;
    bool add_to_cell(std::int64_t cell, const Decimal &amount, bool subtract, std::int64_t &sum) const noexcept
    {
        std::int64_t change;
        if (amount.scale > scale_ || !narrow_units(amount, change)) return false;
        return subtract ? !__builtin_sub_overflow(cell, change, &sum) : !__builtin_add_overflow(cell, change, &sum);
    }
    // An amount with no more decimals than the state has, in units of the state; false when 64 bits do not hold it.
    bool narrow_units(const Decimal &amount, std::int64_t &units) const noexcept
    {
        const auto factor = static_cast<std::int64_t>(power_of_ten(scale_ - amount.scale));
        return fits_int64(amount.units) && !__builtin_mul_overflow(static_cast<std::int64_t>(amount.units), factor, &units);
    }
    template <class Cell, class Sum>
    Added add_at(Day day, const Sum (&change)[3], bool subtract) noexcept;
    template <class Cell>
    void compact() noexcept;
    void note_ends() noexcept;
    // Asked of a series that has days.
    bool without_holes() const noexcept { return static_cast<std::uint32_t>(last_day_ - first_day_) == count_ - 1; }
    std::uint32_t position(Day day) const noexcept;
    bool rescale(int scale) noexcept;

    [[maybe_unused]] std::uint32_t host_word_;  // the host's length word
    std::uint8_t form_;
    std::uint8_t scale_;
    bool wide_;
    [[maybe_unused]] std::uint8_t unused_;
    std::uint32_t count_;
    std::uint32_t capacity_;  // even, so that cells stay aligned
    Day first_day_;           // as in days(), which lies further away
    Day last_day_;
};

static_assert(sizeof(ConsumptionState) == 24);

}  // namespace partner_bonus
