#include "core/text.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "arena.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

std::string digits(Dice &dice, std::size_t most)
{
    std::string text(dice.below(most + 1), '0');
    if (dice.one_in(3)) return text;
    for (char &c : text) c = static_cast<char>('0' + dice.below(10));
    return text;
}

TEST(Text, decimals_are_read_exactly)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const std::string sign = dice.of<std::string>({"", "+", "-"});
        const std::string whole = digits(dice, dice.one_in(4) ? 45 : 12);
        const std::string fraction = digits(dice, dice.one_in(4) ? 45 : 12);
        if (whole.empty() && fraction.empty()) return;
        std::string text = sign + whole + (fraction.empty() && dice.one_in(2) ? "" : "." + fraction);
        int exponent = 0;
        if (dice.one_in(3)) {
            exponent = static_cast<int>(dice.between(-25, 25));
            text += dice.of<std::string>({"e", "E"}) + (exponent >= 0 && dice.one_in(2) ? "+" : "") + std::to_string(exponent);
        }

        Whole exact = Whole::from_text(whole + fraction);
        int decimals = static_cast<int>(fraction.size()) - exponent;
        while (!exact.zero() && exact.cut(1).cut == "0") {
            exact = exact.cut(1).kept;
            --decimals;
        }
        if (exact.zero()) decimals = 0;
        const auto result = parse_decimal(text);
        const auto amount = parse_amount(text);
        if (decimals > amount_scale) {
            RC_ASSERT(!result && result.error().code == Errc::amount_too_many_decimals && result.error().subject == text);
            RC_ASSERT(!amount && amount.error().code == Errc::amount_too_many_decimals);
            return;
        }
        exact = exact * ten_to_the(static_cast<std::size_t>(amount_scale - decimals));
        if (exact > Whole(amount_max)) {
            RC_ASSERT(!result && result.error().code == Errc::amount_out_of_range && result.error().subject == text);
            RC_ASSERT(!amount && amount.error().code == Errc::amount_out_of_range);
            return;
        }
        RC_ASSERT(amount && Whole(*amount) == (sign == "-" ? -exact : exact));
        RC_ASSERT(result && result->scale == std::max(decimals, 0));
        RC_ASSERT(*to_amount(*result) == *amount);
    });
}

TEST(Text, what_is_no_decimal_is_refused)
{
    static const std::regex number(R"([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)");
    static const std::regex name("[+-]?(nan|inf|infinity)", std::regex::icase);
    holds([](Seed seed) {
        Dice dice = seed.dice();
        static const std::vector<std::string> pieces{"0", "1", "25", "9", ".", "+", "-", "e", "E", " ", "nan", "inf", "x", ","};
        std::string text;
        for (std::size_t left = dice.below(6); left > 0; --left) text += dice.of(pieces);
        const auto result = parse_decimal(text);
        if (std::regex_match(text, name)) {
            RC_ASSERT(!result && result.error().code == Errc::amount_not_finite && result.error().subject == text);
        } else if (!std::regex_match(text, number)) {
            RC_ASSERT(!result && result.error().code == Errc::amount_malformed && result.error().subject == text);
        } else {
            RC_ASSERT(result || result.error().code == Errc::amount_too_many_decimals ||
                      result.error().code == Errc::amount_out_of_range);
        }
    });
}

TEST(Text, decimals_that_are_none)
{
    for (const char *text : {"",      "+",   "-",   ".",  "-.", "1e",  "1e+",  "e5",    ".e5", "1e5.0", "1e5e5",
                             "1.2.3", "--1", "+-1", " 1", "1 ", "1,5", "0x10", "1_000", "abc", "1-",    "\xd9\xa1"})
        EXPECT_EQ(error_of(parse_decimal(text)), Errc::amount_malformed) << text;
    for (const char *text : {"NaN", "nan", "Infinity", "-Infinity", "+inf", "INF"})
        EXPECT_EQ(error_of(parse_decimal(text)), Errc::amount_not_finite) << text;
    for (const char *text : {"nano", "infinit", "i", "na"})
        EXPECT_EQ(error_of(parse_decimal(text)), Errc::amount_malformed) << text;
}

TEST(Text, amounts_have_an_exact_boundary)
{
    EXPECT_EQ(must(parse_amount("170141183460469231731.687303715884105727")), amount_max);
    EXPECT_EQ(must(parse_amount("-170141183460469231731.687303715884105727")), -amount_max);
    EXPECT_EQ(error_of(parse_amount("170141183460469231731.687303715884105728")), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("-170141183460469231731.687303715884105728")), Errc::amount_out_of_range);
    EXPECT_EQ(must(parse_amount("1e-18")), 1);
    EXPECT_EQ(must(parse_amount("-0.000000000000000001")), -1);
    EXPECT_EQ(error_of(parse_amount("1e-19")), Errc::amount_too_many_decimals);
    EXPECT_EQ(must(parse_amount("0.0000000000000000010000")), 1) << "zeros are no decimals";
    EXPECT_EQ(must(parse_amount("1.7e20")), 17 * power_of_ten(37));
    EXPECT_EQ(error_of(parse_amount("1.8e20")), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("170141183460469231731687303715884105727")), Errc::amount_out_of_range) << "the most that 128 bits hold";
    EXPECT_EQ(error_of(parse_amount("170141183460469231731687303715884105728")), Errc::amount_out_of_range) << "their last digit is too much";
    EXPECT_EQ(error_of(parse_amount("999999999999999999999999999999999999999")), Errc::amount_out_of_range) << "as are 39 digits";
    EXPECT_EQ(error_of(parse_amount(std::string(45, '7'))), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("170141183460469231731687303715884105727e19")), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("1e21")), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("1e38")), Errc::amount_out_of_range);
}

TEST(Text, exponents_and_lengths_beyond_reason_are_judged_by_their_value)
{
    EXPECT_EQ(must(parse_amount("0e999999999999999999999")), 0);
    EXPECT_EQ(error_of(parse_amount("1e999999999999999999999")), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(parse_amount("1e-999999999999999999999")), Errc::amount_too_many_decimals);
    const std::string zeros(5'000, '0');
    EXPECT_EQ(must(parse_amount("1" + zeros + "e-5000")), power_of_ten(18));
    EXPECT_EQ(must(parse_amount("." + zeros + "1e5001")), power_of_ten(18));
    EXPECT_EQ(error_of(parse_amount(zeros + zeros + "1")), Errc::amount_out_of_range) << "longer than anyone writes";
    EXPECT_EQ(must(parse_amount(zeros + zeros)), 0);
}

TEST(Text, rates_have_twelve_decimals_and_a_limit)
{
    EXPECT_EQ(must(parse_rate("0.2")), rate_one / 5);
    EXPECT_EQ(must(parse_rate("1e-12")), 1);
    EXPECT_EQ(must(parse_rate("1000")), rate_limit);
    EXPECT_EQ(must(parse_rate("-1000.000")), -rate_limit);
    EXPECT_EQ(error_of(parse_rate("1000.000000000001")), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(parse_rate("-1000.000000000001")), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(parse_rate("0.0000000000001")), Errc::rate_too_many_decimals);
    EXPECT_EQ(error_of(parse_rate("1e20")), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(parse_rate("1e-19")), Errc::rate_too_many_decimals);
    EXPECT_EQ(error_of(parse_rate("1e30")), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(parse_rate("NaN")), Errc::rate_out_of_range);
    EXPECT_EQ(error_of(parse_rate("20%")), Errc::rate_malformed);
    EXPECT_EQ(parse_rate("1001").error().subject, "1001");
    EXPECT_EQ(error_of(to_rate(Decimal{9999 * power_of_ten(20), 0})), Errc::rate_out_of_range) << "the largest numeric";
}

TEST(Text, days_are_read_and_written)
{
    std::array<char, TextWriter::day_room> room;
    for (Day day = first_day; day <= last_day; day += day == first_day ? 12 : 31) {
        TextWriter writer(room);
        writer.day(day);
        ASSERT_EQ(must(parse_day(writer.written())), day);
    }
    EXPECT_EQ(must(parse_day("0001-01-01")), first_day);
    EXPECT_EQ(must(parse_day("9999-12-31")), last_day);
    EXPECT_EQ(must(parse_day("2026-10-05")), 9774);
    EXPECT_EQ(must(parse_day("2024-02-29")), day_from_civil({2024, 2, 29}));
}

TEST(Text, days_that_are_none)
{
    for (const char *text : {"",           "2026",       "2026-1-05",  "2026/10/05", "2026-10/05", "2026-10-5 ",  "20261-0-05",
                             "2026-00-10", "2026-13-01", "2026-01-00", "2026-01-32", "2026-02-30", "2026-02-29",  "2100-02-29",
                             "2026-04-31", "2o26-10-05", "2026-1o-05", "2026-10-0x", "-026-10-05", "10000-01-01", "2026-10-05 "})
        EXPECT_EQ(error_of(parse_day(text)), Errc::day_malformed) << text;
    EXPECT_EQ(error_of(parse_day("0000-12-31")), Errc::day_out_of_range);
}

TEST(Text, numbers_are_written_as_short_as_they_are)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto scale = static_cast<int>(dice.between(0, 18));
        int128 units = dice.wide(100);
        if (dice.one_in(2)) units *= power_of_ten(static_cast<int>(dice.between(0, 8)));
        std::array<char, TextWriter::decimal_room> room;
        TextWriter writer(room);
        writer.decimal(units, scale);

        const auto [whole, fraction] = Whole(units).cut(static_cast<std::size_t>(scale));
        std::string expected = (units < 0 && whole.zero() ? "-" : "") + whole.text();
        const std::size_t last = fraction.find_last_not_of('0');
        if (last != std::string::npos) expected += "." + fraction.substr(0, last + 1);
        RC_ASSERT(std::string(writer.written()) == expected);

        const auto read = parse_decimal(expected);
        RC_ASSERT(read || read.error().code == Errc::amount_out_of_range);
        if (read) RC_ASSERT(read->units * power_of_ten(scale - read->scale) == units);
    });
}

TEST(Text, widest_number_fits_its_room)
{
    std::array<char, TextWriter::decimal_room> room;
    TextWriter wide(room);
    wide.decimal(int128_min, 0);
    EXPECT_EQ(wide.written(), "-170141183460469231731687303715884105728");
    TextWriter small(room);
    small.decimal(-1, 18);
    EXPECT_EQ(small.written(), "-0.000000000000000001");
    TextWriter largest(room);
    largest.decimal(-amount_max, 18);
    EXPECT_EQ(largest.written(), "-170141183460469231731.687303715884105727");
}

TEST(Text, reader_skips_spaces_between_tokens)
{
    TextReader reader(" {\t a b \n, c}  ");
    EXPECT_FALSE(reader.take('}'));
    EXPECT_TRUE(reader.take('{'));
    EXPECT_EQ(reader.take_until(","), "a b");
    EXPECT_FALSE(reader.at_end());
    EXPECT_TRUE(reader.take(','));
    EXPECT_EQ(reader.take_until("}"), "c");
    EXPECT_TRUE(reader.take('}'));
    EXPECT_TRUE(reader.at_end());
    EXPECT_FALSE(reader.take('}'));
    EXPECT_EQ(reader.take_until("}"), "");
}

TEST(Text, reader_takes_the_rest_where_nothing_ends_it)
{
    TextReader reader("abc   ");
    EXPECT_EQ(reader.take_until("/"), "abc");
    EXPECT_TRUE(reader.at_end());
    TextReader odd("\x01\xc3\xa9 /");
    EXPECT_EQ(odd.take_until("/"), "\x01\xc3\xa9") << "no spaces";
    TextReader blank("   /");
    EXPECT_EQ(blank.take_until("/"), "");
    EXPECT_TRUE(blank.take('/'));
}

TEST(Text, reader_tells_where_it_stopped)
{
    TextReader reader("{ab");
    EXPECT_TRUE(reader.take('{'));
    const Error error = reader.stopped(Errc::text_malformed);
    EXPECT_EQ(error.code, Errc::text_malformed);
    EXPECT_EQ(error.subject, "ab");
    EXPECT_EQ(error.at, 2) << "counted from one";
}

}  // namespace
}  // namespace partner_bonus::test
