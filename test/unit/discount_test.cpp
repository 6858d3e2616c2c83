#include "core/discount.hpp"

#include <gtest/gtest.h>

#include "consumption_values.hpp"
#include "naive.hpp"
#include "ranges.hpp"
#include "schedule_values.hpp"

namespace partner_bonus::test {
namespace {

// Day by day, by schoolbook arithmetic.
Whole naive_discount(const std::vector<Row> &rows, const std::vector<Rule> &rules)
{
    const DailySums sums(rows);
    const RateMap rates(rules);
    Whole total;
    for (const auto &[day, amounts] : sums.days())
        total = total + (Whole(amounts[0]) + Whole(amounts[1]) + Whole(amounts[2])) * Whole(rates.at(day));
    return total;
}

Int256 sum(Int256 a, const Int256 &b) { return a += b; }

TEST(Discount, worked_example)
{
    Arena arena;
    const auto twenty = steps_of(schedule("{[2026-10-01,): 0.2}", arena));
    const auto with_deal = steps_of(schedule("{[2026-10-01,): 0.35}", arena));
    const Bytes a = consumption("{2026-10-05: 100/-20/-10}", arena);
    const Bytes b = consumption("{2026-10-07: 250.5/0/-50.1}", arena);
    EXPECT_EQ(Whole(discount(a, twenty)), Whole(14) * ten_to_the(exact_scale));
    EXPECT_EQ(Whole(discount(b, with_deal)), Whole(7014) * ten_to_the(exact_scale - 2));
}

TEST(Discount, is_the_sum_of_base_times_rate_over_the_days)
{
    holds([](const Rows &rows, const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        RC_ASSERT(Whole(discount(Consumption(rows, dice), steps_of(Schedule(rules, dice)))) == naive_discount(rows, rules));
    });
}

TEST(Discount, is_linear_in_consumption)
{
    holds([](const Rows &a, const Rows &b, const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(a, dice), y(b, dice);
        const auto s = steps_of(Schedule(rules, dice));
        RC_ASSERT((discount(must(consumption_add(x, y, arena)), s) == sum(discount(x, s), discount(y, s))));
        RC_ASSERT((discount(must(consumption_subtract(x, y, arena)), s) == sum(discount(x, s), -discount(y, s))));
    });
}

TEST(Discount, is_linear_in_the_schedule)
{
    holds([](const Rows &rows, const Rules &a, const Rules &b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(rows, dice);
        const Schedule s(a, dice), t(b, dice);
        const Int256 both = sum(discount(x, steps_of(s)), discount(x, steps_of(t)));
        RC_ASSERT((discount(x, steps_of(must(schedule_add(s, t, arena)))) == both));
        const Int256 difference = sum(discount(x, steps_of(s)), -discount(x, steps_of(t)));
        RC_ASSERT((discount(x, steps_of(must(schedule_subtract(s, t, arena)))) == difference));
    });
}

TEST(Discount, restricting_either_operand_is_the_same)
{
    holds([](const Rows &rows, const Rules &rules, const Ranges &ranges, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(rows, dice);
        const Schedule s(rules, dice);
        const auto days = days_of(ranges);
        const Int256 fewer_days = discount(must(consumption_restrict(x, days, arena)), steps_of(s));
        const Int256 fewer_rates = discount(x, steps_of(must(schedule_restrict(s, days, arena))));
        RC_ASSERT((fewer_days == fewer_rates));
    });
}

TEST(Discount, rows_of_its_explanation_add_up)
{
    holds([](const Rows &rows, const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(rows, dice);
        const auto steps = steps_of(Schedule(rules, dice));
        ConsumptionTotal total;
        Int256 base, bonus;
        Day before = unbounded_before;
        for (const ExplainedSegment &segment : must(explain(x, steps, arena))) {
            RC_ASSERT(before <= segment.days.from && segment.days.from < segment.days.to);
            before = segment.days.to;
            RC_ASSERT(segment.rate == rate_at(steps, segment.days.to - 1));
            total.cost += segment.cost;
            total.grant_credit += segment.grant_credit;
            total.other_credit += segment.other_credit;
            base += segment.base;
            bonus += segment.bonus;
            const DayRange days = segment.days;
            RC_ASSERT((discount(must(consumption_restrict(x, {&days, 1}, arena)), steps) == segment.bonus));
        }
        const ConsumptionTotal expected = consumption_total(x);
        RC_ASSERT((total.cost == expected.cost && total.grant_credit == expected.grant_credit &&
                   total.other_credit == expected.other_credit));
        RC_ASSERT((base == expected.base()));
        RC_ASSERT((base == sum(sum(expected.cost, expected.grant_credit), expected.other_credit)));
        RC_ASSERT((bonus == discount(x, steps)));
    });
}

TEST(Discount, explanation_names_the_segments_in_which_something_was_consumed)
{
    Arena arena;
    const Bytes value =
        consumption("{2026-04-30: 7/0/0, 2026-06-14: 100/-20/-10, 2026-06-15: 5.5/0/0, 2026-07-01: 1/0/0}", arena);
    const auto steps = steps_of(schedule("{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}", arena));
    const auto segments = must(explain(value, steps, arena));
    ASSERT_EQ(segments.size(), 3U);
    EXPECT_EQ(segments[0].days.from, unbounded_before);
    EXPECT_EQ(segments[0].rate, 0);
    EXPECT_TRUE(segments[0].bonus.zero());
    EXPECT_EQ(segments[1].rate, rate_one / 5);
    EXPECT_EQ(Whole(segments[1].grant_credit), Whole(-20) * ten_to_the(18));
    EXPECT_EQ(Whole(segments[1].base), Whole(70) * ten_to_the(18));
    EXPECT_EQ(Whole(segments[1].bonus), Whole(14) * ten_to_the(30));
    EXPECT_EQ(segments[2].days.to, unbounded_after);
    EXPECT_EQ(Whole(segments[2].cost), Whole(65) * ten_to_the(17));
    EXPECT_TRUE(must(explain(consumption("{}", arena), steps, arena)).empty());
}

TEST(Discount, largest_operands_do_not_overflow)
{
    Arena arena;
    std::string text;
    for (int day = 10; day < 30; ++day)
        text += (text.empty() ? "{2026-10-" : ", 2026-10-") + std::to_string(day) +
                ": "
                "170141183460469231731.687303715884105727/170141183460469231731.687303715884105727/"
                "170141183460469231731.687303715884105727";
    const Bytes value = consumption(text + "}", arena);
    const auto steps = steps_of(schedule("{(,): -1000}", arena));
    EXPECT_EQ(Whole(discount(value, steps)), Whole(amount_max) * Whole(60) * Whole(-rate_limit));
    EXPECT_EQ(Whole(must(explain(value, steps, arena)).front().bonus), Whole(amount_max) * Whole(60) * Whole(-rate_limit));
}

TEST(Discount, explanation_may_run_out_of_memory)
{
    Arena arena;
    const Bytes value = consumption("{2026-04-30: 7/0/0}", arena);
    const auto steps = steps_of(schedule("{}", arena));
    expect_out_of_memory_at_every_request([&](Memory memory) { return explain(value, steps, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
