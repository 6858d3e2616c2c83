// Memory for the core comes from its host: palloc in the server, malloc elsewhere. It may run out.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace partner_bonus {

struct Memory {
    void *(*allocate)(void *host, std::size_t bytes) noexcept;  // null when there is none
    void *host;

    // An uninitialised array; a null data pointer means out of memory. The core frees nothing: the host drops its arena.
    template <class T>
        requires std::is_trivially_destructible_v<T>
    std::span<T> array(std::size_t count) const noexcept
    {
        if (count > max_bytes / sizeof(T)) return {};
        auto *data = static_cast<T *>(allocate(host, count == 0 ? sizeof(T) : count * sizeof(T)));
        return data ? std::span<T>(data, count) : std::span<T>();
    }

    static constexpr std::size_t max_bytes = std::size_t{1} << 40;
};

}  // namespace partner_bonus
