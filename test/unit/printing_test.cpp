#include "core/printing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "arena.hpp"
#include "core/allocate.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

constexpr std::array all_modes{RoundingMode::half_away_from_zero,
                               RoundingMode::half_even,
                               RoundingMode::half_up,
                               RoundingMode::down,
                               RoundingMode::up,
                               RoundingMode::truncate};

// A line of a document: amounts with few decimals and many, of both signs, many of them zero; a bonus that is a share of the base,
// or anything at all.
struct Line {
    PrintedLine line{};

    static void draw(Dice &dice, int size, std::vector<Line> &lines)
    {
        for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 4 + 1); left > 0; --left) {
            Line drawn;
            if (!lines.empty() && dice.one_in(4)) drawn = dice.of(lines);  // ties
            else for (Int256 &exact : drawn.line.exact) exact = amount(dice);
            drawn.line.starts_account = lines.empty() || dice.one_in(3);
            lines.push_back(drawn);
        }
    }

   private:
    static Int256 amount(Dice &dice)
    {
        switch (dice.below(4)) {
            case 0: return {};
            case 1: return Int256(dice.between(-5000, 5000)) * static_cast<std::int64_t>(power_of_ten(18)) * 1'000'000'000;  // of a tenth of a cent
            case 2: return Int256(dice.wide(67)) * static_cast<std::int64_t>(dice.wide(40));
            default: return dice.wide(110);
        }
    }
};

std::ostream &operator<<(std::ostream &out, const Line &line)
{
    if (line.line.starts_account) out << "account: ";
    for (const Int256 &exact : line.line.exact) out << Whole(exact) << ' ';
    return out;
}

using Lines = Series<Line>;

std::vector<PrintedLine> lines_of(const Lines &drawn)
{
    std::vector<PrintedLine> lines;
    for (const Line &line : drawn) lines.push_back(line.line);
    return lines;
}

struct Terms {
    Vat vat;
    Rounding rounding;

    explicit Terms(Dice &dice)
        : vat{dice.one_in(3) ? dice.between(0, 1'000'000) : dice.between(0, 4) * 50'000, dice.one_in(2)},
          rounding{dice.one_in(4) ? static_cast<int>(dice.between(0, 18)) : static_cast<int>(dice.between(0, 4)), all_modes[dice.below(6)]}
    {
    }
};

// One unit in exact terms.
Whole unit(const Rounding &rounding) { return ten_to_the(static_cast<std::size_t>(exact_scale - rounding.scale)); }

Whole distance(const Whole &a, const Whole &b)
{
    const Whole difference = a - b;
    return difference.negative() ? -difference : difference;
}

TEST(Printing, columns_add_up_and_every_leaf_is_a_floor_or_ceiling)
{
    holds([](const Lines &drawn, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Terms terms(dice);
        auto lines = lines_of(drawn);
        RC_ASSERT(static_cast<bool>(print_block(lines, terms.vat, terms.rounding, arena)));

        std::array<Int256, leaf_count> exact{}, printed{};
        Int256 payable, taxable;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
                const Int256 &of_line = lines[i].exact[leaf];
                RC_ASSERT((of_line == drawn[i].line.exact[leaf]));
                RC_ASSERT(distance(Whole(lines[i].printed[leaf]) * unit(terms.rounding), Whole(of_line)) < unit(terms.rounding));
                exact[leaf] += of_line;
                printed[leaf] += lines[i].printed[leaf];
            }
            payable += lines[i].payable();
            taxable += lines[i].taxable;
            if (!terms.vat.included) RC_ASSERT((lines[i].taxable == lines[i].payable()));
            // taxable * (1 + rate) is less than one unit off
            const Whole rate_and_one(1'000'000 + terms.vat.millionths);
            if (terms.vat.included) {
                RC_ASSERT(distance(Whole(lines[i].taxable) * rate_and_one, Whole(lines[i].payable()) * Whole(1'000'000)) < rate_and_one);
            }
        }
        const int dropped = exact_scale - terms.rounding.scale;
        Int256 base = exact[gross], bonus = exact[basic_bonus], printed_base = printed[gross], printed_bonus = printed[basic_bonus];
        base += exact[grant_credit];
        base += exact[other_credit];
        bonus += exact[deal_bonus];
        printed_base += printed[grant_credit];
        printed_base += printed[other_credit];
        printed_bonus += printed[deal_bonus];
        RC_ASSERT((printed_base == round_decimals(base, dropped, terms.rounding.mode)));
        RC_ASSERT((printed_bonus == round_decimals(bonus, dropped, terms.rounding.mode)));
        for (std::size_t leaf = 0; leaf < leaf_count; ++leaf)
            RC_ASSERT(distance(Whole(printed[leaf]) * unit(terms.rounding), Whole(exact[leaf])) < unit(terms.rounding));

        Int256 tax = payable;
        tax -= taxable;
        if (!terms.vat.included) payable = Int256();  // taxable is payable
        // payable at exact_scale, in two steps of at most 18 digits
        Int256 exact_payable = payable * static_cast<std::int64_t>(power_of_ten(dropped - 12)) * static_cast<std::int64_t>(power_of_ten(12));
        RC_ASSERT((tax == vat_amount(exact_payable, terms.vat, terms.rounding)));
    });
}

// Largest remainders all the way down, by allocate of every sum by itself.
TEST(Printing, leaves_are_shared_out_from_the_block_to_accounts_to_lines)
{
    holds([](const Lines &drawn, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Terms terms(dice);
        auto lines = lines_of(drawn);
        RC_ASSERT(static_cast<bool>(print_block(lines, terms.vat, terms.rounding, arena)));

        const int scale = terms.rounding.scale;
        const auto shares = [&](std::vector<Share> of, const Int256 &target) {
            RC_ASSERT(static_cast<bool>(allocate(of, target, scale, arena)));
            return of;
        };
        std::array<Int256, leaf_count> sums{};
        for (const Line &line : drawn)
            for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) sums[leaf] += line.line.exact[leaf];
        Int256 base = sums[0], bonus = sums[3];
        base += sums[1];
        base += sums[2];
        bonus += sums[4];
        auto block = shares({{sums[0], {}}, {sums[1], {}}, {sums[2], {}}}, round_decimals(base, exact_scale - scale, terms.rounding.mode));
        const auto of_bonus = shares({{sums[3], {}}, {sums[4], {}}}, round_decimals(bonus, exact_scale - scale, terms.rounding.mode));
        block.insert(block.end(), of_bonus.begin(), of_bonus.end());
        for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
            std::vector<Share> accounts;
            std::vector<std::vector<Share>> own;
            for (const Line &line : drawn) {
                if (own.empty() || line.line.starts_account) {
                    accounts.push_back({});
                    own.push_back({});
                }
                accounts.back().exact += line.line.exact[leaf];
                own.back().push_back({line.line.exact[leaf], {}});
            }
            accounts = shares(accounts, block[leaf].printed);
            std::size_t i = 0;
            for (std::size_t account = 0; account < accounts.size(); ++account)
                for (const Share &share : shares(own[account], accounts[account].printed))
                    RC_ASSERT((lines[i++].printed[leaf] == share.printed));
        }
    });
}

TEST(Printing, the_worked_example)
{
    Arena arena;
    const auto cents = [](std::int64_t n) { return Int256(power_of_ten(28)) * n; };
    // accounts a and b of the worked example: exact amounts are whole cents
    std::vector<PrintedLine> lines(3);
    lines[0].exact = {cents(10000), cents(-2000), cents(-1000), cents(1400), {}};
    lines[1].exact = {cents(4000), {}, {}, {}, {}};
    lines[2].exact = {cents(25050), {}, cents(-5010), cents(4008), cents(3006)};
    lines[2].starts_account = true;
    ASSERT_TRUE(print_block(lines, {200'000, true}, {2, RoundingMode::half_away_from_zero}, arena));
    EXPECT_EQ(lines[2].printed[deal_bonus].to_int128(), 3006);
    EXPECT_EQ(lines[0].payable().to_int128(), 5600);
    // 226.26 with 20 % in it: VAT 37.71, taxable 188.55; 46.66(6), 33.33(3) and 108.55 leave one cent, for the first
    EXPECT_EQ(lines[0].taxable.to_int128(), 4667);
    EXPECT_EQ(lines[1].taxable.to_int128(), 3333);
    EXPECT_EQ(lines[2].taxable.to_int128(), 10855);
}

TEST(Printing, vat_is_rounded_once)
{
    struct Case {
        std::int64_t mills;  // thousandths
        Vat vat;
        int scale;
        RoundingMode mode;
        int units;
    };
    const std::array cases{
        Case{1'000'050, {200'000, false}, 2, RoundingMode::half_away_from_zero, 20001},  // 200.01
        Case{25, {200'000, false}, 2, RoundingMode::half_away_from_zero, 1},             // 0.005
        Case{25, {200'000, false}, 2, RoundingMode::half_even, 0},
        Case{-25, {200'000, false}, 2, RoundingMode::half_away_from_zero, -1},
        Case{-25, {200'000, false}, 2, RoundingMode::half_up, 0},
        Case{30, {200'000, true}, 2, RoundingMode::half_away_from_zero, 1},  // 0.005, a tie with the tax in it
        Case{30, {200'000, true}, 2, RoundingMode::truncate, 0},
        Case{-10'000, {200'000, true}, 2, RoundingMode::half_away_from_zero, -167},  // -1.666...
        Case{-10'000, {200'000, true}, 2, RoundingMode::down, -167},
        Case{-10'000, {200'000, true}, 2, RoundingMode::up, -166},
        Case{10'000, {200'000, true}, 0, RoundingMode::up, 2},
        Case{10'000, {0, true}, 2, RoundingMode::up, 0},
        Case{10'000, {1'000'000, true}, 2, RoundingMode::up, 500},
        Case{10'000, {1'000'000, false}, 2, RoundingMode::up, 1000},
    };
    for (const Case &c : cases)
        EXPECT_EQ(vat_amount(Int256(power_of_ten(27)) * c.mills, c.vat, {c.scale, c.mode}).to_int128(), c.units) << c.mills << " at scale " << c.scale;
}

TEST(Printing, nothing_is_printed_of_nothing)
{
    Arena arena;
    EXPECT_TRUE(print_block({}, {200'000, true}, {2, RoundingMode::half_away_from_zero}, arena));
}

TEST(Printing, amounts_have_a_limit)
{
    Arena arena;
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
        for (const int sign : {1, -1}) {
            std::vector<PrintedLine> lines(2);
            lines[1].exact[leaf] = Int256(power_of_ten(38)) * (sign * static_cast<std::int64_t>(power_of_ten(14)));  // 10^22
            EXPECT_TRUE(print_block(lines, {1'000'000, true}, {18, RoundingMode::half_even}, arena));
            lines[1].exact[leaf] = Int256(power_of_ten(38)) * (sign * 2 * static_cast<std::int64_t>(power_of_ten(14)));
            const Status status = print_block(lines, {1'000'000, true}, {18, RoundingMode::half_even}, arena);
            ASSERT_EQ(error_of(status), Errc::leaf_out_of_range);
            EXPECT_EQ(status.error().at, static_cast<std::int64_t>(leaf_count + leaf));
        }
    }
}

TEST(Printing, memory_may_run_out)
{
    std::vector<PrintedLine> lines(4);
    lines[2].starts_account = true;
    for (PrintedLine &line : lines) line.exact.fill(power_of_ten(27));
    expect_out_of_memory_at_every_request(
        [&](Memory memory) { return print_block(lines, {200'000, true}, {2, RoundingMode::half_away_from_zero}, memory); }, 2);
}

}  // namespace
}  // namespace partner_bonus::test
