#include "pack_sums.hpp"

#include <algorithm>

namespace partner_bonus {

namespace {

using Number = PackColumns::Number;

constexpr std::array<std::size_t, 4> other_credits{pack_number::volume_incentive_credit, pack_number::cud_credit, pack_number::misc_credit,
                                                   pack_number::credit_rest};

bool add_units(std::span<const std::int64_t> units, int128 &sum) noexcept
{
    for (const std::int64_t unit : units) sum += unit;  // a pack has not so many lines that this could be beyond the range
    return true;
}

bool add_units(std::span<const int128> units, int128 &sum) noexcept
{
    return std::all_of(units.begin(), units.end(), [&sum](const int128 &unit) { return try_add(sum, unit, sum); });
}

bool add_lines(const Number &column, std::size_t from, std::size_t to, int scale, int128 &sum) noexcept
{
    if (column.units.empty()) return true;
    int128 units = 0;
    bool fits = column.units.visit([&](auto all) { return add_units(all.subspan(from, to - from), units); });
    if (scale != column.scale) fits = fits && try_multiply(units, power_of_ten(scale - column.scale), units);
    return fits && try_add(sum, units, sum);
}

}  // namespace

KeyScales key_scales(const PackColumns &columns) noexcept
{
    const auto &numbers = columns.numbers;
    KeyScales scales{numbers[pack_number::cost].scale, numbers[pack_number::monetary_grant_credit].scale, 0, numbers[pack_number::reward].scale};
    for (const std::size_t part : other_credits) scales.other_credit = std::max(scales.other_credit, numbers[part].scale);
    return scales;
}

KeySums sum_up(const PackColumns &columns, const KeyScales &scales, std::size_t from, std::size_t to) noexcept
{
    const auto &numbers = columns.numbers;
    const Number &reward = numbers[pack_number::reward];
    KeySums sums{};
    sums.lines = static_cast<std::uint32_t>(to - from);
    for (std::size_t line = from; line < to && !sums.rewarded; ++line) sums.rewarded = reward.has(line);
    bool fits = add_lines(numbers[pack_number::cost], from, to, scales.cost, sums.cost) &&
                add_lines(numbers[pack_number::monetary_grant_credit], from, to, scales.grant_credit, sums.grant_credit) &&
                add_lines(reward, from, to, scales.reward, sums.reward);
    for (const std::size_t part : other_credits) fits = fits && add_lines(numbers[part], from, to, scales.other_credit, sums.other_credit);
    return fits ? sums : KeySums{};
}

}  // namespace partner_bonus
