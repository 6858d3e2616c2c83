#include "core/allocate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "arena.hpp"
#include "core/rounding.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

// Exact values at exact_scale that a document could have: sums of money times rates, ties, whole units, the very small.
struct Part {
    Int256 exact;

    static void draw(Dice &dice, int size, std::vector<Part> &parts)
    {
        const std::size_t kind = dice.below(4);
        for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 4 + 1); left > 0; --left) {
            Part part;
            switch (kind == 3 ? dice.below(3) : kind) {
                case 0: part.exact = Int256(dice.wide(120)) * static_cast<std::int64_t>(dice.wide(40)); break;
                case 1:
                    part.exact = Int256(dice.between(-50, 50)) * static_cast<std::int64_t>(power_of_ten(17)) * 100'000'000'000;
                    break;  // of a tenth
                default: part.exact = dice.wide(20); break;
            }
            if (!parts.empty() && dice.one_in(4)) part = dice.of(parts);  // ties
            parts.push_back(part);
        }
    }
};

std::ostream &operator<<(std::ostream &out, const Part &part) { return out << Whole(part.exact); }

using Parts = Series<Part>;

std::vector<Share> shares_of(const std::vector<Part> &parts)
{
    std::vector<Share> shares;
    for (const Part &part : parts) shares.push_back({part.exact, {}});
    return shares;
}

Int256 total(const std::vector<Part> &parts)
{
    Int256 sum;
    for (const Part &part : parts) sum += part.exact;
    return sum;
}

// Floors, and the digits below them as text of equal length, so that they compare as numbers.
struct NaiveShare {
    Whole floor;
    std::string fraction;
    bool exact;
};

NaiveShare naive_share(const Part &part, int scale)
{
    const auto digits = static_cast<std::size_t>(exact_scale - scale);
    const auto [kept, cut] = Whole(part.exact).cut(digits);
    const bool exact = cut.find_first_not_of('0') == std::string::npos;
    if (exact || !Whole(part.exact).negative()) return {kept, cut, exact};
    std::string complement = (ten_to_the(digits) - Whole::from_text(cut)).text();
    complement.insert(0, digits - complement.size(), '0');
    return {kept - 1, complement, exact};
}

constexpr std::array all_modes{RoundingMode::half_away_from_zero,
                               RoundingMode::half_even,
                               RoundingMode::half_up,
                               RoundingMode::down,
                               RoundingMode::up,
                               RoundingMode::truncate};

TEST(Allocate, shares_add_up_to_any_rounding_of_their_sum_and_are_floors_or_ceilings)
{
    holds([](const Parts &parts, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const auto scale = static_cast<int>(dice.between(0, 4));
        const Int256 target = round_decimals(total(parts), exact_scale - scale, all_modes[dice.below(6)]);
        auto shares = shares_of(parts);
        RC_ASSERT(static_cast<bool>(allocate(shares, target, scale, arena)));
        Int256 sum;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            sum += shares[i].printed;
            const auto [floor, fraction, exact] = naive_share(parts[i], scale);
            RC_ASSERT((shares[i].exact == parts[i].exact));
            RC_ASSERT(Whole(shares[i].printed) == floor || (!exact && Whole(shares[i].printed) == floor + 1));
        }
        RC_ASSERT((sum == target));
    });
}

TEST(Allocate, units_go_to_the_largest_fractions_and_of_equals_to_the_earlier)
{
    holds([](const Parts &parts, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const auto scale = static_cast<int>(dice.between(0, 4));
        Whole floors;
        std::vector<NaiveShare> naive;
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            naive.push_back(naive_share(parts[i], scale));
            floors = floors + naive.back().floor;
            if (!naive.back().exact) order.push_back(i);
        }
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return naive[a].fraction > naive[b].fraction; });
        const std::size_t units = dice.below(order.size() + 1);
        for (std::size_t i = 0; i < units; ++i) naive[order[i]].floor = naive[order[i]].floor + 1;

        Int256 target;
        for (const Part &part : parts) target += floor_decimals(part.exact, exact_scale - scale).units;
        RC_ASSERT(Whole(target) == floors);
        target += Int256(static_cast<int128>(units));
        auto shares = shares_of(parts);
        RC_ASSERT(static_cast<bool>(allocate(shares, target, scale, arena)));
        for (std::size_t i = 0; i < shares.size(); ++i) RC_ASSERT(Whole(shares[i].printed) == naive[i].floor);
    });
}

TEST(Allocate, targets_out_of_reach_are_refused)
{
    holds([](const Parts &parts, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        Int256 least, most;
        for (const Part &part : parts) {
            const auto [units, fraction] = floor_decimals(part.exact, exact_scale);
            least += units;
            most += units;
            if (fraction != 0) most += Int256(1);
        }
        least -= Int256(1 + static_cast<int128>(dice.below(3)));
        most += Int256(1 + static_cast<int128>(dice.below(3)));
        if (dice.one_in(4)) most += Int256(int128_max);
        if (dice.one_in(4)) most += Int256(int128_max) * INT64_MAX;
        auto shares = shares_of(parts);
        for (const Int256 &target : {least, most}) {
            const Status status = allocate(shares, target, 0, arena);
            RC_ASSERT(!status && status.error().code == Errc::share_target);
            RC_ASSERT(status.error().at == static_cast<std::int64_t>(parts.size()));
        }
    });
}

TEST(Allocate, thirds_of_a_cent)
{
    Arena arena;
    const Int256 third = Int256(power_of_ten(30)) * 1;
    Int256 exact = third;
    exact.divide_floor(3);
    std::vector<Share> shares(3, Share{exact, {}});
    shares.push_back({Int256(power_of_ten(28)) * 7, {}});  // seven cents, no fraction
    shares.push_back({Int256(), {}});
    ASSERT_TRUE(allocate(shares, Int256(108 - 1), 2, arena));
    const std::array<int, 5> expected{34, 33, 33, 7, 0};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(shares[i].printed.to_int128(), expected[i]) << i;
}

TEST(Allocate, refunds_have_floors_below)
{
    Arena arena;
    const Int256 cent = power_of_ten(28);
    std::vector<Share> shares{{Int256(power_of_ten(26)) * -150, {}}, {cent * 2, {}}, {Int256(power_of_ten(26)) * -50, {}}};
    ASSERT_TRUE(allocate(shares, Int256(0), 2, arena));
    EXPECT_EQ(shares[0].printed.to_int128(), -1) << "of equal fractions the earlier wins";
    EXPECT_EQ(shares[1].printed.to_int128(), 2);
    EXPECT_EQ(shares[2].printed.to_int128(), -1);
}

TEST(Allocate, nothing_is_shared_among_none)
{
    Arena arena;
    EXPECT_TRUE(allocate({}, Int256(), 2, arena));
    EXPECT_EQ(error_of(allocate({}, Int256(1), 2, arena)), Errc::share_target);
    EXPECT_EQ(error_of(allocate({}, Int256(-1), 2, arena)), Errc::share_target);
}

TEST(Allocate, memory_may_run_out)
{
    std::vector<Share> shares(3);
    expect_out_of_memory_at_every_request([&](Memory memory) { return allocate(shares, Int256(), 2, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
