#include "core/attributes.hpp"

#include <gtest/gtest.h>

#include <map>

#include "arena.hpp"
#include "dice.hpp"

namespace partner_bonus::test {
namespace {

std::string word_of(std::vector<Attribute> attributes)
{
    Arena arena;
    std::span<char> room;
    const std::string_view word = must(attributes_to_word(attributes, room, arena));
    EXPECT_EQ(word.data() == nullptr, attributes.empty());
    return std::string(word);
}

TEST(Attributes, are_pieces_by_name_behind_their_lengths)
{
    EXPECT_EQ(word_of({}), "");
    EXPECT_EQ(word_of({{"team", "web"}}), "4:team3:web");
    EXPECT_EQ(word_of({{"team", "web"}, {"env", ""}, {"", "7"}}), "0:1:73:env0:4:team3:web");
    EXPECT_EQ(word_of({{"команда", "1:2"}}), "14:команда3:1:2");
    EXPECT_EQ(word_of({{"a", "1"}, {"b", "2"}}), word_of({{"b", "2"}, {"a", "1"}}));
}

TEST(Attributes, come_back_by_name)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto piece = [&dice] {
            std::string text;
            for (std::size_t left = dice.below(dice.one_in(9) ? 120 : 5); left > 0; --left) text += ":0129aж"[dice.below(8)];
            return text;
        };
        std::map<std::string, std::string> given;
        for (std::size_t left = 1 + dice.below(6); left > 0; --left) given[piece()] = piece();
        std::vector<Attribute> attributes;
        for (const auto &[name, value] : given) attributes.push_back({name, value});
        dice.shuffle(attributes);
        const std::string word = word_of(attributes);

        std::vector<Attribute> read(given.size());
        RC_ASSERT(attributes_from_word(word, {}) == static_cast<std::ptrdiff_t>(given.size()));
        RC_ASSERT(attributes_from_word(word, read) == static_cast<std::ptrdiff_t>(given.size()));
        auto expected = given.begin();
        for (const auto &[name, value] : read) {
            RC_ASSERT(name == expected->first && value == expected->second);
            ++expected;
        }
    });
}

TEST(Attributes, as_many_are_read_as_there_is_room_for)
{
    std::vector<Attribute> two(2);
    EXPECT_EQ(attributes_from_word("1:a0:1:b1:x1:c0:", two), 3);
    EXPECT_EQ(two[1].name, "b");
    EXPECT_EQ(two[1].value, "x");
}

TEST(Attributes, other_words_are_none)
{
    for (const char *word : {"", "a", ":", "1", "1:", "1:a", "1:a1", "1:a1:", "2:a1:x", "01:a1:x", "00:0:", "+1:a0:", "-1:a0:", " 1:a0:", "1:a0:x", "1;a0:", "1:a0:1:a0:",
                             "1:b0:1:a0:", "99999999999999999999999:a0:", "18446744073709551615:a0:", "1:a18446744073709551615:"})
        EXPECT_EQ(attributes_from_word(word, {}), -1) << word;
}

TEST(Attributes, room_is_used_again)
{
    Arena arena;
    std::span<char> room;
    std::vector<Attribute> first{{"a", "1"}};
    std::vector<Attribute> second{{"b", "2"}};
    const std::string value(1000, 'x');
    std::vector<Attribute> third{{"c", value}};
    must(attributes_to_word(first, room, arena));
    EXPECT_EQ(must(attributes_to_word(second, room, arena)), "1:b1:2");
    EXPECT_EQ(arena.requests(), 1U);
    EXPECT_EQ(must(attributes_to_word(third, room, arena)), "1:c1000:" + value);
    EXPECT_EQ(arena.requests(), 2U);
}

TEST(Attributes, say_when_memory_runs_out)
{
    expect_out_of_memory_at_every_request([](const Memory &memory) {
        std::span<char> room;
        std::vector<Attribute> one{{"a", "1"}};
        return attributes_to_word(one, room, memory);
    });
}

}  // namespace
}  // namespace partner_bonus::test
