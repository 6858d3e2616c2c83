// The working state of consumption_map_agg: adds up the directories of packs, each with the day of its lines.
//
// The packs of one partner are much alike from day to day. What is equal to the pack before, byte by byte, is not worked
// out again: the numbers of words, and where the sums of its keys are.
#pragma once

#include <array>
#include <cstdint>

#include "consumption_map.hpp"
#include "consumption_state.hpp"
#include "day.hpp"
#include "decimal_sum.hpp"
#include "growing.hpp"
#include "key_table.hpp"
#include "memory.hpp"
#include "pack_directory.hpp"
#include "result.hpp"
#include "words.hpp"

namespace partner_bonus {

class ConsumptionMapState {
   public:
    // `memory` is kept, and never freed.
    static Result<ConsumptionMapState *> create(const Memory &memory) noexcept;

    // Adds (or takes off) the directory of a pack. After an error the state is good for nothing. `scratch` may be dropped
    // when this returns.
    Status add(Bytes pack, Day day, bool subtract, const Memory &scratch) noexcept;

    // What has been added up, in stored form.
    Result<Bytes> store(const Memory &memory) const noexcept;

   private:
    using Keys = KeyTable<pack_key_columns>;

    // The words of one column of all packs, each with a number.
    struct Column {
        explicit Column(const Memory &memory) noexcept : table(memory) {}

        WordTable table;
        Growing<std::byte> last_bytes;        // as the last pack has them
        Growing<std::uint32_t> last_numbers;  // of its words
    };
    // What was added up for a key.
    struct Sums {
        ConsumptionState *consumption;
        std::int64_t lines;
        DecimalSum reward;
        bool has_reward;

        bool zero() const noexcept;
    };
    // A key whose words are given as places among those that are used.
    struct Ranked {
        Keys::Key key;
        std::uint32_t place;
    };

    explicit ConsumptionMapState(const Memory &memory) noexcept;

    Result<bool> take_words(const PackDirectory &directory, const Memory &scratch) noexcept;
    Result<std::uint32_t> place_of(const DirectoryEntry &entry) noexcept;
    Status add_entry(Sums &sums, Day day, const DirectoryEntry &entry, bool subtract) noexcept;
    Result<std::span<Ranked>> ranked_keys(MapWords &words, const Memory &memory) const noexcept;

    Memory memory_;
    std::array<Column, pack_key_columns> columns_;
    Keys keys_;
    Growing<Sums> sums_;  // by the place of the key
    Growing<std::byte> last_key_bytes_;
    Growing<std::uint32_t> last_places_;  // of the keys of the last pack
};

}  // namespace partner_bonus
