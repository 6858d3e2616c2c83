#include "core/key_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "arena.hpp"
#include "dice.hpp"

namespace partner_bonus::test {
namespace {

using Table = KeyTable<2>;

TEST(KeyTable, places_are_given_in_the_order_of_coming)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        Arena arena;
        Table table(arena);
        std::map<Table::Key, std::uint32_t> places;
        const auto most = dice.between(1, 20);
        for (std::size_t left = dice.below(200); left > 0; --left) {
            const Table::Key key{static_cast<std::uint32_t>(dice.between(0, most)), static_cast<std::uint32_t>(dice.between(0, most))};
            const auto place = places.emplace(key, static_cast<std::uint32_t>(places.size())).first->second;
            RC_ASSERT(must(table.place(key)) == place);
        }
        RC_ASSERT(table.keys().size() == places.size());
        for (const auto &[key, place] : places) RC_ASSERT(table.keys()[place] == key);
    });
}

TEST(KeyTable, says_when_memory_runs_out)
{
    expect_out_of_memory_at_every_request([](const Memory &memory) -> Result<std::uint32_t> {
        Table table(memory);
        for (std::uint32_t i = 0; i < 100; ++i) {
            PARTNER_BONUS_TRY(place, table.place({i, i}));
            (void)place;
        }
        return table.place({0, 0});
    });
}

}  // namespace
}  // namespace partner_bonus::test
