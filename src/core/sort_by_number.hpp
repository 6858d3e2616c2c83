// Sorts items by a number that each has, one byte of it after the other: where few bytes differ, much faster than by comparing.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace partner_bonus {

// Items of equal numbers stay in their order. `room` is as large at least as `items`.
template <class T, class Number>
void sort_by_number(std::span<T> items, std::span<T> room, Number number) noexcept
{
    std::uint64_t differing = 0;
    for (const T &item : items) differing |= std::uint64_t{number(item)} ^ number(items.front());
    auto from = items;
    auto to = room.first(items.size());
    for (int shift = 0; shift < 64; shift += 8) {
        const auto byte = [&](const T &item) { return static_cast<std::uint8_t>(std::uint64_t{number(item)} >> shift); };
        if (static_cast<std::uint8_t>(differing >> shift) == 0) continue;
        std::array<std::size_t, 256> places{};
        for (const T &item : from) ++places[byte(item)];
        std::size_t place = 0;
        for (std::size_t &entry : places) place += std::exchange(entry, place);
        for (const T &item : from) to[places[byte(item)]++] = item;
        std::swap(from, to);
    }
    if (from.data() != items.data()) std::copy(from.begin(), from.end(), items.begin());
}

}  // namespace partner_bonus
