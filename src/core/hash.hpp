// The hash of abstract values. Frozen: hash partitions and stored hashes depend on it.
#pragma once

#include <cstdint>

#include "int128.hpp"

namespace partner_bonus {

class Hash {
   public:
    explicit constexpr Hash(std::uint64_t seed) noexcept : state_(mix(seed + step)) {}

    constexpr void add(std::uint64_t word) noexcept { state_ = mix((state_ ^ word) + step); }
    constexpr void add(int128 wide) noexcept
    {
        add(static_cast<std::uint64_t>(wide));
        add(static_cast<std::uint64_t>(wide >> 64));
    }
    constexpr std::uint64_t value() const noexcept { return state_; }

   private:
    static constexpr std::uint64_t step = 0x9e3779b97f4a7c15;

    // The finaliser of SplitMix64.
    static constexpr std::uint64_t mix(std::uint64_t x) noexcept
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    std::uint64_t state_;
};

}  // namespace partner_bonus
