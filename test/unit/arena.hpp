// Memory as a hard host gives it: aligned no better than palloc aligns, filled with rubbish, every block by itself so that a
// sanitizer sees where it ends. It runs out when told to.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <ostream>
#include <vector>

#include "core/memory.hpp"
#include "core/result.hpp"

namespace partner_bonus {

inline void PrintTo(Errc code, std::ostream *out) { *out << "error " << static_cast<int>(code); }

}  // namespace partner_bonus

namespace partner_bonus::test {

class Arena {
   public:
    explicit Arena(std::size_t granted = std::numeric_limits<std::size_t>::max()) noexcept : granted_(granted) {}
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;
    ~Arena()
    {
        for (void *block : blocks_) std::free(block);
    }

    Memory memory() noexcept { return {take, this}; }
    operator Memory() noexcept { return memory(); }
    void *allocate(std::size_t bytes) noexcept
    {
        ++requests_;
        if (requests_ > granted_) return nullptr;
        constexpr std::size_t skew = 8;  // off the 16 bytes that malloc gives
        auto *block = static_cast<std::byte *>(std::malloc(bytes + skew));
        if (!block) std::abort();
        std::memset(block, 0xa5, bytes + skew);
        blocks_.push_back(block);
        return block + skew;
    }
    std::size_t requests() const noexcept { return requests_; }

   private:
    static void *take(void *host, std::size_t bytes) noexcept { return static_cast<Arena *>(host)->allocate(bytes); }

    std::size_t granted_;
    std::size_t requests_ = 0;
    std::vector<void *> blocks_;
};

// Lets memory run out at the first request of `function(memory)`, then at the second, until none is left: each time the
// function says so and asks for no more, but for those of `together` blocks that it asks for at a time.
template <class F>
void expect_out_of_memory_at_every_request(F function, std::size_t together = 1)
{
    for (std::size_t granted = 0; granted < 2000; ++granted) {
        Arena arena(granted);
        const auto result = function(arena.memory());
        if (result) {
            EXPECT_GT(granted, 0U) << "asked for no memory";
            return;
        }
        ASSERT_EQ(result.error().code, Errc::out_of_memory) << "at request " << granted + 1;
        ASSERT_GT(arena.requests(), granted);
        ASSERT_LE(arena.requests(), granted + together);
    }
    FAIL() << "no end of requests";
}

// The value of a result that must be there.
template <class T>
T must(const Result<T> &result)
{
    if (!result) {
        ADD_FAILURE() << "error " << static_cast<int>(result.error().code) << " at " << result.error().at << ": "
                      << result.error().subject;
        std::abort();
    }
    return *result;
}

template <class T>
Errc error_of(const Result<T> &result)
{
    EXPECT_FALSE(result) << "no error";
    return result.error().code;
}

}  // namespace partner_bonus::test
