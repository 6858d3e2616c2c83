#include "core/packer.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/pack_directory.hpp"
#include "pack_values.hpp"

namespace partner_bonus::test {
namespace {

OwnLine line_of(const std::string &account, Decimal cost = {1, 0})
{
    OwnLine line;
    for (std::size_t column = 0; column < pack_text::key_end; ++column) line.texts[column] = "k" + std::to_string(column);
    line.texts[pack_text::account_id] = account;
    line.required[0] = cost;
    return line;
}

std::map<Day, std::vector<Facts>> sorted_by_day(const std::vector<OwnLine> &lines)
{
    std::map<Day, std::vector<Facts>> days;
    for (const OwnLine &line : lines) days[line.day].push_back(line.facts());
    for (auto &[day, facts] : days) std::ranges::sort(facts);
    return days;
}

TEST(UsagePacker, gives_back_every_line)
{
    holds([](const Lines &lines) {
        Arena arena;
        const auto days = sorted_by_day(lines);
        const auto packs = packs_of(lines, arena);
        RC_ASSERT(packs.size() == days.size());
        auto day = days.begin();
        for (const DayPack &pack : packs) {
            RC_ASSERT(pack.day == day->first && pack.part == 0U && pack.lines == day->second.size());
            RC_ASSERT(accepted(pack.pack));
            RC_ASSERT(must(pack_line_count(pack.pack.first(std::min(pack.pack.size(), PackDirectory::head_bytes)))) == pack.lines);
            auto facts = lines_of(pack.pack);
            std::ranges::sort(facts);
            RC_ASSERT(facts == (day++)->second);
        }
    });
}

TEST(UsagePacker, order_does_not_matter)
{
    holds([](Lines lines, Seed seed) {
        Arena arena;
        const auto packs = packs_of(lines, arena);
        Dice dice = seed.dice();
        dice.shuffle(lines);
        for (OwnLine &line : lines) dice.shuffle(line.attributes);
        const auto again = packs_of(lines, arena);
        RC_ASSERT(packs.size() == again.size());
        for (std::size_t i = 0; i < packs.size(); ++i) {
            RC_ASSERT(same(packs[i].pack, again[i].pack) && packs[i].exported_at == again[i].exported_at);
            RC_ASSERT(same(packed_again(packs[i].pack, arena), packs[i].pack));
        }
    });
}

TEST(UsagePacker, remarks_are_no_content)
{
    holds([](Lines lines, Seed seed) {
        Arena arena;
        const auto packs = packs_of(lines, arena);
        Dice dice = seed.dice();
        dice.shuffle(lines);
        for (OwnLine &line : lines)
            for (std::size_t column = pack_text::content_end; column < pack_text::count; ++column) line.texts[column] = random_word(dice, column);
        const auto again = packs_of(lines, arena);
        RC_ASSERT(packs.size() == again.size());
        for (std::size_t i = 0; i < packs.size(); ++i)
            RC_ASSERT(same(must(usage_pack_content(packs[i].pack)), must(usage_pack_content(again[i].pack))));
    });
}

TEST(UsagePacker, other_content_has_other_bytes)
{
    holds([](const Lines &lines, Seed seed) {
        Arena arena;
        if (lines.empty()) return;
        Dice dice = seed.dice();
        std::vector<OwnLine> one{dice.of(lines)};
        std::vector<OwnLine> two = one;
        change(two[0], dice, false);
        const bool equal = same(must(usage_pack_content(pack_of(one, arena))), must(usage_pack_content(pack_of(two, arena))));
        for (std::size_t column = pack_text::content_end; column < pack_text::count; ++column) one[0].texts[column] = two[0].texts[column];
        RC_ASSERT(equal == (one[0].facts() == two[0].facts()));
    });
}

struct Sums {
    std::int64_t lines = 0;
    std::array<int128, 4> units{};
    bool rewarded = false;
    bool operator==(const Sums &) const = default;
};

TEST(UsagePacker, directories_hold_the_sums_of_keys)
{
    holds([](Lines lines) {
        Arena arena;
        for (OwnLine &line : lines) line.day = 0;
        if (lines.empty()) return;
        using Key = std::vector<std::string>;
        std::map<Key, Sums> sums;
        for (const OwnLine &line : lines) {
            Key key;
            for (std::size_t column = 0; column < pack_key_columns; ++column) key.push_back(*line.texts[column]);
            Sums &sum = sums[key];
            ++sum.lines;
            const int128 grant = at_full_scale(line.required[2]);
            const std::array<int128, 4> units{at_full_scale(line.required[0]), grant, at_full_scale(line.required[1]) - grant,
                                              at_full_scale(line.optional[4].value)};
            for (std::size_t i = 0; i < units.size(); ++i) sum.units[i] += units[i];
            sum.rewarded = sum.rewarded || line.optional[4].given;
        }
        PackDirectory directory = must(PackDirectory::open(pack_of(lines, arena)));
        RC_ASSERT(directory.keys() == sums.size());
        auto expected = sums.begin();
        for (DirectoryEntry entry; directory.next(entry); ++expected) {
            Key key;
            for (std::size_t column = 0; column < pack_key_columns; ++column)
                key.emplace_back(must(directory.words(column, arena))[entry.key[column]]);
            const KeyScales &scales = directory.scales();
            const Sums read{entry.lines,
                            {at_full_scale({entry.cost, scales.cost}), at_full_scale({entry.grant_credit, scales.grant_credit}),
                             at_full_scale({entry.other_credit, scales.other_credit}), at_full_scale({entry.reward, scales.reward})},
                            entry.rewarded};
            RC_ASSERT(key == expected->first && read == expected->second);
        }
        RC_ASSERT(!directory.failed() && expected == sums.end());
    });
}

TEST(UsagePacker, days_ascend)
{
    Arena arena;
    std::vector<OwnLine> lines;
    for (const Day day : {0, last_day, -1, first_day, 1, 0}) {
        lines.push_back(line_of("a"));
        lines.back().day = day;
    }
    const auto packs = packs_of(lines, arena);
    ASSERT_EQ(packs.size(), 5U);
    for (std::size_t i = 1; i < packs.size(); ++i) EXPECT_LT(packs[i - 1].day, packs[i].day);
    EXPECT_EQ(packs[2].lines, 2U);
}

TEST(UsagePacker, tells_the_latest_export_of_each_part)
{
    Arena arena;
    std::vector<OwnLine> lines{line_of("a"), line_of("b"), line_of("c")};
    lines[0].texts[pack_text::exported_at] = "2026-10-02T10:00:00Z";
    lines[1].texts[pack_text::exported_at] = "2026-10-03T10:00:00Z";
    lines[2].day = 1;
    const auto packs = packs_of(lines, arena);
    EXPECT_EQ(packs[0].exported_at, "2026-10-03T10:00:00Z");
    EXPECT_EQ(packs[1].exported_at.data(), nullptr);
}

TEST(UsagePacker, without_lines_there_is_no_pack)
{
    Arena arena;
    EXPECT_TRUE(packs_of({}, arena).empty());
}

TEST(UsagePacker, scales_are_the_smallest_whatever_the_lines_have)
{
    Arena arena;
    const Bytes pack = pack_of({line_of("a", {150, 1}), line_of("a", {20, 1}), line_of("b", {700, 2})}, arena);
    EXPECT_TRUE(accepted(pack));
    EXPECT_TRUE(same(pack, pack_of({line_of("b", {7, 0}), line_of("a", {2, 0}), line_of("a", {15, 0})}, arena)));
    EXPECT_TRUE(accepted(pack_of({line_of("a", {150, 2}), line_of("a", {25, 1})}, arena)));
}

// A day of lines with a key for each `keys` of them, in a random order; parts must not depend on it.
std::vector<DayPack> parts_of_a_day(std::size_t count, std::size_t lines_of_key, std::size_t text, std::uint64_t seed, const Memory &memory)
{
    std::vector<std::size_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
    Dice dice(seed);
    dice.shuffle(numbers);
    UsagePacker packer(memory);
    std::vector<Attribute> room;
    const std::string padding(text, 'X');
    for (const std::size_t number : numbers) {
        const std::string key = std::to_string(1'000'000 + number / lines_of_key);
        OwnLine line = line_of("a" + key, {static_cast<std::int64_t>(number % 7), 0});
        line.texts[pack_text::pricing_unit] = std::to_string(number % 2);
        if (text > 0) line.texts[number % 2 == 0 ? pack_text::resource_id : pack_text::cloud_id] = padding + std::to_string(number);
        must(packer.add(line.usage(room)));
    }
    must(packer.finish());
    std::vector<DayPack> packs;
    for (DayPack each; must(packer.next(each, memory));) packs.push_back(each);
    return packs;
}

void expect_parts(std::size_t count, std::size_t lines_of_key, std::size_t text, const std::vector<std::size_t> &sizes)
{
    Arena arena;
    const auto packs = parts_of_a_day(count, lines_of_key, text, 1, arena);
    const auto again = parts_of_a_day(count, lines_of_key, text, 2, arena);
    std::vector<std::size_t> lines;
    for (std::size_t i = 0; i < packs.size(); ++i) {
        lines.push_back(packs[i].lines);
        EXPECT_EQ(packs[i].part, i);
        EXPECT_TRUE(accepted(packs[i].pack));
        ASSERT_LT(i, again.size());
        EXPECT_TRUE(same(packs[i].pack, again[i].pack)) << i;
    }
    EXPECT_EQ(lines, sizes);
    EXPECT_EQ(again.size(), packs.size());
}

TEST(UsagePacker, large_days_are_cut_where_keys_end) { expect_parts(140'000, 30'000, 0, {60'000, 60'000, 20'000}); }

TEST(UsagePacker, a_key_too_large_for_a_pack_is_cut_itself) { expect_parts(140'000, 140'000, 0, {65'536, 65'536, 8'928}); }

TEST(UsagePacker, a_day_that_just_fits_is_whole) { expect_parts(65'536, 65'536, 0, {65'536}); }

TEST(UsagePacker, lines_with_much_text_weigh_more)
{
    expect_parts(700, 100, 100 * 1024, {600, 100});
    Arena arena;
    const auto packs = parts_of_a_day(2, 2, std::size_t{65} << 20, 1, arena);
    EXPECT_EQ(packs.size(), 2U) << "each is more than a pack should hold";
    EXPECT_TRUE(accepted(packs.front().pack));
}

TEST(UsagePacker, names_that_no_pack_can_hold_are_refused)
{
    Arena arena;
    UsagePacker packer(arena);
    std::vector<Attribute> room;
    for (const char c : {'x', 'y', 'z'}) {
        OwnLine line = line_of("a", {1, 0});
        line.texts[pack_text::sku_name] = std::string(std::size_t{50} << 20, c);
        must(packer.add(line.usage(room)));
    }
    must(packer.finish());
    DayPack pack;
    const auto more = packer.next(pack, arena);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Errc::value_too_large);
}

// What a pack may not have, the packer does not make: here each line has three names of 1 MB.
TEST(UsagePacker, words_of_all_columns_together_are_bounded)
{
    const std::size_t most = max_pack_words_bytes / (std::size_t{3} << 20);
    for (const std::size_t lines : {most / 4, most + 1}) {
        Arena arena;
        UsagePacker packer(arena);
        std::vector<Attribute> room;
        for (std::size_t i = 0; i < lines; ++i) {
            OwnLine line = line_of("a", {1, 0});
            for (const auto column : {pack_text::account_name, pack_text::service_name, pack_text::sku_name}) {
                line.texts[column] = std::to_string(i);
                line.texts[column]->resize(std::size_t{1} << 20, 'A');
            }
            must(packer.add(line.usage(room)));
        }
        must(packer.finish());
        DayPack pack;
        const auto made = packer.next(pack, arena);
        if (lines < most)
            EXPECT_TRUE(made && usage_pack_from_binary(pack.pack, arena));
        else
            EXPECT_EQ(error_of(made), Errc::value_too_large);
    }
}

TEST(UsagePacker, amounts_beyond_the_bounds_are_refused)
{
    const auto with = [](auto change_line) {
        Arena arena;
        std::vector<OwnLine> lines{line_of("a")};
        change_line(lines[0]);
        UsagePacker packer(arena);
        const Status added = add_all(packer, lines);
        if (!added) {
            EXPECT_EQ(added.error().code, Errc::amount_out_of_range);
            EXPECT_EQ(packer.lines(), 0U);
            return false;
        }
        EXPECT_EQ(packer.lines(), 1U);
        EXPECT_TRUE(accepted(pack_of(lines, arena)));
        return true;
    };
    const int128 most = power_of_ten(18);
    for (const int128 sign : {1, -1}) {
        for (std::size_t i = 0; i < required_members.size(); ++i) {
            EXPECT_TRUE(with([&](OwnLine &line) { line.required[i] = {sign * most, 0}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.required[i] = {sign * (most + 1), 0}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.required[i] = {sign * (max_line_amount + 1), amount_scale}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.required[i] = {sign * amount_max, 0}; })) << i;
        }
        for (std::size_t i = 1; i < 4; ++i) {  // parts of the credit
            EXPECT_TRUE(with([&](OwnLine &line) { line.optional[i] = {{sign * most, 0}, true}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.optional[i] = {{sign * (most + 1), 0}, true}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.optional[i] = {{sign * amount_max, 0}, true}; })) << i;
        }
        for (const std::size_t i : {0U, 4U}) {  // any amount
            EXPECT_TRUE(with([&](OwnLine &line) { line.optional[i] = {{sign * 170 * most, 0}, true}; })) << i;
            EXPECT_TRUE(with([&](OwnLine &line) { line.optional[i] = {{sign * amount_max, amount_scale}, true}; })) << i;
            EXPECT_FALSE(with([&](OwnLine &line) { line.optional[i] = {{sign * 171 * most, 0}, true}; })) << i;
        }
        EXPECT_TRUE(with([&](OwnLine &line) {
            line.required[1] = {sign * most, 0};
            line.required[2] = {-sign * most, 0};
            for (std::size_t i = 1; i < 4; ++i) line.optional[i] = {{-sign * (max_line_amount - 1), amount_scale}, true};
        }));
    }
    // Whose sum comes back into the bounds only at its end.
    EXPECT_FALSE(with([&](OwnLine &line) {
        line.optional[1] = line.optional[2] = {{160 * most, 0}, true};
        line.optional[3] = {{-160 * most, 0}, true};
    }));
}

TEST(UsagePacker, sums_beyond_the_range_are_told)
{
    const auto packs = [](std::size_t count, auto change_line, OwnLine last = line_of("a")) {
        Arena arena;
        std::vector<OwnLine> lines(count, line_of("a"));
        for (OwnLine &line : lines) change_line(line);
        lines.push_back(last);
        UsagePacker packer(arena);
        must(add_all(packer, lines));
        must(packer.finish());
        DayPack pack;
        const auto made = packer.next(pack, arena);
        if (made) return true;
        EXPECT_EQ(made.error().code, Errc::amount_out_of_range);
        return false;
    };
    const Decimal most{max_line_amount - 1, amount_scale};
    for (std::size_t i = 0; i < required_members.size(); ++i) {
        const auto set = [&](OwnLine &line) { line.required[i] = most; };
        EXPECT_TRUE(packs(160, set)) << i;
        EXPECT_FALSE(packs(175, set)) << i;
    }
    for (std::size_t i = 1; i < 5; ++i) {
        const auto set = [&](OwnLine &line) {
            line.optional[i] = {most, true};
            if (i < 4) line.required[1] = most;
        };
        EXPECT_TRUE(packs(160, set)) << i;
        EXPECT_FALSE(packs(175, set)) << i;
    }
    // Brought to the decimals of another column: 200 * 10^18 has no room for 18 of them.
    OwnLine fine = line_of("b");
    fine.optional[3] = {{1, amount_scale}, true};
    const auto round = [&](OwnLine &line) { line.required[1] = (line.optional[1] = {{power_of_ten(18), 0}, true}).value; };
    EXPECT_TRUE(packs(200, round));
    EXPECT_FALSE(packs(200, round, fine));
    // Two parts fit, their sum does not.
    const auto both = [&](OwnLine &line) {
        line.optional[1] = line.optional[2] = {most, true};
        line.required[1] = most;
    };
    EXPECT_FALSE(packs(100, both));
    EXPECT_FALSE(packs(2, [&](OwnLine &line) { line.optional[4] = {{amount_max, amount_scale}, true}; }));
}

TEST(UsagePacker, says_when_memory_runs_out)
{
    std::vector<OwnLine> lines{line_of("a"), line_of("b"), line_of("a")};
    lines[1].day = 1;
    lines[0].optional[0] = {{5, 1}, true};
    for (OwnLine &line : lines) line.attributes = {{"team", "web"}, {"env", "prod"}};
    lines[2].attributes = {{"team", std::string(2000, 'x')}};
    lines[2].texts[pack_text::folder_id] = std::string(3000, 'x');
    expect_out_of_memory_at_every_request([&](const Memory &memory) -> Result<Bytes> {
        UsagePacker packer(memory);
        PARTNER_BONUS_TRY(added, add_all(packer, lines));
        PARTNER_BONUS_TRY(finished, packer.finish());
        (void)added, (void)finished;
        DayPack pack;
        for (;;) {
            PARTNER_BONUS_TRY(more, packer.next(pack, memory));
            if (!more) break;
        }
        return pack.pack;
    }, 3);
}

TEST(UsagePacker, many_lines_need_more_than_one_block)
{
    constexpr std::size_t count = 40'000;
    Arena arena;
    UsagePacker packer(arena);
    std::vector<Attribute> room;
    for (std::size_t i = 0; i < count; ++i) must(packer.add(line_of("a", {static_cast<std::int64_t>(i), 0}).usage(room)));
    must(packer.finish());
    DayPack pack;
    ASSERT_TRUE(must(packer.next(pack, arena)));
    EXPECT_EQ(pack.lines, count);
    const auto facts = lines_of(pack.pack);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(facts[i], line_of("a", {static_cast<std::int64_t>(i), 0}).facts()) << i;
}

}  // namespace
}  // namespace partner_bonus::test
