#include "core/pack_account.hpp"

#include <gtest/gtest.h>

#include <map>

#include "pack_values.hpp"

namespace partner_bonus::test {
namespace {

// Each account has the lines that the whole pack has of it.
void expect_accounts(Bytes pack)
{
    Arena arena;
    struct Expected {
        std::size_t from;
        std::vector<Facts> facts;
    };
    std::map<std::string, Expected> accounts;
    std::size_t place = 0;
    for (const Facts &facts : lines_of(pack)) {
        const auto [account, first] = accounts.try_emplace(facts[pack_text::account_id].substr(1), Expected{place, {}});
        account->second.facts.push_back(facts);
        ++place;
    }
    for (const auto &[account, expected] : accounts) {
        const AccountLines lines = must(read_account(pack, account, arena));
        EXPECT_EQ(lines.from, expected.from);
        EXPECT_EQ(lines_of(lines.columns, arena), expected.facts) << account;
    }
    for (const std::string_view other : {"", "no such account", "\x7f"})
        EXPECT_EQ(must(read_account(pack, other, arena)).columns.lines > 0, accounts.contains(std::string(other)));
}

// Three accounts, so many lines that marks are read in several steps; every form of a column.
std::vector<OwnLine> three_accounts(int lines)
{
    std::vector<OwnLine> all;
    for (int i = 0; i < lines; ++i) {
        OwnLine line;
        const std::array<const char *, pack_text::key_end> key{"account", "compute", "cpu", "RUB", "Usage"};
        for (std::size_t column = 0; column < key.size(); ++column) line.texts[column] = key[column];
        line.texts[pack_text::account_id] = "account" + std::to_string(i * 3 / lines);
        line.texts[pack_text::sku_id] = "sku" + std::to_string(i / 9 % 4);
        line.texts[pack_text::folder_id] = "folder" + std::to_string(i / 50);
        line.texts[pack_text::resource_id] = "res" + std::to_string(i * 7 % 5);
        line.required[0] = {1 + i * 1000, 2};
        if (i % 10 == 0) line.required[2] = {-i - 1, 1};
        if (i % 3 != 0) line.optional[0] = {{i + 1, 0}, true};
        if (i % 3 != 0) line.optional[1] = {{i % 7 == 0 ? i : 0, 0}, true};
        line.optional[4] = {{power_of_ten(20) + i, 18}, true};
        if (i % 5 == 0) line.attributes = {{"env", "prod"}};
        all.push_back(line);
    }
    return all;
}

TEST(PackAccount, has_the_lines_of_the_account)
{
    for (const int lines : {3, 40, 400}) {
        Arena arena;
        expect_accounts(pack_of(three_accounts(lines), arena));
    }
}

TEST(PackAccount, an_empty_pack_has_no_account)
{
    Arena arena;
    expect_accounts(must(empty_pack(arena)));
}

TEST(PackAccount, holds_for_any_lines)
{
    holds([](Lines lines) {
        Arena arena;
        lines.resize(std::min<std::size_t>(lines.size(), 6));
        for (OwnLine &line : lines) line.day = 0;
        expect_accounts(lines.empty() ? must(empty_pack(arena)) : pack_of(lines, arena));
        RC_ASSERT(!::testing::Test::HasFailure());
    });
}

TEST(PackAccount, damage_is_told)
{
    Arena arena;
    const Bytes pack = pack_of(three_accounts(12), arena);
    std::vector<std::byte> changed(pack.begin(), pack.end());
    for (std::size_t at = 0; at < pack.size(); ++at) {
        changed[at] ^= std::byte{1};
        EXPECT_FALSE(read_account(changed, "account1", arena)) << at;
        changed[at] = pack[at];
    }
}

// Changes each byte, and cuts off each part: how often the lines of an account are refused.
std::size_t refused_of_forged(Bytes pack)
{
    const Pieces right = Pieces::of(pack);
    std::size_t refused = 0;
    for (const auto part : {&Pieces::directory, &Pieces::content, &Pieces::remarks}) {
        Pieces pieces = right;
        const auto look = [&] {
            Arena fleeting;
            const auto forged = pieces.sealed();
            for (const std::string_view account : {"account0", "account1"}) {
                const auto read = read_account(forged, account, fleeting);
                refused += !read;
                if (read) (void)lines_of(read->columns, fleeting);
            }
        };
        for (std::size_t at = 0; at < (right.*part).size(); ++at) {
            for (unsigned change = 1; change < 256; change += change < 8 ? 1 : 31) {
                (pieces.*part)[at] = (right.*part)[at] ^ static_cast<std::byte>(change);
                look();
            }
            (pieces.*part)[at] = (right.*part)[at];
        }
        for (std::size_t size = 0; size < (right.*part).size(); ++size) {
            (pieces.*part).resize((right.*part).size());
            std::copy((right.*part).begin(), (right.*part).end(), (pieces.*part).begin());
            (pieces.*part).resize(size);
            look();
        }
    }
    return refused;
}

// With a checksum that is right, anything may stand in a pack: it is refused, or can be read.
TEST(PackAccount, forged_bytes_are_refused_or_can_be_read)
{
    Arena arena;
    EXPECT_GT(refused_of_forged(pack_of(three_accounts(70), arena)), 1000U);
    auto greatest = three_accounts(3);
    for (OwnLine &line : greatest) line.optional[4] = {{170 * power_of_ten(18), 0}, true};  // a little more is beyond 128 bits
    EXPECT_GT(refused_of_forged(pack_of(greatest, arena)), 1000U);
}

TEST(PackAccount, says_when_memory_runs_out)
{
    Arena arena;
    const Bytes pack = pack_of(three_accounts(70), arena);
    expect_out_of_memory_at_every_request([pack](const Memory &memory) { return read_account(pack, "account1", memory); });
}

}  // namespace
}  // namespace partner_bonus::test
