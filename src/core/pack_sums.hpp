// What a directory says of the lines of each key, computed from the lines.
#pragma once

#include "pack_directory.hpp"

namespace partner_bonus {

// Decimals enough for all lines of the pack.
KeyScales key_scales(const PackColumns &columns) noexcept;
// The sums of some lines. False when the range does not suffice.
bool sum_up(const PackColumns &columns, const KeyScales &scales, std::size_t from, std::size_t to, KeySums &sums) noexcept;

}  // namespace partner_bonus
