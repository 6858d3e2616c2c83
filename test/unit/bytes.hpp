// Bytes in tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/wire.hpp"
#include "dice.hpp"

namespace partner_bonus::test {

inline std::string hex(Bytes bytes)
{
    std::string text;
    for (const std::byte byte : bytes) {
        text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
        text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
    }
    return text;
}

inline bool same(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

inline Bytes bytes_of(const std::string &text) { return std::as_bytes(std::span(text)); }

// A few bytes changed, added or cut off.
inline std::vector<std::byte> tampered(Bytes original, Dice &dice)
{
    std::vector<std::byte> bytes(original.begin(), original.end());
    for (std::size_t left = 1 + dice.below(3); left > 0; --left) {
        const std::size_t at = dice.below(bytes.size());
        switch (dice.below(3)) {
            case 0: bytes[at] = static_cast<std::byte>(dice.next()); break;
            case 1: bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::byte>(dice.next())); break;
            default: bytes.resize(at + 1); break;
        }
    }
    return bytes;
}

}  // namespace partner_bonus::test
