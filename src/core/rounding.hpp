// The only two roundings of a document happen here.
#pragma once

#include <cstdint>
#include <string_view>

#include "int128.hpp"

namespace partner_bonus {

enum class RoundingMode : std::uint8_t {
    half_away_from_zero,
    half_even,
    half_up,   // ties towards plus infinity
    down,      // towards minus infinity
    up,        // towards plus infinity
    truncate,  // towards zero
};

// The mode's name as program terms spell it; false when there is none of that name.
bool rounding_mode_from_name(std::string_view name, RoundingMode &mode) noexcept;

// The part of a value below its last kept decimal: 0 <= fraction < 10^digits.
struct Floored {
    Int256 units;
    uint128 fraction;
};

// Drops `digits` decimals (0 to 36) towards minus infinity.
Floored floor_decimals(Int256 value, int digits) noexcept;

// Drops `digits` decimals (0 to 36) by the mode.
Int256 round_decimals(Int256 value, int digits, RoundingMode mode) noexcept;

}  // namespace partner_bonus
