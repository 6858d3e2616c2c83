#include "core/consumption_state.hpp"

#include <gtest/gtest.h>

#include "consumption_values.hpp"

namespace partner_bonus::test {
namespace {

constexpr Decimal none{};
constexpr Decimal largest{amount_max, amount_scale};
constexpr Decimal smallest{1, amount_scale};

std::vector<Row> shuffled(std::vector<Row> rows, Dice &dice)
{
    dice.shuffle(rows);
    return rows;
}

TEST(ConsumptionState, adds_up_what_a_map_adds_up)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Working working(dice);
        RC_ASSERT(DailySums(rows).equals(working.add_all(rows).value()));
    });
}

TEST(ConsumptionState, any_order_any_split_any_room_gives_equal_bytes)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes expected = stored_rows(rows, arena);

        // The rows in another order, over several states, some stored on the way, put together in any order.
        std::vector<std::vector<Row>> parts(1 + dice.below(4));
        for (const Row &row : shuffled(rows, dice)) parts[dice.below(parts.size())].push_back(row);
        Working whole(dice);
        for (const auto &part : parts) {
            Working working(dice);
            working.add_all(part);
            whole.add_value(dice.one_in(2) ? working.value() : working.stored());
        }
        RC_ASSERT(same(whole.stored(), expected));
        RC_ASSERT(DailySums(rows).equals(whole.stored()));
    });
}

TEST(ConsumptionState, parts_of_the_same_days_are_added_whole_and_right)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        std::vector<Row> others = rows;
        for (Row &row : others) std::rotate(row.amounts.begin(), row.amounts.begin() + 1, row.amounts.end());
        std::vector<Row> all = rows;
        all.insert(all.end(), others.begin(), others.end());
        Working working(dice), part(dice);
        working.add_all(rows).add_value(part.add_all(others).value());
        RC_ASSERT(same(working.stored(), stored_rows(all, arena)));
        RC_ASSERT(same(working.add_value(part.value(), true).stored(), stored_rows(rows, arena)));
    });
}

TEST(ConsumptionState, combining_is_associative)
{
    holds([](const Rows &a, const Rows &b, const Rows &c, Seed seed) {
        Dice dice = seed.dice();
        Working left(dice), right(dice), last(dice), first(dice);
        left.add_all(a).add_value(right.add_all(b).value()).add_value(last.add_all(c).value());
        first.add_all(a).add_value(right.add_value(last.value()).value());
        RC_ASSERT(same(left.stored(), first.stored()));
    });
}

TEST(ConsumptionState, combining_is_commutative)
{
    holds([](const Rows &a, const Rows &b, Seed seed) {
        Dice dice = seed.dice();
        Working x(dice), y(dice), later(dice);
        x.add_all(a);
        later.add_all(b).add_value(x.value());
        y.add_all(b);
        x.add_value(y.value());
        RC_ASSERT(same(x.stored(), later.stored()));
    });
}

TEST(ConsumptionState, an_empty_state_is_the_identity)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes alone = stored_rows(rows, arena);
        Working empty(dice), left(dice), right(dice);
        right.add_all(rows);
        RC_ASSERT(same(left.add_value(empty.value()).add_value(right.value()).stored(), alone));
        RC_ASSERT(same(right.add_value(empty.value()).stored(), alone));
    });
}

TEST(ConsumptionState, taking_off_is_the_exact_inverse)
{
    holds([](const Rows &kept, const Rows &taken, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        std::vector<Row> all = kept;
        all.insert(all.end(), taken.begin(), taken.end());
        Working working(dice);
        working.add_all(shuffled(all, dice)).add_all(shuffled(taken, dice), true);
        RC_ASSERT(same(working.stored(), stored_rows(kept, arena)));
    });
}

// As a window's frame moves: rows come and go, and the state is asked in between.
TEST(ConsumptionState, a_moving_frame_is_as_good_as_a_fresh_state)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Working working(dice);
        DailySums sums;
        for (std::size_t i = 0, from = 0; i < rows.size(); ++i) {
            must(working.add(rows[i]));
            sums.add(rows[i]);
            for (; from < i && dice.one_in(2); ++from) {
                must(working.add(rows[from], true));
                sums.add(rows[from], -1);
            }
            if (dice.one_in(4)) RC_ASSERT(sums.equals(working.value()));
        }
        RC_ASSERT(sums.equals(working.value()));
    });
}

TEST(ConsumptionState, unordered_days_far_apart_are_found)
{
    Working working;
    Arena arena;
    std::vector<Row> rows;
    for (const Day day : {100, last_day, first_day, 0, 101, 99, 102, -5, 100, last_day, first_day})
        rows.push_back({day, {Decimal{1, 0}, none, Decimal{day, 2}}});
    EXPECT_TRUE(DailySums(rows).equals(working.add_all(rows).value()));
    EXPECT_EQ(working.state().count(), 8U);
}

TEST(ConsumptionState, stays_narrow_while_amounts_fit)
{
    Working working(32);
    for (Day day = 0; day < 32; ++day) must(working.add(day, {Decimal{999'999'999'999'9999, 10}, none, none}));
    EXPECT_EQ(working.growths(), 0);
    EXPECT_EQ(working.state().scale(), 10);
    must(working.add(3, {Decimal{5, 2}, none, none}));
    EXPECT_EQ(working.state().scale(), 10);
    EXPECT_EQ(working.state().amounts(3).cost, 999'999'999'999'9999 + 5 * power_of_ten(8));
}

TEST(ConsumptionState, a_month_is_small)
{
    Working working(32);
    for (Day day = 0; day < 31; ++day) {
        const Decimal cost{9'999'999'999'999'999 - day, 10};
        must(working.add(9770 + day, {cost, day % 10 == 0 ? Decimal{-1'234'567'890'123'456, 10} : none, none}));
    }
    EXPECT_LE(working.value().size() + sizeof(std::uint32_t), 1024U);
    EXPECT_LE(working.stored().size(), 400U);
}

TEST(ConsumptionState, becomes_wide_when_64_bits_do_not_hold)
{
    const auto check = [](std::initializer_list<Decimal> costs) {
        Working working;
        DailySums sums;
        for (const Decimal &cost : costs) {
            must(working.add(0, {cost, none, none}));
            sums.add({0, {cost, none, none}});
            EXPECT_TRUE(sums.equals(working.value()));
        }
        EXPECT_EQ(working.state().scale(), amount_scale) << "wide states count in the smallest unit";
    };
    check({{INT64_MAX, 0}, {1, 0}});          // the sum
    check({{-INT64_MAX, 3}, {-2, 3}});        // below
    check({{int128{INT64_MAX} + 1, 0}});      // the amount
    check({{INT64_MAX, 0}, {1, 1}});          // the old amount at the new scale
    check({{1, 18}, {10, 0}});                // the new amount at the old scale
    check({{1, 18}, {power_of_ten(20), 0}});  // beyond 64 bits, within 128
}

TEST(ConsumptionState, grows_when_days_are_more_and_not_before_zero_days_are_dropped)
{
    Working working(8);
    for (Day day = 0; day < 8; ++day) must(working.add(day, {Decimal{1, 0}, none, none}));
    for (Day day = 0; day < 4; ++day) must(working.add(day, {Decimal{1, 0}, none, none}, true));
    EXPECT_EQ(working.state().count(), 8U);
    must(working.add(-1, {Decimal{7, 0}, none, none}));
    EXPECT_EQ(working.growths(), 0);
    EXPECT_EQ(working.state().count(), 5U);
    EXPECT_EQ(text_of(working.value()),
              "{1999-12-31: 7/0/0, 2000-01-05: 1/0/0, 2000-01-06: 1/0/0, 2000-01-07: 1/0/0, 2000-01-08: 1/0/0}");
    for (Day day = 10; day < 20; ++day) must(working.add(day, {none, none, Decimal{1, 0}}));
    EXPECT_EQ(working.growths(), 1);
}

TEST(ConsumptionState, the_smallest_room_grows_too)
{
    for (const bool wide : {false, true}) {
        Working working(2, wide);
        for (Day day = 0; day < 5; ++day) must(working.add(day, {Decimal{day + 1, 0}, none, none}));
        EXPECT_EQ(text_of(working.value()),
                  "{2000-01-01: 1/0/0, 2000-01-02: 2/0/0, 2000-01-03: 3/0/0, 2000-01-04: 4/0/0, 2000-01-05: 5/0/0}");
    }
}

TEST(ConsumptionState, is_told_from_a_stored_value)
{
    Working working;
    EXPECT_EQ(ConsumptionState::in(working.value()), &working.state());
    EXPECT_EQ(ConsumptionState::in(working.stored()), nullptr);
    EXPECT_EQ(ConsumptionState::in({}), nullptr);
}

TEST(ConsumptionState, is_not_stored_without_memory)
{
    for (const bool wide : {false, true}) {
        Working working(2, wide);
        must(working.add(0, {Decimal{1, 0}, none, none}));
        expect_out_of_memory_at_every_request([&](const Memory &memory) { return consumption_store(working.value(), memory); });
    }
}

TEST(ConsumptionState, a_row_of_zeros_leaves_no_day)
{
    Working working;
    must(working.add(0, {none, none, none}));
    EXPECT_EQ(working.state().count(), 0U);
    EXPECT_EQ(text_of(working.value()), "{}");
}

TEST(ConsumptionState, asking_for_more_room_changes_nothing)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const auto capacity = static_cast<std::uint32_t>(2 * dice.between(1, 4));
        auto *state = ConsumptionState::create(arena.allocate(ConsumptionState::bytes_for(capacity, false)), capacity, false);
        const Bytes value(reinterpret_cast<const std::byte *>(state) + 4, ConsumptionState::bytes_for(capacity, false) - 4);
        DailySums sums;
        for (const Row &row : rows) {
            const auto &[cost, grant_credit, other_credit] = row.amounts;
            const bool subtract = dice.one_in(4);
            const auto added = must(state->add(row.day, cost, grant_credit, other_credit, subtract));
            if (added == ConsumptionState::Added::done) sums.add(row, subtract ? -1 : 1);
            RC_ASSERT(sums.equals(value));
        }
    });
}

TEST(ConsumptionState, fetching_ahead_is_harmless_whatever_the_guess)
{
    Working working(4);
    EXPECT_EQ(working.state().shape().first_day, 0);
    must(working.add(first_day, {smallest, none, none}));
    EXPECT_EQ(working.state().shape().first_day, first_day);
    EXPECT_EQ(working.state().shape().capacity, 4U);
    const std::string before = text_of(working.value());
    for (const auto &guess : {ConsumptionState::Shape{}, working.state().shape(), {last_day, 1U << 30}})
        for (const Day day : {unbounded_before, first_day, 0, last_day, unbounded_after})
            ConsumptionState::prefetch(&working.state(), guess, day);
    EXPECT_EQ(text_of(working.value()), before);
}

TEST(ConsumptionState, sums_have_an_exact_boundary)
{
    for (const bool wide : {false, true}) {
        for (std::size_t which = 0; which < 3; ++which) {
            Working working(2, wide);
            std::array<Decimal, 3> amounts{};
            amounts[which] = largest;
            must(working.add(7, amounts));
            const std::string full = text_of(working.value());
            amounts[which] = smallest;
            const Status above = working.add(7, amounts);
            EXPECT_EQ(error_of(above), Errc::amount_out_of_range);
            EXPECT_EQ(above.error().at, 7) << "the day";
            EXPECT_EQ(text_of(working.value()), full) << "nothing has changed";
            must(working.add(7, amounts, true));
            must(working.add(7, amounts));
            EXPECT_EQ(text_of(working.value()), full);

            amounts[which] = largest;
            must(working.add(7, amounts, true));
            must(working.add(7, amounts, true));
            amounts[which] = smallest;
            EXPECT_EQ(error_of(working.add(7, amounts, true)), Errc::amount_out_of_range) << "the number without a negative";
            amounts[which] = {2, amount_scale};
            EXPECT_EQ(error_of(working.add(7, amounts, true)), Errc::amount_out_of_range);
        }
    }
}

TEST(ConsumptionState, amounts_beyond_the_range_are_refused)
{
    for (const bool wide : {false, true}) {
        for (const auto &[cost, grant_credit] : std::initializer_list<std::pair<Decimal, Decimal>>{
                 {none, {power_of_ten(21), 0}}, {none, {int128_max / 10 + 1, 17}}, {smallest, {power_of_ten(21), 0}}}) {
            Working working(2, wide);
            const Status status = working.add(7, {cost, grant_credit, none});
            EXPECT_EQ(error_of(status), Errc::amount_out_of_range);
            EXPECT_EQ(status.error().at, 7) << "the day";
            EXPECT_EQ(text_of(working.value()), "{}");
        }
    }
}

TEST(ConsumptionState, days_beyond_the_calendar_are_refused)
{
    Working working;
    for (const Day day : {first_day - 1, last_day + 1, unbounded_before, unbounded_after}) {
        const Status status = working.add(day, {smallest, none, none});
        EXPECT_EQ(error_of(status), Errc::day_out_of_range);
        EXPECT_EQ(status.error().at, day);
    }
    must(working.add(first_day, {smallest, none, none}));
    must(working.add(last_day, {none, none, largest}));
    EXPECT_EQ(text_of(working.value()),
              "{0001-01-01: 0.000000000000000001/0/0, 9999-12-31: 0/0/170141183460469231731.687303715884105727}");
}

}  // namespace
}  // namespace partner_bonus::test
