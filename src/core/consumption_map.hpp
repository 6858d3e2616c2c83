// What usage packs add up to: for each key its consumption, its number of lines and its reward.
//
// Stored form, read for ever: format byte; the dictionaries of the key's columns; number of keys; per key its places in the
// dictionaries, its lines, its reward (0 when there is none, else scale + 1 and the units) and its consumption, preceded by
// its length. Canonical: keys ascend, each word is used by some key, no key has all zero, a reward has the smallest scale,
// a consumption is in its own stored form. So equal values have equal bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "decimal.hpp"
#include "memory.hpp"
#include "pack_directory.hpp"
#include "result.hpp"
#include "wire.hpp"
#include "words.hpp"

namespace partner_bonus {

using MapWords = std::array<Words, pack_key_columns>;

struct MapEntry {
    std::array<std::uint32_t, pack_key_columns> key{};  // places in the map's words
    std::int64_t lines{};                               // those added less those taken off
    OptionalDecimal reward;                             // given when some line had one
    Bytes consumption;                                  // in stored form

    // Whether nothing is left but the key.
    bool zero() const noexcept;
};

// Walks the keys of a map.
class ConsumptionMapReader {
   public:
    static Result<ConsumptionMapReader> open(Bytes map, const Memory &memory) noexcept;

    const MapWords &words() const noexcept { return words_; }
    std::size_t left() const noexcept { return left_; }
    // The next key; false after the last, and where the bytes are none of a map (possible for bytes from outside only).
    bool next(MapEntry &entry) noexcept;
    bool failed() const noexcept { return failed_; }

   private:
    MapWords words_;
    WireReader wire_{Bytes{}};
    std::size_t left_ = 0;
    bool failed_ = false;
};

// Words and entries ascend; each word is used, and no entry is zero.
Result<Bytes> write_consumption_map(const MapWords &words, std::span<const MapEntry> entries, const Memory &memory) noexcept;

// Accepts the canonical stored form and nothing else.
Result<Bytes> consumption_map_from_binary(Bytes bytes, const Memory &memory) noexcept;

}  // namespace partner_bonus
