#include "core/words.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "arena.hpp"
#include "bytes.hpp"
#include "core/base36.hpp"
#include "dice.hpp"

namespace partner_bonus::test {
namespace {

std::vector<std::byte> written(const std::vector<std::string_view> &words)
{
    std::vector<std::byte> room(words_room(words));
    WireWriter wire(room);
    write_words(wire, words);
    room.resize(wire.written().size());
    return room;
}

// The words of all of the bytes.
Result<Words> read(Bytes bytes, const Memory &memory, std::size_t most = 1'000'000)
{
    WireReader wire(bytes);
    auto words = read_words(wire, most, memory);
    if (words && (wire.left() > 0 || wire.ran_out())) return Errc::value_too_large;
    return words;
}

std::vector<std::byte> bytes(std::initializer_list<int> values)
{
    std::vector<std::byte> result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

bool refused(std::initializer_list<int> stored)
{
    Arena arena;
    return error_of(read(bytes(stored), arena)) == Errc::binary_malformed;
}

struct Word : std::string {
    static void draw(Dice &dice, int size, std::vector<Word> &words)
    {
        const std::vector<std::string> pieces{"", "a", "b1g", "zzzzz", "0", "-", "A", "Ж", "ж", "\xf0\x9f\x92\xb0", "kq8v7t3mzd5n0p", "{"};
        for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 4 + 2); left > 0; --left) {
            Word word;
            if (!words.empty() && dice.one_in(2)) word = dice.of(words);
            for (std::size_t more = dice.below(4); more > 0; --more) word += dice.of(pieces);
            words.push_back(word);
        }
    }
};

TEST(Words, come_back)
{
    holds([](const Series<Word> &drawn, Seed seed) {
        Dice dice = seed.dice();
        const std::set<std::string> distinct(drawn.begin(), drawn.end());
        std::vector<std::string_view> words(distinct.begin(), distinct.end());
        if (dice.one_in(3)) words.insert(words.begin(), std::string_view());
        const auto stored = written(words);
        Arena arena;
        const Words read_back = must(read(stored, arena));
        RC_ASSERT(std::ranges::equal(read_back, words));
        for (std::size_t i = 0; i < words.size(); ++i) RC_ASSERT((read_back[i].data() == nullptr) == (words[i].data() == nullptr));
        RC_ASSERT(std::is_sorted(read_back.begin(), read_back.end(), word_less));
        RC_ASSERT(read(stored, arena, words.size()));
        RC_ASSERT(words.empty() || !read(stored, arena, words.size() - 1));
    });
}

TEST(Words, damaged_bytes_are_refused_or_ascending_words)
{
    holds([](const Series<Word> &drawn, Seed seed) {
        Dice dice = seed.dice();
        const std::set<std::string> distinct(drawn.begin(), drawn.end());
        const auto changed = tampered(written({distinct.begin(), distinct.end()}), dice);
        Arena arena;
        const auto words = read(changed, arena);
        if (!words) return;
        for (std::size_t i = 0; i < words->size(); ++i) {
            if (i > 0) RC_ASSERT(word_less((*words)[i - 1], (*words)[i]));
            RC_ASSERT(is_utf8_text((*words)[i]));
        }
    });
}

TEST(Words, stored_form_is_frozen)
{
    EXPECT_EQ(hex(written({})), "00");
    EXPECT_EQ(hex(written({{}})), "03") << "a missing word";
    EXPECT_EQ(hex(written({""})), "020000");
    EXPECT_EQ(hex(written({{}, "", "Web", "Wet"})), "09" "0000" "0006576562" "0203" "1d");
    EXPECT_EQ(hex(written({"zzzzz"})), "02" "000b" "ffa39a03") << "60,466,175 in 26 bits";
    EXPECT_EQ(hex(written({"10-", "10a"})), "04" "000631302d" "02030a");
}

TEST(Words, order)
{
    EXPECT_TRUE(word_less({}, ""));
    EXPECT_FALSE(word_less("", {}));
    EXPECT_FALSE(word_less({}, {}));
    EXPECT_TRUE(word_less("", "a"));
    EXPECT_TRUE(word_less("z", "\xc3\xa9"));
}

TEST(Words, malformed_bytes_are_refused)
{
    EXPECT_TRUE(refused({0x01})) << "missing, of no words";
    EXPECT_TRUE(refused({0x02})) << "no bytes";
    EXPECT_TRUE(refused({0x02, 0x00}));
    EXPECT_TRUE(refused({0x02, 0x00, 0x02})) << "one byte is told";
    EXPECT_TRUE(refused({0x02, 0x01, 0x00})) << "shares with nothing";
    EXPECT_TRUE(refused({0x04, 0x00, 0x02, 'A', 0x02, 0x02, 'A'})) << "shares more than there is";
    EXPECT_TRUE(refused({0x04, 0x00, 0x02, 'B', 0x00, 0x02, 'A'})) << "descending";
    EXPECT_TRUE(refused({0x04, 0x00, 0x02, 'A', 0x01, 0x00})) << "twice";
    EXPECT_TRUE(refused({0x04, 0x00, 0x00, 0x00, 0x00})) << "the empty word twice";
    EXPECT_TRUE(refused({0x40, 0x00, 0x00})) << "more words than bytes";
    EXPECT_TRUE(refused({0x02, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 'A'})) << "longer than any";
    EXPECT_TRUE(refused({0x02, 0x00, 0x02, 0x00})) << "NUL";
    EXPECT_TRUE(refused({0x02, 0x00, 0x02, 0xc3})) << "no UTF-8";
    EXPECT_TRUE(refused({0x02, 0x00, 0x0b, 0x00, 0xa4, 0x9a, 0x03})) << "a group that stands for no characters";
    EXPECT_TRUE(refused({0x02, 0x00, 0x03, 36})) << "a character that is none";
    EXPECT_TRUE(refused({0x02, 0x00, 0x0b, 0x00, 0xa4, 0x9a})) << "a group cut off";
    EXPECT_TRUE(refused({0x80})) << "a number cut off";
    // The same words in other forms.
    EXPECT_TRUE(refused({0x82, 0x00, 0x00, 0x02, 'A'})) << "a longer number of words";
    EXPECT_TRUE(refused({0x02, 0x80, 0x00, 0x02, 'A'})) << "a longer number of what is shared";
    EXPECT_TRUE(refused({0x02, 0x00, 0x82, 0x00, 'A'})) << "a longer number of the rest";
    EXPECT_TRUE(refused({0x04, 0x00, 0x04, 'A', 'B', 0x00, 0x04, 'A', 'C'})) << "shares less than it could";
    EXPECT_TRUE(refused({0x02, 0x00, 0x02, 'a'})) << "not packed";
    EXPECT_TRUE(refused({0x02, 0x00, 0x01})) << "nothing, packed";
    EXPECT_TRUE(refused({0x02, 0x00, 0x03, 0x4a})) << "a bit behind the characters";
    // Words that share a part of a character.
    EXPECT_TRUE(refused({0x04, 0x00, 0x04, 0xc3, 0xa8, 0x01, 0x03, 0x0a})) << "half a character";
    Arena arena;
    EXPECT_EQ(must(read(bytes({0x04, 0x00, 0x04, 0xc3, 0xa8, 0x01, 0x02, 0xa9}), arena)).back(), "é");
}

TEST(Words, take_off_the_bytes_that_are_left)
{
    const auto stored = written({"Web", "Wet"});
    for (const std::size_t room : {std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
        Arena arena;
        WireReader wire(stored);
        std::size_t bytes_left = room;
        EXPECT_EQ(static_cast<bool>(read_words(wire, 2, bytes_left, arena)), room >= 6);
        EXPECT_EQ(bytes_left, room >= 6 ? room - 6 : room);
    }
}

TEST(Words, all_together_are_bounded)
{
    // A word of 64 kB, then more that share all of it.
    std::vector<std::byte> stored(200'000);
    WireWriter wire(stored);
    const auto size = std::size_t{1} << 16;
    const std::size_t count = max_words_bytes / size;
    wire.varint(2 * count);
    wire.varint(0);
    wire.varint(2 * size);
    for (std::size_t i = 0; i < size; ++i) wire.byte('A');
    for (std::size_t i = 1; i < count; ++i) {
        wire.varint(size + i - 1);
        wire.varint(2);
        wire.byte('A');
    }
    Arena arena;
    EXPECT_EQ(error_of(read(wire.written(), arena)), Errc::binary_malformed);
    EXPECT_EQ(arena.requests(), 0U) << "told before there is room for it";
}

TEST(Words, say_when_memory_runs_out)
{
    const auto stored = written({{}, "a", "b"});
    expect_out_of_memory_at_every_request([&](const Memory &memory) { return read(stored, memory); });
}

TEST(Words, texts_are_utf8_without_nul)
{
    for (const char *text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                             "\xf4\x8f\xbf\xbf", "aЖ\xf0\x9f\x92\xb0z"})
        EXPECT_TRUE(is_utf8_text(text)) << text;
    for (const char *text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80\x7f", "\xe1\x7f\x80", "\xe0\xa0", "\xed\xa0\x80",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf1\x80\x80", "\xf1\x80\x80\x7f", "\xf1\x80\x7f\x80", "\xf1\x7f\x80\x80", "\xff", "a\xc3"})
        EXPECT_FALSE(is_utf8_text(text)) << text;
    EXPECT_FALSE(is_utf8_text(std::string_view("a\0b", 3)));
}

// Every code point, its surrogates left out, as bytes by themselves.
TEST(Words, every_character_is_text)
{
    for (unsigned point = 1; point < 0x11'0000; ++point) {
        std::string text;
        const auto rest = [&](int shift) { text += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else if (point < 0x800) {
            text += static_cast<char>(0xc0 | point >> 6);
            rest(0);
        } else if (point < 0x1'0000) {
            text += static_cast<char>(0xe0 | point >> 12);
            rest(6), rest(0);
        } else {
            text += static_cast<char>(0xf0 | point >> 18);
            rest(12), rest(6), rest(0);
        }
        ASSERT_EQ(is_utf8_text(text), point < 0xd800 || point > 0xdfff) << point;
    }
}

TEST(Base36, takes_lower_case_letters_and_digits)
{
    EXPECT_TRUE(is_base36("0az9"));
    for (const char *text : {"", "A", "a-", "/", ":", "`", "{", "ж"}) EXPECT_FALSE(is_base36(text)) << text;
}

TEST(Base36, takes_as_few_bits_as_there_are)
{
    const std::vector<std::size_t> sizes{0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7};  // 0, 6, 11, 16, 21, 26 bits; 32 ...
    for (std::size_t characters = 0; characters < sizes.size(); ++characters) EXPECT_EQ(base36_bytes(characters), sizes[characters]) << characters;
    for (std::size_t characters = 1; characters <= base36_group; ++characters) {
        EXPECT_EQ(base36_limits[characters], base36_limits[characters - 1] * 36);
        EXPECT_LE(base36_limits[characters], 1U << base36_bits[characters]);
        EXPECT_GT(base36_limits[characters], 1U << (base36_bits[characters] - 1));
    }
}

TEST(Base36, every_id_returns)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        std::string id(1 + dice.below(30), '0');
        for (char &c : id) c = "0123456789abcdefghijklmnopqrstuvwxyz"[dice.below(36)];
        std::array<std::byte, 32> room{};
        WireWriter writer(room);
        write_base36(writer, id);
        RC_ASSERT(writer.written().size() == base36_bytes(id.size()));
        std::string again(id.size(), '?');
        RC_ASSERT(read_base36(writer.written(), again) && again == id);
    });
}

TEST(WordTable, numbers_texts_as_they_come)
{
    holds([](const Series<Word> &texts) {
        Arena arena;
        WordTable table(arena);
        std::map<std::string, std::uint32_t> numbers;
        std::size_t bytes_of_all = 0;
        for (const Word &text : texts) {
            const auto [place, fresh] = numbers.emplace(text, static_cast<std::uint32_t>(numbers.size()));
            if (fresh) bytes_of_all += text.size();
            RC_ASSERT(must(table.number(text)) == place->second);
            RC_ASSERT(table.words()[place->second] == text && table.words().size() == numbers.size());
            RC_ASSERT(table.words()[place->second].data() != nullptr);
        }
        RC_ASSERT(table.bytes() == bytes_of_all);
        for (const auto &[text, number] : numbers) RC_ASSERT(must(table.number(text)) == number);
    });
}

TEST(WordTable, a_missing_text_is_no_empty_one)
{
    Arena arena;
    WordTable table(arena);
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(must(table.number({})), 0U);
        EXPECT_EQ(must(table.number("")), 1U);
    }
    EXPECT_EQ(table.words()[0].data(), nullptr);
    EXPECT_NE(table.words()[1].data(), nullptr);
}

TEST(WordTable, grows)
{
    Arena arena;
    WordTable table(arena);
    const auto text = [](std::uint32_t i) { return std::string(i % 90, 'x') + std::to_string(i); };
    for (std::uint32_t i = 0; i < 20'000; ++i) ASSERT_EQ(must(table.number(text(i))), i);
    EXPECT_EQ(must(table.number(std::string(200'000, 'y'))), 20'000U) << "larger than a block";
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        ASSERT_EQ(must(table.number(text(i))), i);
        ASSERT_EQ(table.words()[i], text(i));
    }
}

TEST(WordTable, says_when_memory_runs_out)
{
    expect_out_of_memory_at_every_request([](const Memory &memory) -> Result<std::uint32_t> {
        WordTable table(memory);
        Result<std::uint32_t> last = table.number("a");
        for (int i = 0; i < 100 && last; ++i) last = table.number(std::string(100, 'x') + std::to_string(i));
        return last;
    });
}

}  // namespace
}  // namespace partner_bonus::test
