#include "core/pack_directory.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "map_values.hpp"

namespace partner_bonus::test {
namespace {

// A directory written part by part, as a forger would.
struct Forged {
    std::uint8_t version = pack_version;
    std::uint64_t size_beyond = 0;
    std::array<std::vector<std::string_view>, pack_key_columns> words{{{"a", "b", "c"}, {"s"}, {"x", "y"}, {"EUR"}, {"Usage"}}};
    uint128 more_words = 0;  // than there are, in the first dictionary
    uint128 count = 2;
    std::vector<uint128> steps{0, 3};
    std::array<std::uint8_t, 4> scales{2, 0, 18, 1};
    // head (lines * 32 + 16 if rewarded + marks) and what it marks
    std::vector<uint128> sums{32 + 1, zigzag(150), 64 + 16 + 8 + 4 + 2, zigzag(-3), zigzag(7), zigzag(25)};

    std::vector<std::byte> pack() const
    {
        std::vector<std::byte> room(4000);
        WireWriter inner(room);
        for (const auto &column : words) {
            std::vector<std::byte> dictionary(500);
            WireWriter wire(dictionary);
            write_words(wire, column);
            if (&column == words.data() && more_words > 0) {
                wire = WireWriter(dictionary);
                wire.varint((column.size() + more_words) * 2);
            }
            inner.varint(wire.written().size());
            inner.bytes(wire.written());
        }
        inner.varint(count);
        std::vector<std::byte> key_room(200);
        WireWriter keys(key_room);
        for (const uint128 step : steps) keys.varint(step);
        inner.varint(keys.written().size());
        inner.bytes(keys.written());
        for (const std::uint8_t scale : scales) inner.byte(scale);
        for (const uint128 number : sums) inner.varint(number);

        std::vector<std::byte> bytes(5000);
        WireWriter wire(bytes);
        wire.byte(version);
        wire.fixed64(0);
        wire.varint(3);
        wire.varint(inner.written().size() + size_beyond);
        wire.varint(0);
        wire.varint(0);
        wire.bytes(inner.written());
        bytes.resize(wire.written().size());
        return bytes;
    }
};

// How many keys and how many sums can be read before something is wrong; the number of keys when nothing is.
struct ReadSoFar {
    int keys, sums;
    bool operator==(const ReadSoFar &) const = default;
};

std::ostream &operator<<(std::ostream &out, const ReadSoFar &read) { return out << read.keys << " keys, " << read.sums << " sums"; }

ReadSoFar read(const Forged &forged)
{
    const auto pack = forged.pack();
    PackDirectory keys = must(PackDirectory::open(pack));
    PackDirectory sums = keys;
    PackDirectory both = keys;
    PackDirectory lines = keys;
    ReadSoFar result{0, 0};
    for (DirectoryKey key; keys.next_key(key);) ++result.keys;
    for (KeySums each; sums.next_sums(each);) ++result.sums;
    int entries = 0;
    for (DirectoryEntry entry; both.next(entry);) ++entries;
    EXPECT_EQ(entries, std::min(result.keys, result.sums));
    // Numbers of lines are read without a look at the sums beside them.
    int line_counts = 0;
    std::uint32_t count = 0;
    for (; lines.next_lines(count); ++line_counts) EXPECT_LE(count, max_pack_lines);
    EXPECT_GE(line_counts, result.sums);
    EXPECT_FALSE(lines.next_lines(count));
    EXPECT_EQ(lines.failed(), line_counts < static_cast<int>(forged.count));
    DirectoryEntry none;
    EXPECT_FALSE(keys.next_key(none.key) || sums.next_sums(none) || both.next(none));
    EXPECT_EQ(keys.failed(), result.keys < static_cast<int>(forged.count));
    EXPECT_EQ(sums.failed(), result.sums < static_cast<int>(forged.count));
    EXPECT_EQ(both.failed(), keys.failed() || sums.failed());
    return result;
}

bool opens(const Forged &forged)
{
    const auto pack = forged.pack();
    const auto directory = PackDirectory::open(pack);
    EXPECT_TRUE(directory || directory.error().code == Errc::binary_malformed);
    return static_cast<bool>(directory);
}

TEST(PackDirectory, tells_what_was_written)
{
    Arena arena;
    const auto pack = Forged().pack();
    PackDirectory directory = must(PackDirectory::open(pack));
    EXPECT_EQ(PackDirectory::bytes_needed(pack), pack.size());
    EXPECT_EQ(PackDirectory::bytes_needed(Bytes(pack).first(PackDirectory::head_bytes)), pack.size());
    EXPECT_EQ(directory.keys(), 2U);
    EXPECT_EQ(directory.word_count(0), 3U);
    EXPECT_EQ(must(directory.words(2, arena))[1], "y");
    EXPECT_EQ(hex(directory.key_bytes()), "0003");
    EXPECT_EQ(directory.scales().of_amounts(), 18);
    EXPECT_EQ(directory.scales().reward, 1);
    DirectoryEntry entry;
    ASSERT_TRUE(directory.next(entry));
    EXPECT_EQ(entry.key, DirectoryKey());
    EXPECT_EQ(entry.lines, 1U);
    EXPECT_EQ(entry.cost, 150);
    EXPECT_FALSE(entry.rewarded);
    ASSERT_TRUE(directory.next(entry));
    EXPECT_EQ(entry.key, (DirectoryKey{1, 0, 1, 0, 0}));
    EXPECT_EQ(entry.lines, 2U);
    EXPECT_TRUE(entry.cost == 0 && entry.grant_credit == -3 && entry.other_credit == 7 && entry.reward == 25 && entry.rewarded);
    EXPECT_FALSE(directory.next(entry));
    EXPECT_FALSE(directory.failed());
}

TEST(PackDirectory, agrees_with_the_lines)
{
    holds([](const Packs &packs) {
        for (const DayLines &day : packs) {
            Arena arena;
            const DayLines added{0, false, day.lines};
            const Bytes whole = pack(added.lines, arena);
            PackDirectory directory = must(PackDirectory::open(whole));
            const auto sums = sums_of({added});
            RC_ASSERT(directory.keys() >= sums.size());
            std::int64_t lines = 0;
            for (DirectoryEntry entry; directory.next(entry); lines += entry.lines) {
                KeyTexts key;
                for (std::size_t column = 0; column < key.size(); ++column) key[column] = must(directory.words(column, arena))[entry.key[column]];
                const KeySum &sum = sums.at(key);
                RC_ASSERT(entry.lines == sum.lines && entry.rewarded == sum.reward.has_value());
                RC_ASSERT(at_full_scale({entry.reward, directory.scales().reward}) == sum.reward.value_or(0));
            }
            RC_ASSERT(!directory.failed() && lines == static_cast<std::int64_t>(added.lines.size()));
        }
    });
}

TEST(PackDirectory, is_not_opened_when_its_measures_are_wrong)
{
    EXPECT_TRUE(opens({}));
    EXPECT_EQ(PackDirectory::bytes_needed({}), 0U);
    EXPECT_FALSE(opens({.version = pack_version + 1}));
    EXPECT_FALSE(opens({.size_beyond = 1}));
    EXPECT_FALSE(opens({.size_beyond = std::uint64_t{1} << 40}));
    EXPECT_FALSE(opens({.more_words = max_pack_lines}));
    EXPECT_FALSE(opens({.count = 3}));
    EXPECT_FALSE(opens({.scales = {19, 0, 0, 0}}));
    EXPECT_FALSE(opens({.scales = {0, 0, 0, 19}}));
    const auto whole = Forged().pack();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto directory = PackDirectory::open(Bytes(whole).first(size));
        ASSERT_EQ(error_of(directory), Errc::binary_malformed) << size;
    }
    // The size is right, but the dictionaries, the keys or the scales are longer, or more.
    auto cut = Forged{.words = {}, .count = 0, .steps = {}, .sums = {}}.pack();
    ASSERT_TRUE(PackDirectory::open(cut));
    for (const std::size_t at : {13U, 15U, 17U, 19U, 21U, 23U, 24U, 25U, 28U}) {
        auto changed = cut;
        changed[at] = std::byte{0x7f};
        EXPECT_FALSE(PackDirectory::open(changed)) << at;
    }
}

TEST(PackDirectory, words_that_are_none_are_refused)
{
    Arena arena;
    const auto pack = Forged{.more_words = 5}.pack();
    EXPECT_EQ(error_of(must(PackDirectory::open(pack)).words(0, arena)), Errc::binary_malformed);
}

TEST(PackDirectory, reading_stops_where_keys_or_sums_are_wrong)
{
    EXPECT_EQ(read({}), (ReadSoFar{2, 2}));
    EXPECT_EQ(read({.steps = {3, 0}}), (ReadSoFar{1, 2})) << "a key twice";
    EXPECT_EQ(read({.steps = {3, 3}}), (ReadSoFar{1, 2})) << "the fourth of three words";
    EXPECT_EQ(read({.steps = {3, 8}}), (ReadSoFar{1, 2})) << "beyond the bits of a key";
    EXPECT_EQ(read({.steps = {3, ~uint128{0}}}), (ReadSoFar{1, 2})) << "round to where it was";
    EXPECT_EQ(read({.words = {{{"a"}, {"s", "t", "u"}, {"x", "y"}, {"EUR"}, {"Usage"}}}, .steps = {0, 7}}), (ReadSoFar{1, 2}));
    const std::vector<std::string_view> five{"p", "q", "r", "s", "t"};
    EXPECT_EQ(read({.words = {{{"a", "b", "c"}, five, five, {"EUR"}, {"Usage"}}}, .steps = {128}}), (ReadSoFar{1, 2})) << "no more bytes";
    EXPECT_EQ(read({.sums = {32, (max_pack_lines + 1) * 32}}), (ReadSoFar{2, 1})) << "more lines than a pack has";
    EXPECT_EQ(read({.sums = {32 + 8, zigzag(1), 32}}), (ReadSoFar{2, 0})) << "a reward that no line has";
    EXPECT_EQ(read({.sums = {32 + 1}}), (ReadSoFar{2, 0})) << "no more bytes";
    EXPECT_EQ(read({.sums = {32}}), (ReadSoFar{2, 1}));
}

}  // namespace
}  // namespace partner_bonus::test
