#include "allocate.hpp"

#include <algorithm>

#include "rounding.hpp"

namespace partner_bonus {

Status allocate(std::span<Share> shares, Int256 target, int scale, const Memory &memory) noexcept
{
    struct Fraction {
        uint128 fraction;
        std::size_t share;
    };
    const auto fractions = memory.array<Fraction>(shares.size());
    if (!fractions.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    Int256 missing = target;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto [units, fraction] = floor_decimals(shares[i].exact, exact_scale - scale);
        shares[i].printed = units;
        missing -= units;
        if (fraction != 0) fractions[count++] = {fraction, i};
    }
    if (missing.negative() || !missing.fits_int128() || missing.to_int128() > static_cast<int128>(count))
        return Error{Errc::share_target, {}, static_cast<std::int64_t>(shares.size())};

    const auto candidates = fractions.first(count);
    const auto chosen = static_cast<std::size_t>(missing.to_int128());
    const auto larger = [](const Fraction &a, const Fraction &b) {
        return a.fraction != b.fraction ? a.fraction > b.fraction : a.share < b.share;
    };
    if (chosen < count)
        std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(chosen), candidates.end(), larger);
    for (const Fraction &winner : candidates.first(chosen)) shares[winner.share].printed += Int256(1);
    return Done{};
}

}  // namespace partner_bonus
