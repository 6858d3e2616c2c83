#include "core/rate_state.hpp"

#include <gtest/gtest.h>

#include "schedule_values.hpp"

namespace partner_bonus::test {
namespace {

TEST(RateState, adds_up_what_a_map_adds_up)
{
    holds([](const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        WorkingRates working(dice);
        RC_ASSERT(steps_of(working.add_all(rules).value()) == RateMap(rules).steps());
    });
}

TEST(RateState, any_order_any_split_any_room_gives_equal_bytes)
{
    holds([](Rules rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes expected = stored_rules(rules, arena);

        dice.shuffle(rules);
        std::vector<std::vector<Rule>> parts(1 + dice.below(4));
        for (const Rule &rule : rules) parts[dice.below(parts.size())].push_back(rule);
        WorkingRates whole(dice);
        for (const auto &part : parts) whole.add_value(Schedule(part, dice));
        RC_ASSERT(same(whole.stored(), expected));
        RC_ASSERT(steps_of(whole.stored()) == RateMap(rules).steps());
    });
}

TEST(RateState, combining_is_associative_and_commutative_and_has_an_identity)
{
    holds([](const Rules &a, const Rules &b, const Rules &c, Seed seed) {
        Dice dice = seed.dice();
        const Schedule x(a, dice), y(b, dice), z(c, dice), nothing({}, dice);
        WorkingRates left(dice), middle(dice), right(dice), backwards(dice), padded(dice);
        left.add_value(x).add_value(y).add_value(z);
        right.add_value(x).add_value(middle.add_value(y).add_value(z).value());
        backwards.add_value(z).add_value(y).add_value(x);
        padded.add_value(nothing).add_value(x).add_value(nothing).add_value(y).add_value(z);
        RC_ASSERT(same(left.stored(), right.stored()));
        RC_ASSERT(same(left.stored(), backwards.stored()));
        RC_ASSERT(same(left.stored(), padded.stored()));
    });
}

TEST(RateState, taking_off_is_the_exact_inverse)
{
    holds([](const Rules &kept, Rules taken, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        WorkingRates working(dice), values(dice);
        working.add_all(kept).add_all(taken);
        values.add_value(Schedule(taken, dice)).add_value(Schedule(kept, dice)).add_value(Schedule(taken, dice), true);
        dice.shuffle(taken);
        working.add_all(taken, true);
        RC_ASSERT(same(working.stored(), stored_rules(kept, arena)));
        RC_ASSERT(same(values.stored(), stored_rules(kept, arena)));
    });
}

TEST(RateState, a_part_may_be_out_of_range_where_the_whole_is_not)
{
    WorkingRates part, whole;
    Arena arena;
    part.add({{10, 20}, rate_limit}).add({{10, 20}, rate_one});
    EXPECT_EQ(error_of(schedule_store(part.value(), arena)), Errc::rate_out_of_range);
    whole.add({{10, 20}, -2 * rate_one}).add_value(part.value());
    EXPECT_EQ(schedule_text(whole.value()), "{[2000-01-11,2000-01-21): 999}");
    EXPECT_EQ(schedule_text(whole.add_value(part.value(), true).value()), "{[2000-01-11,2000-01-21): -2}");
}

TEST(RateState, is_told_from_a_stored_value)
{
    WorkingRates working;
    EXPECT_EQ(RateState::in(working.value()), &working.state());
    EXPECT_EQ(RateState::in(working.stored()), nullptr);
    EXPECT_EQ(RateState::in({}), nullptr);
}

TEST(RateState, changes_of_one_day_merge_before_the_state_grows)
{
    WorkingRates working(8);
    for (int i = 0; i < 1000; ++i) working.add({{10, 20}, 1});
    EXPECT_EQ(working.growths(), 0);
    EXPECT_EQ(schedule_text(working.value()), "{[2000-01-11,2000-01-21): 0.000000001}");
    working.add_all(std::vector<Rule>(1000, {{10, 20}, 1}), true);
    EXPECT_EQ(working.growths(), 0);
    EXPECT_EQ(schedule_text(working.value()), "{}");
    for (Day day = 0; day < 1000; ++day) working.add({{day, day + 1}, 1}).add({{day, day + 1}, -1});
    EXPECT_EQ(working.growths(), 0) << "days without a change are dropped";
    for (Day day = 0; day < 40; day += 2) working.add({{day, day + 1}, rate_one});
    EXPECT_GT(working.growths(), 0);
    EXPECT_EQ(working.state().count(), 40U);
}

TEST(RateState, many_rates_on_a_day_do_not_overflow)
{
    WorkingRates working(4);
    for (int i = 0; i < 100'000; ++i) working.add({{10, 20}, rate_limit});
    for (int i = 0; i < 99'999; ++i) working.add({{10, 20}, rate_limit}, true);
    EXPECT_EQ(schedule_text(working.value()), "{[2000-01-11,2000-01-21): 1000}");
}

TEST(RateState, sums_beyond_the_limit_are_refused_when_read)
{
    WorkingRates working;
    Arena arena;
    working.add({{10, 20}, rate_limit}).add({{15, 30}, 1});
    const auto above = schedule_steps(working.value(), arena);
    EXPECT_EQ(error_of(above), Errc::rate_out_of_range);
    EXPECT_EQ(above.error().at, 15) << "the day";
    working.add({{15, 20}, -1});
    EXPECT_EQ(schedule_text(working.value()), "{[2000-01-11,2000-01-21): 1000, [2000-01-21,2000-01-31): 0.000000000001}");

    WorkingRates below;
    below.add({{unbounded_before, 20}, -rate_limit}).add({{10, 30}, -1});
    EXPECT_EQ(error_of(schedule_steps(below.value(), arena)), Errc::rate_out_of_range);
}

}  // namespace
}  // namespace partner_bonus::test
