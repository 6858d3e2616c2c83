#include "core/tiers.hpp"

#include <gtest/gtest.h>

#include "tiers_values.hpp"

namespace partner_bonus::test {
namespace {

constexpr const char *worked_example = "{0: 0.1, 50000: 0.12, 200000: 0.15}";

TEST(Tiers, example_of_the_design_reads_and_prints_the_same)
{
    Arena arena;
    EXPECT_EQ(tiers_text(tiers(worked_example, arena)), worked_example);
    EXPECT_EQ(tiers_text(tiers("{}", arena)), "{}");
}

TEST(Tiers, worked_example)
{
    Arena arena;
    const Bytes value = tiers(worked_example, arena);
    const Whole unit = ten_to_the(exact_scale);
    struct Case {
        std::int64_t volume;
        int rate_percent;
        std::int64_t offset, bonus;
    };
    // 10 % of the first 50,000, 12 % of the next 150,000, 15 % of the rest
    for (const auto &[volume, rate_percent, offset, bonus] : std::initializer_list<Case>{{-500, 10, 0, -50},
                                                                                         {0, 10, 0, 0},
                                                                                         {49'900, 10, 0, 4'990},
                                                                                         {50'000, 12, 1'000, 5'000},
                                                                                         {60'000, 12, 1'000, 6'200},
                                                                                         {200'000, 15, 7'000, 23'000},
                                                                                         {1'000'000, 15, 7'000, 143'000}}) {
        const Amount amount = volume * power_of_ten(amount_scale);
        EXPECT_EQ(tiers_at(value, amount).rate, rate_percent * (rate_one / 100)) << volume;
        EXPECT_EQ(Whole(tiers_at(value, amount).offset), Whole(offset) * unit) << volume;
        EXPECT_EQ(Whole(tiers_graduated(value, amount)), Whole(bonus) * unit) << volume;
    }
    EXPECT_EQ(tiers_at(value, 50'000 * power_of_ten(amount_scale) - 1).rate, rate_one / 10) << "just below a boundary";
    EXPECT_EQ(tiers_at(tiers("{}", arena), 1).rate, 0);
    EXPECT_TRUE(tiers_graduated(tiers("{}", arena), amount_max).zero());
}

TEST(Tiers, bytes_and_hashes_are_frozen)
{
    struct Frozen {
        const char *text, *stored;
        std::uint64_t hash, hash_of_seed_7;
    };
    // Computed from the description of the format by test/unit/frozen.py, which shares nothing with the core.
    constexpr Frozen values[] = {
        {"{}", "0100000000", 0xe220a8397b1dcdaf, 0x63cbe1e459320dd7},
        {"{0: 0.1, 50000: 0.12, 200000: 0.15}", "0100020a02d086030cf093090f", 0x5eaf5edc5b021657, 0xbf363f79858b7f4f},
        {"{0: 1}", "0100000100", 0xff371db2f9f49695, 0x5a816b7d9f763328},
        {"{0: 0, 0.000000000000000001: 0.000000000001, 170141183460469231731.687303715884105727: 1}",
         "01120c00020101feffffffffffffffffffffffffffffffffff0180a094a58d1d", 0x32a80d33ae765834, 0x5ba8337c5b6eda1},
    };
    for (const auto &[text, stored, hash, hash_of_seed_7] : values) {
        Arena arena;
        const Bytes value = tiers(text, arena);
        EXPECT_EQ(hex(value), stored) << text;
        EXPECT_EQ(tiers_hash(value, 0), hash) << text;
        EXPECT_EQ(tiers_hash(value, 7), hash_of_seed_7) << text;
        EXPECT_TRUE(same(must(tiers_from_binary(value, arena)), value)) << text;
    }
}

TEST(Tiers, steps_are_those_that_change_the_rate)
{
    holds([](const Program &program) {
        Arena arena;
        RC_ASSERT(tiers_of(make(program, arena)) == RateByVolume(program).steps());
    });
}

TEST(Tiers, text_and_binary_return)
{
    holds([](const Program &program) {
        Arena arena;
        const Bytes value = make(program, arena);
        RC_ASSERT(same(must(tiers_from_binary(value, arena)), value));
        RC_ASSERT(same(tiers(tiers_text(value), arena), value));
    });
}

TEST(Tiers, equal_values_have_equal_bytes_hash_and_order)
{
    holds([](Program program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes value = make(program, arena);
        if (!program.empty()) {  // a step that changes nothing
            const Given &step = dice.of(program);
            const Amount from = step.from < amount_max ? step.from + 1 : 0;
            if (std::ranges::none_of(program, [from](const Given &given) { return given.from == from; }))
                program.push_back({{from, RateByVolume(program).at(from)}});
        }
        dice.shuffle(program);
        const Bytes again = make(program, arena);
        RC_ASSERT(same(value, again));
        RC_ASSERT(tiers_hash(value, seed.value) == tiers_hash(again, seed.value));
        RC_ASSERT(std::is_eq(tiers_compare(value, again)));
    });
}

TEST(Tiers, order_is_that_of_the_steps)
{
    holds([](const Program &a, Program b, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        if (dice.one_in(2)) {  // a value that differs late
            b = a;
            if (!b.empty()) b.pop_back();
        }
        std::vector<std::pair<Amount, Rate>> left, right;
        for (const Tier &tier : RateByVolume(a).steps()) left.emplace_back(tier.from, tier.rate);
        for (const Tier &tier : RateByVolume(b).steps()) right.emplace_back(tier.from, tier.rate);
        const Bytes s = make(a, arena), t = make(b, arena);
        const auto order = tiers_compare(s, t);
        RC_ASSERT((order == left <=> right));
        RC_ASSERT((tiers_compare(t, s) == 0 <=> order));
        RC_ASSERT(std::is_eq(order) == same(s, t));
        RC_ASSERT((tiers_hash(s, 0) == tiers_hash(t, 0)) == same(s, t));
    });
}

TEST(Tiers, rate_of_a_volume_is_that_of_its_step)
{
    holds([](const Program &program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes value = make(program, arena);
        const RateByVolume rates(program);
        for (const Amount volume : volumes_for(program, dice)) RC_ASSERT(tiers_at(value, volume).rate == rates.at(volume));
    });
}

TEST(Tiers, graduated_is_the_sum_of_the_slices_of_a_volume)
{
    holds([](const Program &program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes value = make(program, arena);
        const RateByVolume rates(program);
        for (const Amount volume : volumes_for(program, dice))
            RC_ASSERT(Whole(tiers_graduated(value, volume)) == rates.bonus(volume));
    });
}

TEST(Tiers, graduated_is_the_volume_at_its_marginal_rate_without_the_offset)
{
    holds([](const Program &program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes value = make(program, arena);
        for (const Amount volume : volumes_for(program, dice)) {
            const TierTerms terms = tiers_at(value, volume);
            Whole offset;  // as the definition has it
            Rate before = 0;
            for (const Tier &tier : tiers_of(value)) {
                if (tier.from > volume && tier.from > 0) break;
                offset = offset + Whole(int128{tier.rate} - before) * Whole(tier.from);
                before = tier.rate;
            }
            RC_ASSERT(Whole(terms.offset) == offset);
            RC_ASSERT(Whole(tiers_graduated(value, volume)) == Whole(terms.rate) * Whole(volume) - offset);
        }
    });
}

TEST(Tiers, graduated_is_continuous_at_every_boundary)
{
    holds([](const Program &program) {
        Arena arena;
        const Bytes value = make(program, arena);
        for (const Tier &tier : tiers_of(value)) {
            if (tier.from == 0) continue;
            const TierTerms below = tiers_at(value, tier.from - 1), above = tiers_at(value, tier.from);
            RC_ASSERT(below.rate != above.rate);
            const Whole boundary(tier.from);
            RC_ASSERT(Whole(below.rate) * boundary - Whole(below.offset) == Whole(above.rate) * boundary - Whole(above.offset));
            RC_ASSERT(Whole(tiers_graduated(value, tier.from)) ==
                      Whole(tiers_graduated(value, tier.from - 1)) + Whole(below.rate));
        }
    });
}

TEST(Tiers, cap_is_the_lesser_rate_of_every_volume)
{
    holds([](const Program &program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes value = make(program, arena);
        const RateByVolume rates(program);
        const auto limit = [&] { return dice.one_in(2) ? dice.between(0, 4) * (rate_one / 20) : dice.between(0, rate_one); };
        const Rate lower = limit(), upper = limit();
        const auto cap = [&](Bytes capped, Rate most) { return must(tiers_cap(capped, most, arena)); };
        RC_ASSERT(tiers_of(cap(value, upper)) == rates.steps(upper));
        RC_ASSERT(same(must(tiers_from_binary(cap(value, upper), arena)), cap(value, upper)));
        RC_ASSERT(same(cap(cap(value, upper), lower), cap(value, std::min(lower, upper))));
        RC_ASSERT(same(cap(value, rate_one), value));
        RC_ASSERT(tiers_text(cap(value, 0)) == "{}");
        const Amount volume = dice.wide(127);
        RC_ASSERT(tiers_at(cap(value, upper), volume).rate == std::min(rates.at(volume), upper));
    });
}

TEST(Tiers, given_steps_need_volumes_that_differ_and_are_not_negative)
{
    Arena arena;
    const auto sorted_error = [&](std::vector<Tier> given) {
        const auto made = tiers_make(given, arena);
        return std::pair(error_of(made), given[static_cast<std::size_t>(made.error().at)].from);
    };
    EXPECT_EQ(sorted_error({{5, 1}, {-7, 2}, {0, 3}}), std::pair(Errc::volume_negative, Amount{-7}));
    EXPECT_EQ(sorted_error({{5, 1}, {7, 2}, {0, 3}, {7, 2}}), std::pair(Errc::volume_repeated, Amount{7}))
        << "even with its rate";
    EXPECT_EQ(tiers_text(make({}, arena)), "{}");
    EXPECT_EQ(tiers_text(make({{{amount_max, rate_one}}}, arena)), "{0: 0, 170141183460469231731.687303715884105727: 1}");
}

TEST(Tiers, there_are_at_most_1024)
{
    Arena arena;
    // so many steps with rates that alternate, the first at volume `first`
    const auto text = [](std::size_t count, std::size_t first) {
        std::string steps;
        for (std::size_t i = 0; i < count; ++i)
            steps += (i == 0 ? "" : ", ") + std::to_string(first + i) + (i % 2 == 0 ? ": 0.1" : ": 0.2");
        return '{' + steps + '}';
    };
    const Bytes most = tiers(text(most_tiers, 0), arena);
    EXPECT_EQ(tiers_text(most), text(most_tiers, 0));
    EXPECT_EQ(tiers_of(most).size(), most_tiers);
    EXPECT_TRUE(same(must(tiers_from_binary(most, arena)), most));
    EXPECT_EQ(Whole(tiers_graduated(most, 1024 * power_of_ten(amount_scale))), Whole(1536) * ten_to_the(exact_scale - 1));
    EXPECT_EQ(tiers_of(tiers(text(most_tiers - 1, 1), arena)).size(), most_tiers);

    const auto too_many = tiers_from_text(text(most_tiers + 1, 0), arena);
    EXPECT_EQ(error_of(too_many), Errc::tiers_too_many);
    EXPECT_EQ(too_many.error().at, 1025);
    const auto one_in_front = tiers_from_text(text(most_tiers, 1), arena);
    EXPECT_EQ(error_of(one_in_front), Errc::tiers_too_many);
    EXPECT_EQ(one_in_front.error().at, 1025);
    EXPECT_EQ(must(tiers_room(most_tiers, arena)).size(), most_tiers);
    const auto room = tiers_room(5'000, arena);
    EXPECT_EQ(error_of(room), Errc::tiers_too_many);
    EXPECT_EQ(room.error().at, 5'000);

    // one step more, as bytes: the number of steps after the first is the two bytes after the first rate
    std::vector<std::byte> more(most.begin(), most.end());
    ASSERT_EQ(hex(most).substr(0, 12), "01000101ff07");
    more[4] = std::byte{0x80};
    more[5] = std::byte{0x08};
    for (const int byte : {0x01, 0x01}) more.push_back(static_cast<std::byte>(byte));
    EXPECT_EQ(tiers_of(more).size(), most_tiers + 1);
    EXPECT_EQ(error_of(tiers_from_binary(more, arena)), Errc::binary_malformed);
}

TEST(Tiers, largest_operands_do_not_overflow)
{
    Arena arena;
    std::vector<Given> given;  // rates that alternate between 0 and 1 at the largest volumes there are
    for (int i = 0; i < static_cast<int>(most_tiers) - 1; ++i) given.push_back({{amount_max - i, i % 2 == 0 ? rate_one : 0}});
    const Bytes value = make(given, arena);
    EXPECT_EQ(Whole(tiers_graduated(value, amount_max)), RateByVolume(given).bonus(amount_max));
    const Bytes all = tiers("{0: 1}", arena);
    EXPECT_EQ(Whole(tiers_graduated(all, amount_max)), Whole(amount_max) * Whole(rate_one));
    EXPECT_EQ(Whole(tiers_graduated(all, -amount_max)), Whole(-amount_max) * Whole(rate_one));
}

TEST(Tiers, text_may_be_loose)
{
    Arena arena;
    for (const char *text : {"{0:0.1,50000:.12,200000:15e-2}", " { 0 : +0.100 ,\n5E4: 0.12 , 200000.000 : 0.15 } ",
                             "{0: 0.1, 1: 0.1, 50000: 0.12, 199999.999999999999999999: 0.12, 200000: 0.15, 1e20: 0.15}"})
        EXPECT_EQ(tiers_text(tiers(text, arena)), worked_example) << text;
    for (const char *text : {" { } ", "{0: 0}", "{0: 0, 5: 0}", "{5: 0}", "{-0: -0}"})
        EXPECT_EQ(tiers_text(tiers(text, arena)), "{}") << text;
    EXPECT_EQ(tiers_text(tiers("{0.000000000000000001: 0.000000000001}", arena)), "{0: 0, 0.000000000000000001: 0.000000000001}");
    EXPECT_EQ(tiers_text(tiers("{5: 0, 7: 1, 9: 0}", arena)), "{0: 0, 7: 1, 9: 0}");
}

TEST(Tiers, text_that_is_none)
{
    struct Case {
        const char *text;
        Errc code;
        const char *subject;
    };
    for (const auto &[text, code, subject] : std::initializer_list<Case>{
             {"", Errc::text_malformed, ""},
             {"0: 0.1}", Errc::text_malformed, "0: 0.1}"},
             {"{", Errc::amount_malformed, ""},
             {"{0}", Errc::text_malformed, "}"},
             {"{0, 5: 0.1}", Errc::text_malformed, ", 5: 0.1}"},
             {"{0: 0.1", Errc::text_malformed, ""},
             {"{0: 0.1,}", Errc::amount_malformed, ""},
             {"{0: 0.1} x", Errc::text_trailing, "x"},
             {"{0: 0.1: 0.2}", Errc::rate_malformed, "0.1: 0.2"},
             {"{x: 0.1}", Errc::amount_malformed, "x"},
             {"{NaN: 0.1}", Errc::amount_not_finite, "NaN"},
             {"{1e-19: 0.1}", Errc::amount_too_many_decimals, "1e-19"},
             {"{1e21: 0.1}", Errc::amount_out_of_range, "1e21"},
             {"{-1: 0.1}", Errc::volume_negative, "-1"},
             {"{0: 0.1, 0.0 : 0.2}", Errc::volumes_not_ascending, "0.0"},
             {"{0: 0.1, 5: 0.2, 4: 0.3}", Errc::volumes_not_ascending, "4"},
             {"{5: 0.1, 0: 0.2}", Errc::volumes_not_ascending, "0"},
             {"{0: }", Errc::rate_malformed, ""},
             {"{0: 10%}", Errc::rate_malformed, "10%"},
             {"{0: 1e-13}", Errc::rate_too_many_decimals, "1e-13"},
             {"{0: 1.000000000001}", Errc::rate_not_a_fraction, "1.000000000001"},
             {"{0: -0.1}", Errc::rate_not_a_fraction, "-0.1"},
             {"{0: 1000.1}", Errc::rate_out_of_range, "1000.1"},
             {"{0: Infinity}", Errc::rate_out_of_range, "Infinity"},
         }) {
        Arena arena;
        const auto result = tiers_from_text(text, arena);
        EXPECT_EQ(error_of(result), code) << text;
        EXPECT_EQ(result.error().subject, subject) << text;
    }
}

TEST(Tiers, binary_that_is_none)
{
    using namespace std::string_literals;
    const std::string ones_of_128_bits = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03";
    const std::initializer_list<std::pair<std::string, Errc>> cases{
        {"", Errc::binary_malformed},
        {"\x00\x00\x00\x00\x00"s, Errc::binary_version},
        {"\x82\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s, Errc::binary_version},  // as the working forms of other types begin
        {"\x01"s, Errc::binary_malformed},                                            // ends early
        {"\x01\x00\x00\x01\x01"s, Errc::binary_malformed},                            // a step is missing
        {"\x01\x00\x00\x00\x00\x00"s, Errc::binary_malformed},                        // a byte more
        {"\x01\x00\x00\x80\x00\x00"s, Errc::binary_malformed},                        // a number longer than need be
        {"\x01\x01\x00\x01\x00"s, Errc::binary_malformed},                            // a scale of volumes without need
        {"\x01\x00\x01\x0a\x00"s, Errc::binary_malformed},                            // a scale of rates without need
        {"\x01\x13\x00\x00\x01\x01\x01"s, Errc::binary_malformed},                    // a scale of volumes beyond 18
        {"\x01\x00\x0d\x01\x00"s, Errc::binary_malformed},                            // a scale of rates beyond 12
        {"\x01\x00\x00\x01\x01\x05\x01"s, Errc::binary_malformed},                    // a step that changes nothing
        {"\x01\x00\x00\x00\x02\x05\x01\x00\x00"s, Errc::binary_malformed},            // the same volume twice
        {"\x01\x00\x00\x02\x00"s, Errc::binary_malformed},                            // a rate of 2
        {"\x01\x00\x00\x00\x01\x05\x02"s, Errc::binary_malformed},                    // the same in a later step
        {"\x01\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"s, Errc::binary_malformed},   // a rate of -1
        {"\x01\x12\x00\x00\x01"s + ones_of_128_bits + "\x01"s, Errc::binary_malformed},          // a volume of -1
        {"\x01\x12\x00\x00\x02\x05\x01"s + ones_of_128_bits + "\x00"s, Errc::binary_malformed},  // one that descends
        {"\x01\x00\x00\x00\x01"s + ones_of_128_bits + "\x01"s, Errc::binary_malformed},          // one beyond 128 bits
    };
    for (const auto &[bytes, code] : cases) {
        Arena arena;
        EXPECT_EQ(error_of(tiers_from_binary(bytes_of(bytes), arena)), code) << hex(bytes_of(bytes));
    }
    Arena arena;
    EXPECT_EQ(tiers_from_binary(bytes_of("\x07\x00"s), arena).error().at, 7) << "the version";
}

TEST(Tiers, tampered_bytes_are_refused_or_are_another_value)
{
    holds([](const Program &program, Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        const Bytes stored = make(program, arena);
        const auto bytes = tampered(stored, dice);
        const auto read = tiers_from_binary(bytes, arena);
        if (!read) return;
        RC_ASSERT(same(*read, bytes));
        RC_ASSERT(same(tiers(tiers_text(*read), arena), bytes));
        RC_ASSERT(std::is_eq(tiers_compare(*read, stored)) == same(bytes, stored));
    });
}

TEST(Tiers, memory_may_run_out_anywhere)
{
    Arena arena;
    const Bytes value = tiers(worked_example, arena);
    expect_out_of_memory_at_every_request([&](Memory memory) { return tiers_room(3, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return try_make({{{0, rate_one}}}, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return tiers_from_text(worked_example, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return tiers_to_text(value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return tiers_from_binary(value, memory); });
    expect_out_of_memory_at_every_request([&](Memory memory) { return tiers_cap(value, rate_one, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
