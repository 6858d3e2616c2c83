#include "consumption_state.hpp"

#include <algorithm>
#include <new>

namespace partner_bonus {

std::size_t ConsumptionState::bytes_for(std::uint32_t capacity, bool wide) noexcept
{
    const std::size_t cell = wide ? sizeof(WideCell) : sizeof(std::int64_t);
    return sizeof(ConsumptionState) + std::size_t{capacity} * (sizeof(Day) + cells_per_day * cell);
}

ConsumptionState *ConsumptionState::create(void *room, std::uint32_t capacity, bool wide) noexcept
{
    auto *state = new (room) ConsumptionState;
    state->host_word_ = 0;
    state->form_ = working_form;
    state->scale_ = wide ? amount_scale : 0;
    state->wide_ = wide;
    state->unused_ = 0;
    state->count_ = 0;
    state->capacity_ = capacity;
    state->first_day_ = state->last_day_ = Day{};
    return state;
}

std::size_t ConsumptionState::bytes_grown(Added need) const noexcept
{
    return bytes_for(need == Added::needs_days ? capacity_ * 2 : capacity_, wide_ || need == Added::needs_width);
}

ConsumptionState *ConsumptionState::grow_into(void *room, Added need) const noexcept
{
    const bool wide = wide_ || need == Added::needs_width;
    ConsumptionState *larger = create(room, need == Added::needs_days ? capacity_ * 2 : capacity_, wide);
    larger->count_ = count_;
    larger->first_day_ = first_day_;
    larger->last_day_ = last_day_;
    std::copy_n(days(), count_, larger->days());
    const std::size_t cell_count = std::size_t{count_} * cells_per_day;
    if (wide_) {
        std::copy_n(cells<WideCell>(), cell_count, larger->cells<WideCell>());
    } else if (wide) {
        const int128 factor = power_of_ten(amount_scale - scale_);
        std::transform(cells<std::int64_t>(), cells<std::int64_t>() + cell_count, larger->cells<WideCell>(),
                       [factor](std::int64_t units) { return units * factor; });
    } else {
        larger->scale_ = scale_;
        std::copy_n(cells<std::int64_t>(), cell_count, larger->cells<std::int64_t>());
    }
    return larger;
}

Amounts ConsumptionState::amounts(std::uint32_t index) const noexcept
{
    if (wide_) {
        const WideCell *cell = cells<WideCell>() + std::size_t{index} * cells_per_day;
        return {cell[0], cell[1], cell[2]};
    }
    const std::int64_t *cell = narrow_cell(index);
    return {cell[0], cell[1], cell[2]};
}

bool ConsumptionState::add_alike(const ConsumptionState &other, bool subtract) noexcept
{
    const bool alike = !wide_ && !other.wide_ && scale_ == other.scale_ && count_ == other.count_;
    if (!alike || !std::equal(days(), days() + count_, other.days())) return false;
    const std::size_t cell_count = std::size_t{count_} * cells_per_day;
    std::int64_t *cell = cells<std::int64_t>();
    const std::int64_t *change = other.cells<std::int64_t>();
    bool overflow = false;
    for (std::size_t i = 0; i < cell_count; ++i) {
        std::int64_t sum;
        overflow |=
            subtract ? __builtin_sub_overflow(cell[i], change[i], &sum) : __builtin_add_overflow(cell[i], change[i], &sum);
    }
    if (overflow) return false;
    for (std::size_t i = 0; i < cell_count; ++i) cell[i] = subtract ? cell[i] - change[i] : cell[i] + change[i];
    return true;
}

void ConsumptionState::prefetch(const void *state, const Shape &guess, Day day) noexcept
{
    const auto distance = static_cast<std::uint32_t>(day) - static_cast<std::uint32_t>(guess.first_day);
    const auto head = reinterpret_cast<std::uintptr_t>(state);
    const std::uintptr_t cells = head + sizeof(ConsumptionState) + std::uintptr_t{guess.capacity} * sizeof(Day);
    __builtin_prefetch(reinterpret_cast<const void *>(head), 1);
    __builtin_prefetch(reinterpret_cast<const void *>(cells + std::uintptr_t{distance} * cells_per_day * sizeof(std::int64_t)),
                       1);
}

// Where the day is, or where it belongs.
std::uint32_t ConsumptionState::position(Day day) const noexcept
{
    if (count_ == 0 || day < first_day_) return 0;
    if (day > last_day_) return count_;
    // A series without holes has its n-th day at place n; with holes the day is before that place.
    const auto distance = static_cast<std::uint32_t>(day - first_day_);
    if (without_holes()) return distance;
    const Day *end = days() + std::min(count_, distance);
    return static_cast<std::uint32_t>(std::lower_bound(days(), end, day) - days());
}

bool ConsumptionState::rescale(int scale) noexcept
{
    std::int64_t *cell = cells<std::int64_t>();
    std::int64_t *end = cell + std::size_t{count_} * cells_per_day;
    const auto factor = static_cast<std::int64_t>(power_of_ten(scale - scale_));
    std::int64_t product;
    if (std::any_of(cell, end, [&](std::int64_t units) { return __builtin_mul_overflow(units, factor, &product); })) return false;
    for (; cell != end; ++cell) *cell *= factor;
    scale_ = static_cast<std::uint8_t>(scale);
    return true;
}

// Drops days that have become all zero.
template <class Cell>
void ConsumptionState::compact() noexcept
{
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
        const Cell *cell = cells<Cell>() + std::size_t{i} * cells_per_day;
        if (std::all_of(cell, cell + cells_per_day, [](Cell units) { return units == 0; })) continue;
        days()[kept] = days()[i];
        std::copy_n(cell, cells_per_day, cells<Cell>() + std::size_t{kept} * cells_per_day);
        ++kept;
    }
    count_ = kept;
    note_ends();
}

void ConsumptionState::note_ends() noexcept
{
    first_day_ = count_ > 0 ? days()[0] : Day{};
    last_day_ = count_ > 0 ? days()[count_ - 1] : Day{};
}

// Gives needs_width when a sum does not fit into a cell.
template <class Cell, class Sum>
ConsumptionState::Added ConsumptionState::add_at(Day day, const Sum (&change)[3], bool subtract) noexcept
{
    if ((change[0] | change[1] | change[2]) == 0) return Added::done;
    std::uint32_t at = position(day);
    const bool found = at < count_ && day >= first_day_ && (without_holes() || days()[at] == day);
    if (!found && count_ == capacity_) {
        compact<Cell>();
        if (count_ >= capacity_ - (capacity_ >> 2)) return Added::needs_days;
        at = position(day);
    }

    Sum sums[cells_per_day] = {};
    if (found) std::copy_n(cells<Cell>() + std::size_t{at} * cells_per_day, cells_per_day, sums);
    bool overflow = false;
    for (std::uint32_t i = 0; i < cells_per_day; ++i) {
        overflow |= subtract ? __builtin_sub_overflow(sums[i], change[i], &sums[i])
                             : __builtin_add_overflow(sums[i], change[i], &sums[i]);
        if constexpr (sizeof(Sum) == sizeof(int128)) overflow |= sums[i] == int128_min;
    }
    if (overflow) return Added::needs_width;

    if (!found) {
        std::copy_backward(days() + at, days() + count_, days() + count_ + 1);
        Cell *cell = cells<Cell>();
        std::copy_backward(cell + std::size_t{at} * cells_per_day, cell + std::size_t{count_} * cells_per_day,
                           cell + (std::size_t{count_} + 1) * cells_per_day);
        days()[at] = day;
        ++count_;
        note_ends();
    }
    std::copy_n(sums, cells_per_day, cells<Cell>() + std::size_t{at} * cells_per_day);
    return Added::done;
}

Result<ConsumptionState::Added> ConsumptionState::add_in_general(Day day, const Decimal &cost, const Decimal &grant_credit,
                                                                 const Decimal &other_credit, bool subtract) noexcept
{
    if (!in_calendar(day)) return Error{Errc::day_out_of_range, {}, day};
    const int scale = std::max({cost.scale, grant_credit.scale, other_credit.scale});
    if (scale > scale_ && !rescale(scale)) return Added::needs_width;

    const Decimal *parts[cells_per_day] = {&cost, &grant_credit, &other_credit};
    bool overflow = false;
    if (!wide_) {
        std::int64_t change[cells_per_day];
        for (std::uint32_t i = 0; i < cells_per_day; ++i) overflow |= !narrow_units(*parts[i], change[i]);
        return overflow ? Added::needs_width : add_at<std::int64_t>(day, change, subtract);
    }
    int128 change[cells_per_day];
    for (std::uint32_t i = 0; i < cells_per_day; ++i)
        overflow |= !try_multiply(parts[i]->units, power_of_ten(scale_ - parts[i]->scale), change[i]);
    const Added added = overflow ? Added::needs_width : add_at<WideCell>(day, change, subtract);
    if (added == Added::needs_width) return Error{Errc::amount_out_of_range, {}, day};
    return added;
}

}  // namespace partner_bonus
