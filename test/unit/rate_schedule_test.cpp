#include "core/rate_schedule.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "ranges.hpp"
#include "schedule_values.hpp"

namespace partner_bonus::test {
namespace {

constexpr const char *worked_example = "{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}";

// The steps of a schedule that has the rate `rate(day)`, if that changes only on the given days.
template <class F>
std::vector<Step> steps_where(const std::vector<std::vector<Day>> &days, F rate)
{
    std::set<Day> all;
    for (const auto &some : days) all.insert(some.begin(), some.end());
    std::vector<Step> steps;
    for (const Day day : all)
        if (steps.empty() || steps.back().rate != rate(day)) steps.push_back({day, rate(day)});
    return steps;
}

TEST(RateSchedule, example_of_the_design_reads_and_prints_the_same)
{
    Arena arena;
    EXPECT_EQ(schedule_text(schedule(worked_example, arena)), worked_example);
    EXPECT_EQ(schedule_text(schedule("{}", arena)), "{}");
}

TEST(RateSchedule, bytes_and_hashes_are_frozen)
{
    struct Frozen {
        const char *text, *stored;
        std::uint64_t hash, hash_of_seed_7;
    };
    // Computed from the description of the format by test/unit/frozen.py, which shares nothing with the core.
    constexpr Frozen values[] = {
        {"{}", "01000000", 0x23afe3202c642a4, 0x23f003fb87506a98},
        {"{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}", "01020002a29601285a46", 0x7a064ba220a41fe3, 0x51dcb974c6bc6e3e},
        {"{(,): 0.2}", "01010400", 0x6a92b73705a24a3d, 0x7176227b08653e9b},
        {"{(,0001-01-02): -1000, [9999-12-31,): 0.000000000001}", "010cffffb3ccd4dfc603028b905900b2e7bd0302", 0xe667c1ae05c34efb,
         0x218a194c88e50896},
    };
    for (const auto &[text, stored, hash, hash_of_seed_7] : values) {
        Arena arena;
        const Bytes value = schedule(text, arena);
        EXPECT_EQ(hex(value), stored) << text;
        EXPECT_EQ(schedule_hash(steps_of(value), 0), hash) << text;
        EXPECT_EQ(schedule_hash(steps_of(value), 7), hash_of_seed_7) << text;
        EXPECT_TRUE(same(must(schedule_from_binary(value, arena)), value)) << text;
    }
}

TEST(RateSchedule, sums_and_differences_are_those_of_every_day)
{
    holds([](const Rules &a, const Rules &b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule s(a, dice), t(b, dice);
        const RateMap x(a), y(b);
        const Bytes sum = must(schedule_add(s, t, arena));
        RC_ASSERT(steps_of(sum) == steps_where({x.days(), y.days()}, [&](Day day) { return x.at(day) + y.at(day); }));
        RC_ASSERT(steps_of(must(schedule_subtract(s, t, arena))) ==
                  steps_where({x.days(), y.days()}, [&](Day day) { return x.at(day) - y.at(day); }));
        RC_ASSERT(same(must(schedule_from_binary(sum, arena)), sum));
    });
}

TEST(RateSchedule, addition_is_associative_and_commutative_and_has_an_identity_and_an_inverse)
{
    holds([](const Rules &a, const Rules &b, const Rules &c, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule s(a, dice), t(b, dice), u(c, dice), nothing({}, dice);
        const auto add = [&](Bytes left, Bytes right) { return must(schedule_add(left, right, arena)); };
        const Bytes stored = must(schedule_store(s, arena));
        RC_ASSERT(same(add(add(s, t), u), add(s, add(t, u))));
        RC_ASSERT(same(add(s, t), add(t, s)));
        RC_ASSERT(same(add(s, nothing), stored));
        RC_ASSERT(same(add(nothing, s), stored));
        RC_ASSERT(same(must(schedule_subtract(add(s, t), t, arena)), stored));
        RC_ASSERT(schedule_text(must(schedule_subtract(s, s, arena))) == "{}");
    });
}

TEST(RateSchedule, text_and_binary_return)
{
    holds([](const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule value(rules, dice);
        const Bytes stored = must(schedule_store(value, arena));
        RC_ASSERT(same(must(schedule_from_binary(stored, arena)), stored));
        RC_ASSERT(same(schedule(schedule_text(value), arena), stored));
        RC_ASSERT(schedule_text(stored) == schedule_text(value));
        RC_ASSERT(steps_of(stored) == steps_of(value));
    });
}

TEST(RateSchedule, equal_values_have_equal_bytes_hash_and_order_in_either_form)
{
    holds([](Rules rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule value(rules, dice);
        dice.shuffle(rules);
        const Schedule again(rules, dice);
        RC_ASSERT(same(must(schedule_store(value, arena)), must(schedule_store(again, arena))));
        RC_ASSERT(schedule_hash(steps_of(value), seed.value) == schedule_hash(steps_of(again), seed.value));
        RC_ASSERT(std::is_eq(schedule_compare(steps_of(value), steps_of(again))));
    });
}

TEST(RateSchedule, order_is_that_of_the_steps)
{
    holds([](const Rules &a, Rules b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        if (dice.one_in(2)) {  // a value that differs late
            b = a;
            if (!b.empty()) b.pop_back();
        }
        std::vector<std::pair<Day, Rate>> left, right;
        for (const Step &step : RateMap(a).steps()) left.emplace_back(step.from, step.rate);
        for (const Step &step : RateMap(b).steps()) right.emplace_back(step.from, step.rate);
        const Schedule s(a, dice), t(b, dice);
        const auto order = schedule_compare(steps_of(s), steps_of(t));
        RC_ASSERT((order == left <=> right));
        RC_ASSERT((schedule_compare(steps_of(t), steps_of(s)) == 0 <=> order));
        const bool equal_bytes = same(must(schedule_store(s, arena)), must(schedule_store(t, arena)));
        RC_ASSERT(std::is_eq(order) == equal_bytes);
        RC_ASSERT((schedule_hash(steps_of(s), 0) == schedule_hash(steps_of(t), 0)) == equal_bytes);
    });
}

TEST(RateSchedule, rate_of_a_day_is_that_of_its_step)
{
    holds([](const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        const RateMap map(rules);
        const auto steps = steps_of(Schedule(rules, dice));
        for (const Day day : map.days()) {
            if (day == unbounded_before) continue;
            RC_ASSERT(rate_at(steps, day) == map.at(day));
            RC_ASSERT(rate_at(steps, day - 1) == map.at(day - 1));
        }
        RC_ASSERT(rate_at(steps, first_day) == map.at(first_day));
        RC_ASSERT(rate_at(steps, last_day) == map.at(last_day));
    });
}

TEST(RateSchedule, restriction_keeps_the_rates_on_the_days_of_the_ranges)
{
    holds([](const Rules &a, const Rules &b, const Ranges &ranges, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule s(a, dice), t(b, dice);
        const RateMap map(a);
        const auto on = [&](Bytes value, const std::vector<Range> &days) {
            return must(schedule_restrict(value, days_of(days), arena));
        };
        std::vector<Day> bounds;
        for (const Range &range : ranges)
            for (const Day day : {range.from, range.to})
                if (day <= last_day) bounds.push_back(day);
        RC_ASSERT(steps_of(on(s, ranges)) ==
                  steps_where({map.days(), bounds}, [&](Day day) { return contains(ranges, day) ? map.at(day) : 0; }));

        const auto add = [&](Bytes left, Bytes right) { return must(schedule_add(left, right, arena)); };
        RC_ASSERT(same(on(add(s, t), ranges), add(on(s, ranges), on(t, ranges))));
        RC_ASSERT(same(add(on(s, ranges), on(s, outside(ranges))), must(schedule_store(s, arena))));
        RC_ASSERT(same(on(on(s, ranges), ranges), on(s, ranges)));
        RC_ASSERT(schedule_text(on(on(s, ranges), outside(ranges))) == "{}");
    });
}

TEST(RateSchedule, restriction_knows_the_ends_of_the_calendar)
{
    Arena arena;
    const Bytes all = schedule("{(,): 0.2}", arena);
    const auto on = [&](std::initializer_list<DayRange> ranges) {
        return schedule_text(must(schedule_restrict(all, {ranges.begin(), ranges.size()}, arena)));
    };
    EXPECT_EQ(on({}), "{}");
    EXPECT_EQ(on({{first_day, last_day + 1}}), "{(,): 0.2}");
    EXPECT_EQ(on({{first_day - 9, first_day + 1}, {last_day, last_day + 9}}), "{(,0001-01-02): 0.2, [9999-12-31,): 0.2}");
    EXPECT_EQ(on({{first_day - 9, first_day}, {last_day + 1, last_day + 9}}), "{}") << "wholly beyond";
    EXPECT_EQ(on({{unbounded_before, unbounded_after}}), "{(,): 0.2}");
}

TEST(RateSchedule, cap_is_the_lesser_rate_of_every_day)
{
    holds([](const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule s(rules, dice);
        const RateMap map(rules);
        const auto limit = [&] {
            return dice.one_in(2) ? dice.between(-20, 20) * (rate_one / 20) : dice.between(-rate_limit / 2, rate_limit / 2);
        };
        const Rate lower = limit(), upper = limit();
        const auto cap = [&](Bytes value, Rate most) { return must(schedule_cap(value, most, arena)); };
        RC_ASSERT(steps_of(cap(s, upper)) == steps_where({map.days()}, [&](Day day) { return std::min(map.at(day), upper); }));
        RC_ASSERT(same(cap(cap(s, upper), lower), cap(s, std::min(lower, upper))));
        RC_ASSERT(same(cap(s, rate_limit), must(schedule_store(s, arena))));
        for (const Step &above : steps_of(must(schedule_subtract(s, cap(s, upper), arena)))) RC_ASSERT(above.rate >= 0);
    });
}

TEST(RateSchedule, compound_is_the_sum_without_the_product_of_every_day)
{
    holds([](const Rules &a, const Rules &b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Schedule s(a, dice), t(b, dice);
        const RateMap x(a), y(b);
        bool exact = true;
        const auto expected = steps_where({x.days(), y.days()}, [&](Day day) {
            const int128 product = int128{x.at(day)} * y.at(day);
            exact = exact && product % rate_one == 0;
            return static_cast<Rate>(x.at(day) + y.at(day) - product / rate_one);
        });
        const auto compound = schedule_compound(s, t, arena);
        const auto swapped = schedule_compound(t, s, arena);
        RC_ASSERT(static_cast<bool>(compound) == exact);
        RC_ASSERT(static_cast<bool>(swapped) == exact);
        if (exact) {
            RC_ASSERT(steps_of(*compound) == expected);
            RC_ASSERT(same(*compound, *swapped));
        } else {
            RC_ASSERT(compound.error().code == Errc::rate_too_many_decimals);
        }
        const Schedule nothing({}, dice);
        RC_ASSERT(same(must(schedule_compound(s, nothing, arena)), must(schedule_store(s, arena))));
    });
}

TEST(RateSchedule, rates_have_limits)
{
    Arena arena;
    const Bytes most = schedule("{[2026-05-01,): 1000}", arena);
    const Bytes least = schedule("{[2026-05-01,): -1000}", arena);
    const Bytes unit = schedule("{[2026-06-01,): 0.000000000001}", arena);
    EXPECT_EQ(schedule_text(must(schedule_subtract(most, unit, arena))),
              "{[2026-05-01,2026-06-01): 1000, [2026-06-01,): 999.999999999999}");
    const auto above = schedule_add(most, unit, arena);
    EXPECT_EQ(error_of(above), Errc::rate_out_of_range);
    EXPECT_EQ(above.error().at, must(parse_day("2026-06-01")));
    EXPECT_EQ(error_of(schedule_subtract(least, unit, arena)), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(schedule_compound(most, least, arena)), Errc::rate_out_of_range);
    EXPECT_EQ(schedule_text(must(schedule_compound(most, schedule("{(,): 1}", arena), arena))), "{(,): 1}");
    const auto finer = schedule_compound(unit, schedule("{(,): 0.5}", arena), arena);
    EXPECT_EQ(error_of(finer), Errc::rate_too_many_decimals);
    EXPECT_EQ(finer.error().at, must(parse_day("2026-06-01")));
    EXPECT_EQ(error_of(schedule_cap(most, -rate_limit - 1, arena)), Errc::rate_out_of_range);
}

TEST(RateSchedule, a_rate_on_a_range)
{
    Arena arena;
    const auto on = [&](Day from, Day to) { return schedule_text(must(schedule_on({from, to}, rate_one / 5, arena))); };
    EXPECT_EQ(on(0, 31), "{[2000-01-01,2000-02-01): 0.2}");
    EXPECT_EQ(on(unbounded_before, 31), "{(,2000-02-01): 0.2}");
    EXPECT_EQ(on(0, unbounded_after), "{[2000-01-01,): 0.2}");
    EXPECT_EQ(on(unbounded_before, unbounded_after), "{(,): 0.2}");
    EXPECT_EQ(on(first_day, last_day + 1), "{(,): 0.2}") << "the ends of the calendar are no bounds";
    EXPECT_EQ(on(first_day + 1, last_day), "{[0001-01-02,9999-12-31): 0.2}");
    EXPECT_EQ(schedule_text(must(schedule_on({0, 31}, 0, arena))), "{}");
    for (const DayRange &days : std::initializer_list<DayRange>{{first_day - 1, 31},
                                                                {last_day + 1, unbounded_after},
                                                                {0, last_day + 2},
                                                                {unbounded_before, first_day},
                                                                {unbounded_after, unbounded_after},
                                                                {unbounded_before, unbounded_before}})
        EXPECT_EQ(error_of(schedule_on(days, rate_one, arena)), Errc::day_out_of_range) << days.from << ' ' << days.to;
    EXPECT_EQ(schedule_range({first_day - 1, 31}).error().at, first_day - 1);
    EXPECT_EQ(schedule_range({0, last_day + 2}).error().at, last_day + 2);
}

TEST(RateSchedule, text_may_be_loose)
{
    Arena arena;
    for (const char *text :
         {"{[2026-06-15,):0.35,[2026-05-01,2026-06-15):.20}",
          " { ( 2026-04-30 , 2026-06-14 ] : 2e-1 ,\n[2026-06-15,9999-12-31]: +0.350 } ",
          "{[2026-05-01,2026-05-10): 0.2, [2026-05-10,2026-06-15): 0.2, [2026-06-15,]: 0.35, (,2000-01-01): 0}"})
        EXPECT_EQ(schedule_text(schedule(text, arena)), worked_example) << text;
    EXPECT_EQ(schedule_text(schedule(" { } ", arena)), "{}");
    EXPECT_EQ(schedule_text(schedule("{(,): 0}", arena)), "{}");
    for (const char *text : {"{(,): -1}", "{[,]: -1}", "{[0001-01-01,9999-12-31]: -1}", "{(,2000-01-01): -1, [2000-01-01,): -1}"})
        EXPECT_EQ(schedule_text(schedule(text, arena)), "{(,): -1}") << text;
    EXPECT_EQ(schedule_text(schedule("{[9999-12-31,): 1, [0001-01-01,0001-01-02): 2}", arena)),
              "{(,0001-01-02): 2, [9999-12-31,): 1}");
}

TEST(RateSchedule, text_that_is_none)
{
    struct Case {
        const char *text;
        Errc code;
        const char *subject;
    };
    for (const auto &[text, code, subject] : std::initializer_list<Case>{
             {"", Errc::text_malformed, ""},
             {"[2026-05-01,): 1", Errc::text_malformed, "[2026-05-01,): 1"},
             {"{", Errc::text_malformed, ""},
             {"{2026-05-01,}", Errc::text_malformed, "2026-05-01,}"},
             {"{[2026-05-01: 1}", Errc::day_malformed, "2026-05-01: 1"},
             {"{[2026-05-01)}", Errc::text_malformed, ")}"},
             {"{[2026-05-01,2026-05-02", Errc::text_malformed, ""},
             {"{[2026-05-01,2026-05-02,): 1}", Errc::text_malformed, ",): 1}"},
             {"{[2026-05-01,)}", Errc::text_malformed, "}"},
             {"{[2026-05-01,): 1", Errc::text_malformed, ""},
             {"{[2026-05-01,): 1,}", Errc::text_malformed, "}"},
             {"{[2026-05-01,): 1} x", Errc::text_trailing, "x"},
             {"{[2026-05-32,): 1}", Errc::day_malformed, "2026-05-32"},
             {"{[2026-05-01,0000-01-01): 1}", Errc::day_out_of_range, "0000-01-01"},
             {"{[2026-05-01,): }", Errc::rate_malformed, ""},
             {"{[2026-05-01,): NaN}", Errc::rate_out_of_range, "NaN"},
             {"{[2026-05-01,): 0.0000000000001}", Errc::rate_too_many_decimals, "0.0000000000001"},
             {"{[2026-05-01,): 1000.1}", Errc::rate_out_of_range, "1000.1"},
         }) {
        Arena arena;
        const auto result = schedule_from_text(text, arena);
        EXPECT_EQ(error_of(result), code) << text;
        EXPECT_EQ(result.error().subject, subject) << text;
    }
    Arena arena;
    for (const char *text : {"{[2026-05-01,2026-05-01): 1}", "{(2026-05-01,2026-05-01]: 1}", "{[2026-05-02,2026-05-01): 1}",
                             "{(9999-12-31,): 1}", "{(9999-12-31,9999-12-31]: 1}", "{[,0001-01-01): 1}"})
        EXPECT_EQ(error_of(schedule_from_text(text, arena)), Errc::range_empty) << text;
    const auto overlap = schedule_from_text("{[2026-05-01,2026-05-03): 1, [2026-05-02,): 1}", arena);
    EXPECT_EQ(error_of(overlap), Errc::range_overlap);
    EXPECT_EQ(overlap.error().at, must(parse_day("2026-05-02")));
    EXPECT_EQ(error_of(schedule_from_text("{(,): 1, (,): 1}", arena)), Errc::range_overlap);
    EXPECT_EQ(error_of(schedule_from_text("{(,2026-05-03): 1, (,2026-05-02): 1}", arena)), Errc::range_overlap);
}

TEST(RateSchedule, binary_that_is_none)
{
    using namespace std::string_literals;
    const std::initializer_list<std::pair<std::string, Errc>> cases{
        {"", Errc::binary_malformed},
        {"\x00\x00\x00\x00"s, Errc::binary_version},
        {"\x82\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s, Errc::binary_version},  // the working form is not for outside
        {"\x01"s, Errc::binary_malformed},                                            // ends early
        {"\x01\x00\x00\x01"s, Errc::binary_malformed},                                // a step is missing
        {"\x01\x00\x00\x00\x00"s, Errc::binary_malformed},                            // a byte more
        {"\x01\x00\x80\x00\x00"s, Errc::binary_malformed},                            // a number longer than need be
        {"\x01\x01\x00\x00"s, Errc::binary_malformed},                                // a scale without need
        {"\x01\x0d\x02\x00"s, Errc::binary_malformed},                                // a scale beyond 12
        {"\x01\x00\x00\x01\x02\x00"s, Errc::binary_malformed},                        // a step that changes nothing
        {"\x01\x00\x00\x02\x02\x02\x00\x04"s, Errc::binary_malformed},                // the same day twice
        {"\x01\x00\x00\x02\x02\x02\x01\x04"s, Errc::binary_malformed},                // days that descend
        {"\x01\x00\xd2\x0f\x00"s, Errc::binary_malformed},                            // a rate of 1001
        {"\x01\x00\x00\x01\x8d\x90\x59\x02"s, Errc::binary_malformed},                // a step on the calendar's first day
        {"\x01\x00\x00\x01\xa8\xd7\xe4\x02\x02"s, Errc::binary_malformed},            // a step on the day after its last
        {"\x01\x00\x00\x02\x02\x02\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03\x04"s,
         Errc::binary_malformed},
    };
    for (const auto &[bytes, code] : cases) {
        Arena arena;
        EXPECT_EQ(error_of(schedule_from_binary(bytes_of(bytes), arena)), code) << hex(bytes_of(bytes));
    }
    Arena arena;
    EXPECT_EQ(schedule_from_binary(bytes_of("\x07\x00"s), arena).error().at, 7) << "the version";
    EXPECT_TRUE(schedule_from_binary(bytes_of("\x01\x00\x00\x01\x8b\x90\x59\x02"s), arena)) << "the calendar's second day";
    EXPECT_TRUE(schedule_from_binary(bytes_of("\x01\x00\x00\x01\xa6\xd7\xe4\x02\x02"s), arena)) << "the calendar's last day";
}

TEST(RateSchedule, tampered_bytes_are_refused_or_are_another_value)
{
    holds([](const Rules &rules, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes stored = stored_rules(rules, arena);
        const auto bytes = tampered(stored, dice);
        const auto read = schedule_from_binary(bytes, arena);
        if (!read) return;
        RC_ASSERT(same(*read, bytes));
        RC_ASSERT(same(schedule(schedule_text(*read), arena), bytes));
        RC_ASSERT(std::is_eq(schedule_compare(steps_of(*read), steps_of(stored))) == same(bytes, stored));
    });
}

TEST(RateSchedule, memory_may_run_out_anywhere)
{
    Arena arena;
    const Bytes stored = schedule(worked_example, arena);
    WorkingRates working;
    const DayRange range{9774, 9775};
    for (const Bytes value : {stored, working.add_value(stored).value()}) {
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_steps(value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_store(value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_to_text(value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_add(value, value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_subtract(value, value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_compound(value, value, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_cap(value, rate_one, memory); });
        expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_restrict(value, {&range, 1}, memory); });
    }
    expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_on(range, rate_one, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_from_text(worked_example, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return schedule_from_binary(stored, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
