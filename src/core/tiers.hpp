// Which rate a month's volume has: a step function of volume. It is read in two ways: the rate of the tier the volume is in
// (slab), and each slice of the volume at the rate of its own tier (graduated).
//
// Stored form, read for ever: format byte, scale of the volumes, scale of the rates, the rate from volume 0 on, number of
// further steps, then per step its distance to the step before and its rate. Canonical: steps ascend, each changes the rate,
// both scales are the smallest. So equal values have equal bytes.
#pragma once

#include <compare>
#include <span>
#include <string_view>

#include "amount.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "wire.hpp"

namespace partner_bonus {

inline constexpr std::size_t most_tiers = 1024;

// From this volume on, the rate is this.
struct Tier {
    Amount from{};
    Rate rate{};
};

// Walks the steps of a value: the first is from volume 0. The rate 0 everywhere has none.
class TiersReader {
   public:
    explicit TiersReader(Bytes value) noexcept;

    std::size_t left() const noexcept { return left_; }
    // The step that comes next, if one is left.
    const Tier &ahead() const noexcept { return ahead_; }
    bool next(Tier &tier) noexcept;

   private:
    Rate rate() noexcept;

    WireReader wire_;
    uint128 volume_factor_;
    int128 rate_factor_;
    Tier ahead_;
    std::size_t left_;
};

// Room for the steps of one value; there may be too many.
Result<std::span<Tier>> tiers_room(std::size_t count, const Memory &memory) noexcept;
// The value of steps in any order, which this sorts. An error with a volume tells in `at` which of the sorted steps has it.
Result<Bytes> tiers_make(std::span<Tier> tiers, const Memory &memory) noexcept;

// Steps must ascend in the text.
Result<Bytes> tiers_from_text(std::string_view text, const Memory &memory) noexcept;
Result<std::string_view> tiers_to_text(Bytes value, const Memory &memory) noexcept;
// Accepts the canonical stored form and nothing else.
Result<Bytes> tiers_from_binary(Bytes bytes, const Memory &memory) noexcept;

Result<Bytes> tiers_cap(Bytes value, Rate most, const Memory &memory) noexcept;

// The tier a volume is in: a boundary belongs to the upper one, a volume below 0 to the lowest. With its rate r_k and
// c_k = sum over i <= k of (r_i - r_(i-1)) * t_i, the graduated bonus of a volume is r_k * volume - c_k.
struct TierTerms {
    Rate rate{};
    Int256 offset{};  // c_k, a count of 10^-exact_scale units
};
TierTerms tiers_at(Bytes value, Amount volume) noexcept;
Int256 tiers_graduated(Bytes value, Amount volume) noexcept;

// An order without meaning, for sorting and DISTINCT.
std::strong_ordering tiers_compare(Bytes a, Bytes b) noexcept;
// Of the abstract value, and frozen: stored hashes and partitions depend on it.
std::uint64_t tiers_hash(Bytes value, std::uint64_t seed) noexcept;

}  // namespace partner_bonus
