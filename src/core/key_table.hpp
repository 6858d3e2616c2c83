// Gives keys places: 0, 1, ... in the order in which they first come. A key is made of numbers.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "growing.hpp"
#include "memory.hpp"
#include "result.hpp"

namespace partner_bonus {

template <std::size_t columns>
class KeyTable {
   public:
    using Key = std::array<std::uint32_t, columns>;

    explicit KeyTable(const Memory &memory) noexcept : memory_(memory) {}

    std::span<const Key> keys() const noexcept { return keys_.items(); }

    // The last key comes again more often than any other.
    Result<std::uint32_t> place(const Key &key) noexcept
    {
        if (keys_.size() > 0 && keys_[last_] == key) return last_;
        const auto found = find(key);
        if (found) last_ = *found;
        return found;
    }

   private:
    Result<std::uint32_t> find(const Key &key) noexcept
    {
        // At least half of the slots stay free, so that a search is short, and ends.
        if (slots_.size() < 2 * (keys_.size() + 1) && !grow()) return Errc::out_of_memory;
        std::size_t slot = slot_of(key);
        for (; slots_[slot] != 0; slot = after(slot))
            if (keys_[slots_[slot] - 1] == key) return slots_[slot] - 1;
        if (!keys_.add(key, memory_)) return Errc::out_of_memory;
        slots_[slot] = static_cast<std::uint32_t>(keys_.size());
        return slots_[slot] - 1;
    }

    std::size_t slot_of(const Key &key) const noexcept
    {
        constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
        std::uint64_t hash = 0;
        for (std::size_t i = 0; i < columns; i += 2)  // two at a time
            hash = (hash ^ (std::uint64_t{key[i]} << 32 | (i + 1 < columns ? key[i + 1] : 0U))) * odd;
        return static_cast<std::size_t>(hash >> 32) & (slots_.size() - 1);
    }
    std::size_t after(std::size_t slot) const noexcept { return (slot + 1) & (slots_.size() - 1); }

    bool grow() noexcept
    {
        const auto slots = memory_.template array<std::uint32_t>(std::max(least_slots, 2 * slots_.size()));
        if (!slots.data()) return false;
        std::fill(slots.begin(), slots.end(), 0U);
        slots_ = slots;
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            std::size_t slot = slot_of(keys_[i]);
            while (slots_[slot] != 0) slot = after(slot);
            slots_[slot] = static_cast<std::uint32_t>(i) + 1;
        }
        return true;
    }

    static constexpr std::size_t least_slots = 64;  // a power of two, as all sizes

    Memory memory_;
    Growing<Key> keys_;
    std::span<std::uint32_t> slots_;  // place + 1; 0 is free
    std::uint32_t last_ = 0;
};

}  // namespace partner_bonus
