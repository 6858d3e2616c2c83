#include "rounding.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace partner_bonus {

bool rounding_mode_from_name(std::string_view name, RoundingMode &mode) noexcept
{
    static constexpr std::array<std::pair<std::string_view, RoundingMode>, 6> modes{{
        {"half away from zero", RoundingMode::half_away_from_zero},
        {"half even", RoundingMode::half_even},
        {"half up", RoundingMode::half_up},
        {"down", RoundingMode::down},
        {"up", RoundingMode::up},
        {"truncate", RoundingMode::truncate},
    }};
    const auto *found = std::find_if(modes.begin(), modes.end(), [name](const auto &entry) { return entry.first == name; });
    if (found == modes.end()) return false;
    mode = found->second;
    return true;
}

Floored floor_decimals(Int256 value, int digits) noexcept
{
    const int low = std::min(digits, 18);
    const int high = digits - low;
    const auto low_divisor = static_cast<std::uint64_t>(power_of_ten(low));
    const std::uint64_t low_part = value.divide_floor(low_divisor);
    const std::uint64_t high_part = value.divide_floor(static_cast<std::uint64_t>(power_of_ten(high)));
    return {value, uint128{high_part} * low_divisor + low_part};
}

Int256 round_decimals(Int256 value, int digits, RoundingMode mode) noexcept
{
    const bool negative = value.negative();
    auto [units, fraction] = floor_decimals(value, digits);
    if (fraction == 0) return units;

    const uint128 twice = fraction * 2;
    const auto whole = static_cast<uint128>(power_of_ten(digits));
    const bool tie = twice == whole;
    bool add_one = twice > whole;  // units is the floor: adding one gives the ceiling
    switch (mode) {
        case RoundingMode::half_away_from_zero: add_one = tie ? !negative : add_one; break;
        case RoundingMode::half_even: add_one = tie ? units.odd() : add_one; break;
        case RoundingMode::half_up: add_one = tie || add_one; break;
        case RoundingMode::down: add_one = false; break;
        case RoundingMode::up: add_one = true; break;
        case RoundingMode::truncate: add_one = negative; break;
    }
    if (add_one) units += Int256(1);
    return units;
}

}  // namespace partner_bonus
