// The directory of a usage pack: its keys with their exact sums. It can be read without the rest of the pack.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "usage_pack.hpp"

namespace partner_bonus {

inline constexpr std::size_t pack_key_columns = pack_text::key_end;

using DirectoryKey = std::array<std::uint32_t, pack_key_columns>;  // places in the directory's words

// What the lines of a key add up to. The decimals of each sum are the same for all keys of a directory.
struct KeySums {
    std::uint32_t lines{};
    bool rewarded{};  // whether some line has a reward
    int128 cost{};
    int128 grant_credit{};
    int128 other_credit{};
    int128 reward{};

    bool operator==(const KeySums &) const noexcept = default;
};

struct KeyScales {
    int cost{};
    int grant_credit{};
    int other_credit{};
    int reward{};

    bool operator==(const KeyScales &) const noexcept = default;
    int of_amounts() const noexcept { return std::max({cost, grant_credit, other_credit}); }
};

struct DirectoryEntry : KeySums {
    DirectoryKey key{};
};

// Trusts nothing: a pack is checked when it comes in, but bytes on a disk may be anything. What is wrong shows as
// binary_malformed, from open() or words(), or as failed().
class PackDirectory {
   public:
    // So many bytes at the start of a pack tell how many the directory needs.
    static constexpr std::size_t head_bytes = 64;
    static std::size_t bytes_needed(Bytes head) noexcept;  // from the start of the pack; 0 when it is none

    // `pack` has at least the bytes that are needed.
    static Result<PackDirectory> open(Bytes pack) noexcept;

    // As stored. Equal bytes, equal words; and when all these are equal, equal keys.
    Bytes words_bytes(std::size_t column) const noexcept { return words_[column]; }
    Bytes key_bytes() const noexcept { return keys_; }

    Result<Words> words(std::size_t column, const Memory &memory) const noexcept;
    std::size_t word_count(std::size_t column) const noexcept { return word_count_[column]; }
    std::size_t keys() const noexcept { return count_; }

    // Keys ascend. A key's codes are below word_count.
    bool next(DirectoryEntry &entry) noexcept { return next_key(entry.key) && next_sums(entry); }
    // Keys and sums lie apart; either can be read without the other.
    bool next_key(DirectoryKey &key) noexcept;
    bool next_sums(KeySums &sums) noexcept;
    bool next_lines(std::uint32_t &lines) noexcept;  // in place of next_sums, which also tells the sums
    const KeyScales &scales() const noexcept { return scales_; }
    bool failed() const noexcept { return failed_; }

   private:
    std::array<Bytes, pack_key_columns> words_;
    std::array<std::uint32_t, pack_key_columns> word_count_{};
    std::array<int, pack_key_columns> shift_{};
    std::array<std::uint32_t, pack_key_columns> mask_{};
    Bytes keys_;
    std::size_t count_ = 0;
    std::size_t keys_read_ = 0;
    std::size_t sums_read_ = 0;
    KeyScales scales_;
    WireReader key_wire_{Bytes{}};
    WireReader sum_wire_{Bytes{}};
    uint128 key_ = 0;
    bool failed_ = false;
};

// Gives the directory, too.
Result<PackColumns> read_pack(Bytes pack, PackDirectory &directory, const Memory &memory) noexcept;

}  // namespace partner_bonus
