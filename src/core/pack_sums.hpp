// What a directory says of the lines of each key, computed from the lines.
#pragma once

#include "pack_directory.hpp"

namespace partner_bonus {

// Decimals enough for all lines of the pack.
KeyScales key_scales(const PackColumns &columns) noexcept;
// The sums of some lines; those of no lines when the range does not suffice.
KeySums sum_up(const PackColumns &columns, const KeyScales &scales, std::size_t from, std::size_t to) noexcept;

}  // namespace partner_bonus
