// The working state of rate_schedule_agg: the changes of the rate, in the order in which they came. Rates that overlap
// add, so a range is one change up and one change down, and taking a range off is adding the opposite.
#pragma once

#include <cstddef>
#include <cstdint>

#include "amount.hpp"
#include "day.hpp"
#include "wire.hpp"

namespace partner_bonus {

struct RateChange {
    // Wide, so that no number of rates on one day overflows; aligned as palloc aligns.
    __extension__ typedef __int128 wide_rate __attribute__((aligned(8)));
    static_assert(alignof(wide_rate) == 8);

    wide_rate change;
    Day day;
};

class RateState {
   public:
    static constexpr std::uint8_t working_form = 0x82;

    // The state in a value, or null when the value is in stored form. A value begins behind the host's length word.
    static const RateState *in(Bytes value) noexcept
    {
        if (value.empty() || std::to_integer<std::uint8_t>(value.front()) != working_form) return nullptr;
        return reinterpret_cast<const RateState *>(value.data() - sizeof(std::uint32_t));
    }

    static std::size_t bytes_for(std::uint32_t capacity) noexcept;
    // Lays an empty state into `room`, which is aligned to eight bytes and as large as bytes_for says.
    static RateState *create(void *room, std::uint32_t capacity) noexcept;
    std::size_t bytes_grown() const noexcept { return bytes_for(capacity_ * 2); }
    RateState *grow_into(void *room) const noexcept;

    // Whether `changes` more fit, if need be after merging those of the same day.
    bool make_room(std::uint32_t changes) noexcept;
    void add(Day day, int128 change) noexcept;

    std::uint32_t count() const noexcept { return count_; }
    const RateChange *changes() const noexcept { return reinterpret_cast<const RateChange *>(this + 1); }

   private:
    RateChange *changes() noexcept { return reinterpret_cast<RateChange *>(this + 1); }
    void merge() noexcept;

    [[maybe_unused]] std::uint32_t host_word_;  // the host's length word
    std::uint8_t form_;
    [[maybe_unused]] std::uint8_t unused_[3];
    std::uint32_t count_;
    std::uint32_t capacity_;
};

static_assert(sizeof(RateState) == 16);

}  // namespace partner_bonus
