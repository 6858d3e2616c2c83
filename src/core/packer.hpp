// Usage lines of any days in any order go in, packs come out: for each day as many as it needs.
#pragma once

#include <cstdint>

#include "usage_pack.hpp"

namespace partner_bonus {

struct DayPack {
    Day day{};
    std::uint32_t part{};   // 0, 1, ... of the day
    std::uint32_t parts{};  // of the day
    std::uint32_t lines{};
    Bytes pack;
    std::string_view exported_at;  // the greatest of the part's lines, null when none has one
};

class UsagePacker {
   public:
    explicit UsagePacker(const Memory &memory) noexcept;

    // Copies the line. Fails for lack of memory or because the line cannot be held (value_too_large, amount_out_of_range).
    Status add(const UsageLine &line) noexcept;
    std::size_t lines() const noexcept { return count_; }

    // After the last line: puts all in order. Then next() gives one pack after the other, days ascending; false at the end.
    // A pack is taken from `memory`, which may be another arena for each.
    Status finish() noexcept;
    Result<bool> next(DayPack &pack, const Memory &memory) noexcept;

   private:
    std::size_t count_ = 0;
};

}  // namespace partner_bonus
