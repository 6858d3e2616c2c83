// Usage lines of any days in any order go in, packs come out: for each day as many as it needs.
#pragma once

#include <array>
#include <cstdint>

#include "day.hpp"
#include "line_store.hpp"
#include "usage_pack.hpp"

namespace partner_bonus {

struct DayPack {
    Day day{};
    std::uint32_t part{};  // 0, 1, ... of the day
    std::size_t lines{};
    Bytes pack;
    std::string_view exported_at;  // the greatest of the part's lines, null when none has one
};

// A day is cut where a pack would have too many lines, or lines of too much text; at the end of a key, if there is one.
class UsagePacker {
   public:
    explicit UsagePacker(const Memory &memory) noexcept : memory_(memory), store_(memory) {}

    // Copies the line. Fails for lack of memory, or when cost, credit or a part of it is beyond +-10^18.
    Status add(const UsageLine &line) noexcept { return store_.add(line); }
    std::size_t lines() const noexcept { return store_.lines(); }

    // After the last line: puts all in order. Then next() gives one pack after the other, days ascending; false at the end.
    // A pack is taken from `memory`, which may be another arena for each.
    Status finish() noexcept;
    Result<bool> next(DayPack &pack, const Memory &memory) noexcept;

   private:
    using Line = LineStore::Line;

    // What decides of most pairs of lines which comes first.
    struct Place {
        std::uint64_t day_and_key;
        std::uint64_t place_and_resource;
        const Line *line;
    };
    struct Column {
        Words words;                           // of all lines, ascending
        std::span<const std::uint32_t> codes;  // of each bundle
        std::span<std::uint32_t> local;        // while a pack is made: the code's place in it
    };
    // The bundles of a kind that a pack has.
    struct Bundles {
        std::span<std::uint32_t> all;      // their numbers
        std::span<std::uint32_t> of_line;  // the place of each line's among them
    };

    Status number_words(std::size_t bundle) noexcept;
    Status rank(std::size_t bundle, std::size_t from, std::size_t to, std::span<const std::uint32_t> &ranks) noexcept;
    bool before(const Place &a, const Place &b) const noexcept;
    std::size_t weight(const Line &line) const noexcept;
    bool same_key(const Line &a, const Line &b) const noexcept;
    std::size_t end_of_part(std::size_t from) const noexcept;
    Status gather(std::size_t bundle, std::span<const Place> lines, Bundles &gathered, const Memory &memory) noexcept;
    Status make_text(std::size_t column, const Bundles &bundles, PackColumns::Text &text, std::size_t &bytes_left,
                     const Memory &memory) noexcept;
    static Status make_numbers(std::span<const Place> lines, std::span<PackColumns::Number> columns, const Memory &memory) noexcept;
    std::uint32_t code(std::size_t column, const Line &line) const noexcept;

    Memory memory_;
    LineStore store_;
    std::array<Column, pack_text::count> columns_;
    std::array<std::span<std::uint32_t>, LineStore::bundles> gathered_;  // while a pack is made: the bundle's place in it, + 1
    std::array<std::span<const std::uint32_t>, LineStore::bundles> content_rank_;  // of each bundle, among those of its kind
    std::array<std::span<const std::uint32_t>, LineStore::bundles> remark_rank_;
    std::span<Place> places_;
    std::size_t at_ = 0;
    std::uint32_t part_ = 0;
    bool light_ = false;  // no line counts more than once
};

}  // namespace partner_bonus
