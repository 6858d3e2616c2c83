// Tiers in tests: random steps, and a map of rates that reckons by itself.
#pragma once

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "arena.hpp"
#include "bytes.hpp"
#include "core/tiers.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus {

inline bool operator==(const Tier &a, const Tier &b) { return a.from == b.from && a.rate == b.rate; }

}  // namespace partner_bonus

namespace partner_bonus::test {

// A step of a program: round volumes and points of a percent, or long decimals up to the largest volume.
struct Given : Tier {
    static void draw(Dice &dice, int size, std::vector<Given> &given)
    {
        const bool round = dice.one_in(2);
        const bool points = dice.one_in(2);
        const int bits = dice.one_in(4) ? 127 : 90;
        std::set<Amount> drawn;
        for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 8 + 2); left > 0; --left) {
            const int128 wide = dice.wide(bits);
            const Amount from = round ? dice.between(0, 40) * 500 * power_of_ten(amount_scale) : wide < 0 ? -wide : wide;
            if (!drawn.insert(from).second) continue;
            const Rate rate = points ? dice.between(0, 4) * (rate_one / 20) : dice.between(0, rate_one);
            given.push_back({{from, rate}});
        }
    }
};

inline std::ostream &operator<<(std::ostream &out, const Given &given)
{
    return out << decimal_text(given.from) << ": " << given.rate;
}

using Program = Series<Given>;

inline Result<Bytes> try_make(const std::vector<Given> &given, const Memory &memory)
{
    std::vector<Tier> tiers(given.begin(), given.end());
    return tiers_make(tiers, memory);
}

inline Bytes make(const std::vector<Given> &given, const Memory &memory) { return must(try_make(given, memory)); }

inline Bytes tiers(std::string_view text, const Memory &memory) { return must(tiers_from_text(text, memory)); }

inline std::string tiers_text(Bytes value)
{
    Arena arena;
    return std::string(must(tiers_to_text(value, arena)));
}

inline std::vector<Tier> tiers_of(Bytes value)
{
    std::vector<Tier> all;
    TiersReader reader(value);
    Tier tier;
    for (std::size_t left = reader.left(); left > 0; --left) {
        const Tier ahead = reader.ahead();
        EXPECT_TRUE(reader.left() == left && reader.next(tier) && tier == ahead);
        all.push_back(tier);
    }
    EXPECT_FALSE(reader.next(tier));
    return all;
}

// The same by itself: the rate from each volume on, up to the next.
class RateByVolume {
   public:
    explicit RateByVolume(const std::vector<Given> &given)
    {
        from_[0] = 0;
        for (const Given &tier : given) from_[tier.from] = tier.rate;
    }
    Rate at(Amount volume) const { return volume < 0 ? from_.at(0) : std::prev(from_.upper_bound(volume))->second; }
    // Each slice of the volume at its own rate.
    Whole bonus(Amount volume) const
    {
        if (volume < 0) return Whole(volume) * Whole(from_.at(0));
        Whole total;
        for (auto slice = from_.begin(); slice != from_.end() && slice->first < volume; ++slice) {
            const auto next = std::next(slice);
            const Amount to = next == from_.end() ? volume : std::min(next->first, volume);
            total = total + Whole(to - slice->first) * Whole(slice->second);
        }
        return total;
    }
    std::vector<Tier> steps(Rate most = rate_one) const
    {
        std::vector<Tier> steps;
        for (const auto &[from, rate] : from_)
            if ((steps.empty() ? 0 : steps.back().rate) != std::min(rate, most)) {
                if (steps.empty() && from > 0) steps.push_back({0, 0});
                steps.push_back({from, std::min(rate, most)});
            }
        return steps;
    }

   private:
    std::map<Amount, Rate> from_;
};

// Volumes at, around and between the steps, and any others.
inline std::vector<Amount> volumes_for(const Program &program, Dice &dice)
{
    std::vector<Amount> volumes{0, -1, amount_max, -amount_max, dice.wide(127)};
    if (program.empty()) return volumes;
    const Amount from = dice.of(program).from;
    volumes.push_back(from);
    if (from > 0) volumes.push_back(from - 1);
    if (from < amount_max) volumes.push_back(from + 1);
    return volumes;
}

}  // namespace partner_bonus::test
