// Memory for the core comes from its host: palloc in the server, malloc elsewhere. It may run out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace partner_bonus {

struct Memory {
    void *(*allocate)(void *host, std::size_t bytes) noexcept;  // aligned to eight bytes; null when there is none
    void *host;

    // An uninitialised array; a null data pointer means out of memory. The core frees nothing: the host drops its arena.
    template <class T>
    std::span<T> array(std::size_t count) const noexcept
    {
        static_assert(std::is_trivially_destructible_v<T>);
        // 128-bit integers want more than hosts give.
        constexpr std::size_t slack = alignof(T) > host_alignment ? alignof(T) - host_alignment : 0;
        if (count > (max_bytes - slack) / sizeof(T)) return {};
        auto *data = static_cast<std::byte *>(allocate(host, (count == 0 ? 1 : count) * sizeof(T) + slack));
        if (data == nullptr) return {};
        data += (std::uintptr_t{0} - reinterpret_cast<std::uintptr_t>(data)) & slack;
        return {reinterpret_cast<T *>(data), count};
    }

    static constexpr std::size_t host_alignment = 8;
    static constexpr std::size_t max_bytes = std::size_t{1} << 40;
};

}  // namespace partner_bonus
