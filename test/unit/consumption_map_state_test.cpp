#include "core/consumption_map_state.hpp"

#include <gtest/gtest.h>

#include <array>

#include "map_values.hpp"

namespace partner_bonus::test {
namespace {

const KeyTexts first_key{"account1", "svc", "sku1", "RUB", "Usage"};
const KeyTexts second_key{"account2", "svc", "sku1", "RUB", "Usage"};

Used use(const KeyTexts &key, int128 cost, int scale = 0) { return {key, {cost, scale}, {}, {}, {}}; }

Used rewarded(const KeyTexts &key, int128 reward, int scale = 0)
{
    Used used = use(key, 0);
    used.reward = {{reward, scale}, true};
    return used;
}

MapEntry only_entry(Bytes map, const Memory &memory)
{
    ConsumptionMapReader reader = must(ConsumptionMapReader::open(map, memory));
    EXPECT_EQ(reader.left(), 1U);
    MapEntry entry;
    EXPECT_TRUE(reader.next(entry));
    return entry;
}

TEST(ConsumptionMapState, adds_up_days_of_keys)
{
    Arena arena;
    Used with_credits = use(first_key, 1050, 2);
    with_credits.credit = {-3, 0};
    with_credits.grant_credit = {-1, 0};
    const Bytes map = map_of({{9770, false, {with_credits, use(second_key, 5), use(second_key, 6)}},
                              {9771, false, {use(first_key, 1)}},
                              {9772, false, {use(second_key, 7)}},
                              {9771, true, {use(first_key, 3)}}},
                             arena);
    ConsumptionMapReader reader = must(ConsumptionMapReader::open(map, arena));
    EXPECT_EQ(reader.words()[0].size(), 2U);
    EXPECT_EQ(reader.words()[4].size(), 1U);
    MapEntry entry;
    ASSERT_TRUE(reader.next(entry));
    EXPECT_EQ(reader.words()[0][entry.key[0]], "account1");
    EXPECT_EQ(text_of(entry.consumption), "{2026-10-01: 10.5/-1/-2, 2026-10-02: -2/0/0}");
    EXPECT_EQ(entry.lines, 1);
    EXPECT_FALSE(entry.reward.given);
    ASSERT_TRUE(reader.next(entry));
    EXPECT_EQ(text_of(entry.consumption), "{2026-10-01: 11/0/0, 2026-10-03: 7/0/0}");
    EXPECT_EQ(entry.lines, 3);
    EXPECT_FALSE(reader.next(entry));
}

TEST(ConsumptionMapState, is_the_sum_of_the_lines_in_any_order_of_packs)
{
    holds([](Packs packs, Seed seed) {
        Arena arena;
        const Bytes map = map_of(packs, arena);
        RC_ASSERT(has(map, sums_of(packs)));
        RC_ASSERT(same(must(consumption_map_from_binary(map, arena)), map));
        Dice dice = seed.dice();
        dice.shuffle(packs);
        for (DayLines &day : packs) dice.shuffle(day.lines);
        RC_ASSERT(same(map_of(packs, arena), map));
    });
}

TEST(ConsumptionMapState, may_be_stored_and_added_to_again)
{
    Arena arena;
    const DayLines one{9770, false, {use(first_key, 1)}};
    const DayLines two{9771, false, {use(second_key, 2)}};
    ConsumptionMapState *state = must(ConsumptionMapState::create(arena));
    must(add_packs(*state, {one}));
    EXPECT_TRUE(same(must(state->store(arena)), map_of({one}, arena)));
    must(add_packs(*state, {two}));
    EXPECT_TRUE(same(must(state->store(arena)), map_of({one, two}, arena)));
}

TEST(ConsumptionMapState, what_is_taken_off_again_leaves_nothing)
{
    Arena arena;
    const DayLines added{9770, false, {use(first_key, 1), rewarded(second_key, 2)}};
    const DayLines taken_off{9770, true, added.lines};
    const DayLines other{9770, false, {use(second_key, 3)}};
    EXPECT_TRUE(same(map_of({added, taken_off}, arena), map_of({}, arena)));
    // A reward stays known, though: lines had one.
    const MapEntry entry = only_entry(map_of({added, taken_off, other}, arena), arena);
    EXPECT_EQ(entry.lines, 1);
    EXPECT_TRUE(entry.reward.given);
    EXPECT_EQ(entry.reward.value.units, 0);
    EXPECT_EQ(text_of(entry.consumption), "{2026-10-01: 3/0/0}");
}

TEST(ConsumptionMapState, keys_stay_while_lines_or_reward_or_days_do)
{
    Arena arena;
    EXPECT_EQ(only_entry(map_of({{9770, false, {use(first_key, 0)}}}, arena), arena).lines, 1);
    const MapEntry moved = only_entry(map_of({{9770, false, {use(first_key, 1)}}, {9771, true, {use(first_key, 1)}}}, arena), arena);
    EXPECT_EQ(moved.lines, 0);
    EXPECT_EQ(text_of(moved.consumption), "{2026-10-01: 1/0/0, 2026-10-02: -1/0/0}");
    const MapEntry dearer =
        only_entry(map_of({{9770, false, {rewarded(first_key, 15, 1)}}, {9771, true, {rewarded(first_key, 1)}}}, arena), arena);
    EXPECT_EQ(dearer.lines, 0);
    EXPECT_EQ(dearer.reward.value.units, 5);
    EXPECT_EQ(dearer.reward.value.scale, 1);
}

TEST(ConsumptionMapState, refuses_days_beyond_the_calendar_and_what_is_no_pack)
{
    Arena arena;
    ConsumptionMapState *state = must(ConsumptionMapState::create(arena));
    const Bytes empty = pack({}, arena);
    EXPECT_EQ(error_of(state->add(empty, last_day + 1, false, arena)), Errc::day_out_of_range);
    EXPECT_EQ(error_of(state->add(empty, first_day - 1, false, arena)), Errc::day_out_of_range);
    EXPECT_TRUE(state->add(empty, last_day, false, arena));
    EXPECT_EQ(error_of(state->add({}, 0, false, arena)), Errc::binary_malformed);
    EXPECT_EQ(error_of(state->add(empty.first(PackDirectory::bytes_needed(empty) - 1), 0, false, arena)), Errc::binary_malformed);
}

// Changes each byte of a directory in turn. Most of that shows, at once or when sums are read; nothing else may happen.
TEST(ConsumptionMapState, damaged_directories_do_no_harm)
{
    Arena arena;
    const Bytes whole = pack({use(first_key, 1'000'000), rewarded(second_key, int128{1} << 66), use({"a", "", "b", "", ""}, 7)}, arena);
    int at_once = 0;
    int in_the_end = 0;
    for (std::size_t at = 0; at < PackDirectory::bytes_needed(whole); ++at)
        for (const int change : {1, 0x80, 0xff}) {
            std::vector<std::byte> bytes(whole.begin(), whole.end());
            bytes[at] ^= static_cast<std::byte>(change);
            ConsumptionMapState *state = must(ConsumptionMapState::create(arena));
            must(state->add(whole, 1, false, arena));
            if (const Status added = state->add(bytes, 0, false, arena); !added) {
                EXPECT_EQ(added.error().code, Errc::binary_malformed);
                ++at_once;
            } else if (const auto map = state->store(arena); !map) {
                EXPECT_TRUE(map.error().code == Errc::binary_malformed || map.error().code == Errc::amount_out_of_range);
                ++in_the_end;
            } else {
                EXPECT_TRUE(consumption_map_from_binary(*map, arena));
            }
        }
    EXPECT_GT(at_once, 20);
    EXPECT_GT(in_the_end, 5);
}

TEST(ConsumptionMapState, sums_beyond_64_bits_and_beyond_the_range)
{
    Arena arena;
    const Amount most = max_line_amount;  // of a line
    const auto lines = [&](int count, int128 units, int scale) {
        return std::vector<Used>(static_cast<std::size_t>(count), use(first_key, units, scale));
    };
    const auto refused_on = [&](const std::vector<DayLines> &packs) {
        const auto map = try_map(packs, arena);
        EXPECT_EQ(error_of(map), Errc::amount_out_of_range);
        return map.error().at;
    };
    const DayLines large{9770, false, lines(150, most, amount_scale)};
    EXPECT_EQ(text_of(only_entry(map_of({{9769, false, lines(1, 5, 1)}, large}, arena), arena).consumption),
              "{2026-09-30: 0.5/0/0, 2026-10-01: 150000000000000000000/0/0}");
    EXPECT_EQ(refused_on({large, large}), 9770);
    // With few decimals 128 bits would hold more than an amount may be.
    const DayLines round{9771, false, lines(150, 1'000'000'000'000'000'000, 0)};
    EXPECT_EQ(refused_on({round, round}), 9771);
    EXPECT_TRUE(try_map({round, {9771, true, lines(150, 1'000'000'000'000'000'000, 0)}, round}, arena));
    // Brought to the decimals of another pack.
    const DayLines fine{9772, false, lines(1, 1, amount_scale)};
    EXPECT_TRUE(try_map({round, fine}, arena));
    EXPECT_EQ(refused_on({round, round, fine}), 9771);
    EXPECT_EQ(refused_on({{9771, false, lines(175, 1'000'000'000'000'000'000, 0)}, fine}), 9771);
    // Each fits into 64 bits, their sum does not.
    const DayLines nearly{9771, false, lines(9, 1'000'000'000'000'000'000, 0)};
    EXPECT_EQ(text_of(only_entry(map_of({nearly, nearly}, arena), arena).consumption), "{2026-10-02: 18000000000000000000/0/0}");
}

TEST(ConsumptionMapState, credits_and_reward_beyond_the_range)
{
    Arena arena;
    const int128 much = int128{1'000'000'000'000'000'000};
    Used granted = use(first_key, 0);
    granted.grant_credit = granted.credit = {much, 0};
    Used credited = use(first_key, 0);
    credited.credit = {much, 0};
    for (const Used &used : {granted, credited}) {
        const DayLines large{9770, false, std::vector<Used>(150, used)};
        const DayLines fine{9770, false, {use(second_key, 1, amount_scale)}};
        EXPECT_TRUE(try_map({large, fine}, arena));
        EXPECT_EQ(error_of(try_map({large, large}, arena)), Errc::amount_out_of_range);
        EXPECT_EQ(error_of(try_map({large, large, fine}, arena)), Errc::amount_out_of_range);
    }
    const DayLines round{9770, false, {rewarded(first_key, 150 * much)}};
    const DayLines fine{9770, false, {rewarded(first_key, 1, amount_scale)}};
    EXPECT_TRUE(try_map({round, fine}, arena));
    for (const auto &packs : {std::vector<DayLines>{round, round}, std::vector<DayLines>{round, round, fine}}) {
        const auto map = try_map(packs, arena);
        EXPECT_EQ(error_of(map), Errc::amount_out_of_range);
        EXPECT_FALSE(map.error().subject.empty()) << "no day is to blame";
    }
}

TEST(ConsumptionMapState, says_when_memory_runs_out)
{
    Arena whole;
    const std::array<Bytes, 2> packs{pack({use(first_key, 1), use(second_key, 2)}, whole), pack({use(second_key, 3)}, whole)};
    expect_out_of_memory_at_every_request([&](const Memory &memory) -> Result<Bytes> {
        PARTNER_BONUS_TRY(state, ConsumptionMapState::create(memory));
        for (const Bytes bytes : packs) {
            PARTNER_BONUS_TRY(added, state->add(bytes, 0, false, memory));
            (void)added;
        }
        return state->store(memory);
    });
}

}  // namespace
}  // namespace partner_bonus::test
