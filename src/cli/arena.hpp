// Memory for the core: blocks that are freed together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "core/memory.hpp"

namespace pbonus {

class Arena {
   public:
    partner_bonus::Memory memory() noexcept { return {take, this}; }

   private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 18;
    static constexpr std::size_t alignment = partner_bonus::Memory::host_alignment;

    static void *take(void *arena, std::size_t bytes) noexcept { return static_cast<Arena *>(arena)->allocate(bytes); }

    // Large requests get blocks of their own, so that little of a block stays unused.
    void *allocate(std::size_t bytes) noexcept
    {
        bytes = (bytes + alignment - 1) / alignment * alignment;
        if (bytes > left_) {
            const bool alone = bytes > block_bytes / 4;
            std::byte *block = add_block(alone ? bytes : block_bytes);
            if (block == nullptr || alone) return block;
            at_ = block;
            left_ = block_bytes;
        }
        std::byte *piece = at_;
        at_ += bytes;
        left_ -= bytes;
        return piece;
    }

    std::byte *add_block(std::size_t bytes) noexcept
    try {
        blocks_.emplace_back(new std::byte[bytes]);
        return blocks_.back().get();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }

    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::byte *at_ = nullptr;
    std::size_t left_ = 0;
};

}  // namespace pbonus
