// A list that grows by being copied into twice the room. What it leaves behind is the host's to drop.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>

#include "memory.hpp"

namespace partner_bonus {

template <class T>
class Growing {
    static_assert(std::is_trivially_copyable_v<T>);

   public:
    std::size_t size() const noexcept { return count_; }
    T &operator[](std::size_t index) noexcept { return room_[index]; }
    const T &operator[](std::size_t index) const noexcept { return room_[index]; }
    std::span<const T> items() const noexcept { return room_.first(count_); }
    const T &back() const noexcept { return room_[count_ - 1]; }
    void clear() noexcept { count_ = 0; }

    // False when there is no memory; then nothing has changed.
    bool add(const T &item, const Memory &memory) noexcept
    {
        if (!reserve(count_ + 1, memory)) return false;
        room_[count_++] = item;
        return true;
    }

   private:
    static constexpr std::size_t least = 16;

    bool reserve(std::size_t count, const Memory &memory) noexcept
    {
        if (count <= room_.size()) return true;
        const auto room = memory.array<T>(std::max({least, count, 2 * room_.size()}));
        if (!room.data()) return false;
        std::copy_n(room_.begin(), count_, room.begin());
        room_ = room;
        return true;
    }

    std::span<T> room_;
    std::size_t count_ = 0;
};

}  // namespace partner_bonus
