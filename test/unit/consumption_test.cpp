#include "core/consumption.hpp"

#include <gtest/gtest.h>

#include "consumption_values.hpp"
#include "core/text.hpp"
#include "naive.hpp"
#include "ranges.hpp"

namespace partner_bonus::test {
namespace {

constexpr const char *worked_example = "{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}";

TEST(Consumption, example_of_the_design_reads_and_prints_the_same)
{
    Arena arena;
    EXPECT_EQ(text_of(consumption(worked_example, arena)), worked_example);
    EXPECT_EQ(text_of(consumption("{}", arena)), "{}");
}

TEST(Consumption, bytes_and_hashes_are_frozen)
{
    struct Frozen {
        const char *text, *stored;
        std::uint64_t hash, hash_of_seed_7;
    };
    // Computed from the description of the format by test/unit/frozen.py, which shares nothing with the core.
    constexpr Frozen values[] = {
        {"{}", "010000", 0xe220a8397b1dcdaf, 0x63cbe1e459320dd7},
        {"{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}", "010102eec509d00f8f03c701126e", 0xa67a3a41bc6b050f,
         0x42c1c79a0193705b},
        {"{0001-01-01: 0/0/0.000000000000000001, 9999-12-31: 170141183460469231731.687303715884105727/0/-1}",
         "011202e780c90502aabbee1bfeffffffffffffffffffffffffffffffffff03ffff9ff6f4acdbe01b", 0x95135bbb80c073dd,
         0x7b97bbdb4961245},
        {"{1999-12-31: 0/-3/0, 2000-01-01: -1e6/0/0.25}", "0102020bd7041aff83af5f32", 0x879d0602e1da87a9, 0xb7a7c7819cd8f9c8},
    };
    for (const auto &[text, stored, hash, hash_of_seed_7] : values) {
        Arena arena;
        const Bytes value = consumption(text, arena);
        EXPECT_EQ(hex(value), stored) << text;
        EXPECT_EQ(consumption_hash(value, 0), hash) << text;
        EXPECT_EQ(consumption_hash(value, 7), hash_of_seed_7) << text;
        EXPECT_TRUE(same(must(consumption_from_binary(value, arena)), value)) << text;
    }
}

TEST(Consumption, sums_and_differences_are_day_by_day)
{
    holds([](const Rows &a, const Rows &b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(a, dice), y(b, dice);
        DailySums sum(a), difference(a);
        sum.add(DailySums(b));
        difference.add(DailySums(b), -1);
        const Bytes added = must(consumption_add(x, y, arena));
        RC_ASSERT(sum.equals(added));
        RC_ASSERT(difference.equals(must(consumption_subtract(x, y, arena))));
        RC_ASSERT(same(must(consumption_from_binary(added, arena)), added));
    });
}

TEST(Consumption, addition_is_associative_and_commutative_and_has_an_identity)
{
    holds([](const Rows &a, const Rows &b, const Rows &c, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(a, dice), y(b, dice), z(c, dice), nothing({}, dice);
        const auto add = [&](Bytes left, Bytes right) { return must(consumption_add(left, right, arena)); };
        RC_ASSERT(same(add(add(x, y), z), add(x, add(y, z))));
        RC_ASSERT(same(add(x, y), add(y, x)));
        RC_ASSERT(same(add(x, nothing), must(consumption_store(x, arena))));
        RC_ASSERT(same(add(nothing, x), must(consumption_store(x, arena))));
    });
}

TEST(Consumption, subtraction_is_the_exact_inverse)
{
    holds([](const Rows &a, const Rows &b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(a, dice), y(b, dice);
        const Bytes returned = must(consumption_subtract(must(consumption_add(x, y, arena)), y, arena));
        RC_ASSERT(same(returned, must(consumption_store(x, arena))));
        RC_ASSERT(text_of(must(consumption_subtract(x, x, arena))) == "{}");
    });
}

TEST(Consumption, text_and_binary_return)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption value(rows, dice);
        const Bytes stored = must(consumption_store(value, arena));
        RC_ASSERT(same(must(consumption_from_binary(stored, arena)), stored));
        RC_ASSERT(same(consumption(text_of(value), arena), stored));
        RC_ASSERT(text_of(stored) == text_of(value));
    });
}

TEST(Consumption, equal_values_have_equal_bytes_hash_and_order_in_either_form)
{
    holds([](Rows rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption value(rows, dice);
        dice.shuffle(rows);
        const Consumption again(rows, dice);
        RC_ASSERT(same(must(consumption_store(value, arena)), must(consumption_store(again, arena))));
        RC_ASSERT(consumption_hash(value, seed.value) == consumption_hash(again, seed.value));
        RC_ASSERT(std::is_eq(consumption_compare(value, again)));
    });
}

TEST(Consumption, order_is_that_of_the_days_and_their_amounts)
{
    holds([](const Rows &a, Rows b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        if (dice.one_in(2)) {  // a value that differs late
            b = a;
            if (!b.empty()) b.pop_back();
        }
        const DailySums left(a), right(b);
        const auto order = std::lexicographical_compare_three_way(left.days().begin(), left.days().end(), right.days().begin(),
                                                                  right.days().end());
        const Consumption x(a, dice), y(b, dice);
        RC_ASSERT((consumption_compare(x, y) == order));
        RC_ASSERT((consumption_compare(y, x) == 0 <=> order));
        const bool equal_bytes = same(must(consumption_store(x, arena)), must(consumption_store(y, arena)));
        RC_ASSERT(std::is_eq(order) == equal_bytes);
        RC_ASSERT((consumption_hash(x, 0) == consumption_hash(y, 0)) == equal_bytes);
    });
}

TEST(Consumption, has_days_of_ranges)
{
    holds([](const Rows &rows, const Ranges &ranges, Seed seed) {
        Dice dice = seed.dice();
        const DailySums sums(rows);
        bool expected = false;
        for (const auto &[day, amounts] : sums.days()) expected = expected || contains(ranges, day);
        RC_ASSERT(consumption_has_days(Consumption(rows, dice), days_of(ranges)) == expected);
    });
    Arena arena;
    const Bytes value = consumption("{2026-10-05: 1/0/0, 2026-10-07: 1/0/0}", arena);
    const Day fifth = must(parse_day("2026-10-05"));
    const auto has = [&](std::vector<DayRange> ranges) { return consumption_has_days(value, ranges); };
    EXPECT_TRUE(has({{fifth, fifth + 1}}));
    EXPECT_TRUE(has({{first_day, fifth}, {fifth + 2, unbounded_after}}));
    EXPECT_FALSE(has({{first_day, fifth}, {fifth + 1, fifth + 2}, {fifth + 3, unbounded_after}}));
    EXPECT_FALSE(has({{unbounded_before, fifth}}));
    EXPECT_FALSE(has({{fifth + 3, fifth + 4}}));
    EXPECT_FALSE(has({}));
}

TEST(Consumption, restriction_keeps_the_days_of_the_ranges)
{
    holds([](const Rows &rows, const Ranges &ranges, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        std::vector<Row> kept;
        for (const Row &row : rows)
            if (contains(ranges, row.day)) kept.push_back(row);
        const Bytes restricted = must(consumption_restrict(Consumption(rows, dice), days_of(ranges), arena));
        RC_ASSERT(same(restricted, stored_rows(kept, arena)));
    });
}

TEST(Consumption, restriction_is_linear_and_splits_a_value)
{
    holds([](const Rows &a, const Rows &b, const Ranges &ranges, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Consumption x(a, dice), y(b, dice);
        const auto add = [&](Bytes left, Bytes right) { return must(consumption_add(left, right, arena)); };
        const auto on = [&](Bytes value, const std::vector<Range> &days) {
            return must(consumption_restrict(value, days_of(days), arena));
        };
        RC_ASSERT(same(on(add(x, y), ranges), add(on(x, ranges), on(y, ranges))));
        RC_ASSERT(same(add(on(x, ranges), on(x, outside(ranges))), must(consumption_store(x, arena))));
        RC_ASSERT(same(on(on(x, ranges), ranges), on(x, ranges)));
        RC_ASSERT(text_of(on(on(x, ranges), outside(ranges))) == "{}");
    });
}

TEST(Consumption, totals_are_sums_over_the_days)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        std::array<Whole, 3> sums;
        const DailySums expected(rows);
        for (const auto &[day, amounts] : expected.days())
            for (std::size_t i = 0; i < 3; ++i) sums[i] = sums[i] + amounts[i];
        const auto [cost, grant_credit, other_credit] = consumption_total(Consumption(rows, dice));
        RC_ASSERT(Whole(cost) == sums[0] && Whole(grant_credit) == sums[1] && Whole(other_credit) == sums[2]);
    });
}

TEST(Consumption, totals_go_beyond_the_range_of_amounts)
{
    Arena arena;
    const auto total =
        consumption_total(consumption("{2026-01-01: 170141183460469231731.687303715884105727/-1/0, "
                                      "2026-01-02: 170141183460469231731.687303715884105727/0/0}",
                                      arena));
    EXPECT_EQ(Whole(total.cost), Whole(amount_max) + Whole(amount_max));
    EXPECT_EQ(Whole(total.grant_credit), -ten_to_the(18));
}

TEST(Consumption, sums_have_an_exact_boundary)
{
    Arena arena;
    const auto day = [&](std::string amounts) { return consumption("{2026-10-05: " + amounts + "}", arena); };
    const std::string most = "170141183460469231731.687303715884105727";
    const std::string nearly = "170141183460469231731.687303715884105726";
    const std::string unit = "0.000000000000000001";
    for (const auto &[before, after] : {std::pair<std::string, std::string>{"", "/0/0"}, {"0/", "/0"}, {"0/0/", ""}}) {
        EXPECT_EQ(text_of(must(consumption_add(day(before + nearly + after), day(before + unit + after), arena))),
                  "{2026-10-05: " + before + most + after + "}");
        const auto above = consumption_add(day(before + most + after), day(before + unit + after), arena);
        EXPECT_EQ(error_of(above), Errc::amount_out_of_range);
        EXPECT_EQ(above.error().at, 9774) << "the day";
        EXPECT_EQ(error_of(consumption_subtract(day(before + "-" + most + after), day(before + unit + after), arena)),
                  Errc::amount_out_of_range);
    }
}

TEST(Consumption, text_may_be_loose)
{
    Arena arena;
    for (const char *text : {"{2026-10-06:5.5/0/0,2026-10-05:100/-20/-10}",
                             "  {\n\t2026-10-05 : 1e2 / -2E1 / -10.000 , 2026-10-06: +5.50/-0/.0 , 2026-10-07: 0/0/0 }  "})
        EXPECT_EQ(text_of(consumption(text, arena)), worked_example);
    EXPECT_EQ(text_of(consumption(" { } ", arena)), "{}");
}

TEST(Consumption, text_that_is_none)
{
    struct Case {
        const char *text;
        Errc code;
        const char *subject;
    };
    for (const auto &[text, code, subject] : std::initializer_list<Case>{
             {"", Errc::text_malformed, ""},
             {"2026-10-05: 1/0/0", Errc::text_malformed, "2026-10-05: 1/0/0"},
             {"{", Errc::day_malformed, ""},
             {"{,}", Errc::day_malformed, ""},
             {"{2026-10-05}", Errc::text_malformed, "}"},
             {"{2026-10-05: 1}", Errc::text_malformed, "}"},
             {"{2026-10-05: 1/0}", Errc::text_malformed, "}"},
             {"{2026-10-05: 1/0/0", Errc::text_malformed, ""},
             {"{2026-10-05: 1/0/0,}", Errc::day_malformed, ""},
             {"{2026-10-05: 1/0/0} x", Errc::text_trailing, "x"},
             {"{} {}", Errc::text_trailing, "{}"},
             {"{2026-10-05: 1/0/0/0}", Errc::amount_malformed, "0/0"},
             {"{2026-02-30: 1/0/0}", Errc::day_malformed, "2026-02-30"},
             {"{0000-01-01: 1/0/0}", Errc::day_out_of_range, "0000-01-01"},
             {"{2026-10-05: x/0/0}", Errc::amount_malformed, "x"},
             {"{2026-10-05: 0/NaN/0}", Errc::amount_not_finite, "NaN"},
             {"{2026-10-05: 0/0/1e-19}", Errc::amount_too_many_decimals, "1e-19"},
             {"{2026-10-05: 0/1e30/0}", Errc::amount_out_of_range, "1e30"},
             {"{2026-10-05: 170141183460469231731.687303715884105728/0/0}", Errc::amount_out_of_range,
              "170141183460469231731.687303715884105728"},
         }) {
        Arena arena;
        const auto result = consumption_from_text(text, arena);
        EXPECT_EQ(error_of(result), code) << text;
        EXPECT_EQ(result.error().subject, subject) << text;
    }
    Arena arena;
    const auto repeated = consumption_from_text("{2026-10-06: 1/0/0, 2026-10-05: 1/0/0, 2026-10-06: 2/0/0}", arena);
    EXPECT_EQ(error_of(repeated), Errc::day_repeated);
    EXPECT_EQ(repeated.error().at, 9775);
}

TEST(Consumption, binary_that_is_none)
{
    using namespace std::string_literals;
    const std::initializer_list<std::pair<std::string, Errc>> cases{
        {"", Errc::binary_malformed},
        {"\x00\x00\x00"s, Errc::binary_version},
        {"\x02\x00\x00"s, Errc::binary_version},
        {"\x81\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s, Errc::binary_version},  // the working form is not for outside
        {"\x01"s, Errc::binary_malformed},                                            // ends early
        {"\x01\x00\x01"s, Errc::binary_malformed},                                    // a day is missing
        {"\x01\x00\x00\x00"s, Errc::binary_malformed},                                // a byte more
        {"\x01\x00\x80\x00"s, Errc::binary_malformed},                                // a number longer than need be
        {"\x01\x01\x00"s, Errc::binary_malformed},                                    // a scale without need
        {"\x01\x13\x01\x02\x02"s, Errc::binary_malformed},                            // a scale beyond 18
        {"\x01\x00\x01\x00"s, Errc::binary_malformed},                                // an empty day
        {"\x01\x00\x01\x02\x00"s, Errc::binary_malformed},                            // a cost of zero
        {"\x01\x00\x02\x02\x02\x02\x02"s, Errc::binary_malformed},                    // the same day twice
        {"\x01\x00\x02\x12\x02\x0d\x02"s, Errc::binary_malformed},                    // days that descend
        {"\x01\x00\x01\xe2\xff\xff\xff\xff\x7f\x02"s, Errc::binary_malformed},        // a day beyond the calendar
    };
    for (const auto &[bytes, code] : cases) {
        Arena arena;
        EXPECT_EQ(error_of(consumption_from_binary(bytes_of(bytes), arena)), code) << hex(bytes_of(bytes));
    }
    Arena arena;
    EXPECT_EQ(consumption_from_binary(bytes_of("\x02\x00"s), arena).error().at, 2) << "the version";
}

TEST(Consumption, binary_amounts_beyond_the_range_are_refused)
{
    for (std::size_t which = 0; which < 3; ++which) {
        for (const bool beyond : {false, true}) {
            std::array<std::byte, 64> room;
            WireWriter wire(room);
            wire.byte(1);
            wire.byte(17);
            wire.varint(1);
            wire.signed_varint(1 << which);
            wire.signed_varint(int128_max / 10 + (beyond ? 1 : 0));
            Arena arena;
            const auto result = consumption_from_binary(wire.written(), arena);
            EXPECT_EQ(static_cast<bool>(result), !beyond);
        }
    }
}

TEST(Consumption, tampered_bytes_are_refused_or_are_another_value)
{
    holds([](const Rows &rows, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes stored = stored_rows(rows, arena);
        const auto bytes = tampered(stored, dice);
        const auto read = consumption_from_binary(bytes, arena);
        if (!read) return;
        RC_ASSERT(same(*read, bytes));
        RC_ASSERT(same(consumption(text_of(*read), arena), bytes));
        RC_ASSERT(std::is_eq(consumption_compare(*read, stored)) == same(bytes, stored));
    });
}

TEST(Consumption, reader_tells_that_bytes_ended_early)
{
    Arena arena;
    const Bytes value = consumption(worked_example, arena);
    for (const Bytes bytes : {value, value.first(value.size() - 1)}) {
        ConsumptionReader reader(bytes);
        EXPECT_EQ(reader.days_left(), 2U);
        for (DayAmounts entry; reader.next(entry);) EXPECT_FALSE(entry.amounts.zero());
        EXPECT_EQ(reader.ran_out(), bytes.size() < value.size());
    }
}

TEST(Consumption, memory_may_run_out_anywhere)
{
    Arena arena;
    const Bytes value = consumption(worked_example, arena);
    const DayRange range{9774, 9775};
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_store(value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_from_text(worked_example, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_to_text(value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_from_binary(value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_add(value, value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_subtract(value, value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return consumption_restrict(value, {&range, 1}, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
