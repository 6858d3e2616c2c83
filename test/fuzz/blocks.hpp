// What the fuzzers share: memory whose every block a sanitizer watches, aligned no better than palloc aligns, and a
// check that ends the process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include "core/memory.hpp"
#include "core/result.hpp"
#include "core/wire.hpp"

namespace partner_bonus::fuzz {

class Blocks {
   public:
    explicit Blocks(std::size_t granted = std::numeric_limits<std::size_t>::max()) : granted_(granted) {}
    Blocks(const Blocks &) = delete;
    Blocks &operator=(const Blocks &) = delete;
    ~Blocks()
    {
        for (void *block : blocks_) std::free(block);
    }

    Memory memory() noexcept
    {
        return {[](void *host, std::size_t bytes) noexcept { return static_cast<Blocks *>(host)->allocate(bytes); }, this};
    }
    operator Memory() noexcept { return memory(); }

   private:
    void *allocate(std::size_t bytes)
    {
        constexpr std::size_t skew = Memory::host_alignment;  // off the 16 bytes that malloc gives
        if (blocks_.size() == granted_) return nullptr;
        blocks_.push_back(std::malloc(bytes + skew));
        return static_cast<std::byte *>(blocks_.back()) + skew;
    }

    std::size_t granted_;
    std::vector<void *> blocks_;
};

inline void require(bool holds)
{
    if (!holds) std::abort();
}

inline bool same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

// An error tells of the caller's input, so what it points to must be a part of that.
inline void require_within(std::string_view subject, std::string_view input)
{
    require(subject.empty() ||
            (subject.data() >= input.data() && subject.data() + subject.size() <= input.data() + input.size()));
}

// A decoder that gets fewer blocks of memory than it wants says so, and nothing else.
template <class F>
void require_told_when_out_of_memory(std::size_t granted, F decode)
{
    Blocks few(granted);
    Blocks enough;
    const auto limited = decode(few);
    const auto full = decode(enough);
    if (!limited && limited.error().code == Errc::out_of_memory) return;
    require(static_cast<bool>(limited) == static_cast<bool>(full));
    if (!limited) require(limited.error().code == full.error().code);
}

}  // namespace partner_bonus::fuzz
