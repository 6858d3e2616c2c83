// The working state of consumption_map_agg: the directories of packs, each with the day of its lines, and which keys they
// have in common. Sums are read once, in the end, when the days of a key can be written as they come.
//
// The packs of one partner are much alike from day to day. What is equal to the pack before, byte by byte, is not worked
// out again: the numbers of words, and the places of keys.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "consumption_map.hpp"
#include "day.hpp"
#include "growing.hpp"
#include "key_table.hpp"
#include "key_total.hpp"
#include "memory.hpp"
#include "pack_directory.hpp"
#include "result.hpp"
#include "words.hpp"

namespace partner_bonus {

class ConsumptionMapState {
   public:
    // `memory` is kept for what the state holds.
    static Result<ConsumptionMapState *> create(const Memory &memory) noexcept;

    // Adds (or takes off) what the directory of a pack says; the rest of the pack need not be there. After an error the state
    // is good for nothing. `scratch` may be dropped when this returns.
    Status add(Bytes pack, Day day, bool subtract, const Memory &scratch) noexcept;

    // What the packs add up to, in stored form.
    Result<Bytes> store(const Memory &memory) const noexcept;

   private:
    using Places = std::span<const std::uint32_t>;

    struct Pack {
        Day day;
        bool subtract;
        PackDirectory directory;  // of bytes that the state keeps
        Places places;            // of its keys, among those of all packs
    };
    // The words of a column of all packs, each with a number.
    struct Column {
        explicit Column(const Memory &memory) noexcept : table(memory) {}

        WordTable table;
        Growing<std::uint32_t> numbers;  // of the words of the last pack
    };
    struct RankedKey {
        std::array<std::uint32_t, pack_key_columns> key;  // places among all words, ascending
        std::uint32_t place;
    };
    // A pack that is being read.
    struct Source {
        Day day;
        PackFactors by;
        PackDirectory directory;
        Places places;
    };
    struct Sources {
        std::span<Source> list;
        int amounts_scale{};
        int reward_scale{};
    };
    // Of each key, which packs have it.
    struct PacksOfKeys {
        std::span<const std::uint32_t> packs;
        std::span<const std::uint32_t> start;  // of a key's, by its place; then their end

        std::span<const std::uint32_t> of(std::uint32_t place) const noexcept
        {
            return packs.subspan(start[place], start[place + 1] - start[place]);
        }
    };

    explicit ConsumptionMapState(const Memory &memory) noexcept;

    Result<bool> take_words(const PackDirectory &directory, const Memory &scratch) noexcept;
    Result<Places> take_keys(PackDirectory directory) noexcept;

    Result<std::span<const RankedKey>> ranked_keys(MapWords &words, const Memory &memory) const noexcept;
    Result<Sources> sources(const Memory &memory) const noexcept;
    Result<PacksOfKeys> packs_of_keys(const Sources &sources, const Memory &memory) const noexcept;
    Result<std::span<MapEntry>> totals(std::span<const RankedKey> keys, const Memory &memory) const noexcept;

    Memory memory_;
    std::array<Column, pack_key_columns> columns_;
    KeyTable<pack_key_columns> keys_;
    Growing<Pack> packs_;
};

}  // namespace partner_bonus
