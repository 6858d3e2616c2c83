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

// Hands out pieces of one block as long as it lasts, then what its host gives: few large pieces cost less than many.
class Block {
   public:
    // Without memory for it all comes from the host.
    Block(std::size_t bytes, const Memory &host) noexcept : host_(host), left_(host.array<std::byte>(bytes)) {}

    Memory memory() noexcept
    {
        return {[](void *block, std::size_t bytes) noexcept { return static_cast<Block *>(block)->take(bytes); }, this};
    }

   private:
    void *take(std::size_t bytes) noexcept
    {
        bytes = (bytes + Memory::host_alignment - 1) & ~(Memory::host_alignment - 1);
        if (bytes > left_.size()) return host_.allocate(host_.host, bytes);
        void *const piece = left_.data();
        left_ = left_.subspan(bytes);
        return piece;
    }

    Memory host_;
    std::span<std::byte> left_;
};

}  // namespace partner_bonus
