#include "rate_state.hpp"

#include <algorithm>
#include <new>

namespace partner_bonus {

std::size_t RateState::bytes_for(std::uint32_t capacity) noexcept
{
    return sizeof(RateState) + std::size_t{capacity} * sizeof(RateChange);
}

RateState *RateState::create(void *room, std::uint32_t capacity) noexcept
{
    auto *state = new (room) RateState{};
    state->form_ = working_form;
    state->capacity_ = capacity;
    return state;
}

RateState *RateState::grow_into(void *room) const noexcept
{
    RateState *larger = create(room, capacity_ * 2);
    larger->count_ = count_;
    std::copy_n(changes(), count_, larger->changes());
    return larger;
}

bool RateState::make_room(std::uint32_t changes) noexcept
{
    if (count_ + changes <= capacity_) return true;
    merge();
    return count_ + changes <= capacity_ - (capacity_ >> 2);
}

void RateState::add(Day day, int128 change) noexcept { changes()[count_++] = {change, day}; }

// One change a day, none of them zero.
void RateState::merge() noexcept
{
    RateChange *begin = changes();
    RateChange *end = begin + count_;
    std::sort(begin, end, [](const RateChange &a, const RateChange &b) { return a.day < b.day; });
    RateChange *kept = begin;
    for (const RateChange *next = begin; next != end;) {
        RateChange sum{0, next->day};
        for (; next != end && next->day == sum.day; ++next) sum.change += next->change;
        if (sum.change != 0) *kept++ = sum;
    }
    count_ = static_cast<std::uint32_t>(kept - begin);
}

}  // namespace partner_bonus
