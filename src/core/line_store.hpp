// Lines kept small until all of them are there: texts that go together are one bundle with a number, and bundles repeat.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "day.hpp"
#include "usage_pack.hpp"

namespace partner_bonus {

class LineStore {
   public:
    enum Bundle : std::uint8_t { key, place, resource, labels, stamps, bundles };

    struct Line {
        Day day;
        std::array<std::uint32_t, bundles> bundle;
        const std::byte *numbers;
    };
    struct Numbers {
        std::array<Decimal, pack_number::count> value;
        std::array<bool, pack_number::count> given;
    };

    explicit LineStore(const Memory &memory) noexcept;

    Status add(const UsageLine &line) noexcept;
    std::size_t lines() const noexcept { return count_; }
    // Blocks of lines in the order in which they came; null behind the last.
    const Line *line(std::size_t index) const noexcept { return blocks_[index >> block_bits].data() + (index & (block_lines - 1)); }

    // The columns of a kind of bundle, in the order in which its fields are.
    static std::span<const pack_text::Column> fields(std::size_t bundle) noexcept;
    // How many bundles of a kind there are, and one's texts.
    std::size_t count(std::size_t bundle) const noexcept { return tables_[bundle].words().size(); }
    void texts(std::size_t bundle, std::size_t number, std::span<std::string_view> out) const noexcept;
    static void numbers(const Line &line, Numbers &out) noexcept;
    // Of all texts of a line: at least as many as its words have.
    std::size_t text_bytes(const Line &line) const noexcept;

   private:
    static constexpr int block_bits = 10;
    static constexpr std::size_t block_lines = std::size_t{1} << block_bits;

    Result<std::uint32_t> bundle(std::size_t kind, const UsageLine &line) noexcept;
    Result<const std::byte *> store(const Numbers &numbers) noexcept;
    Result<Line *> new_line() noexcept;

    Memory memory_;
    std::array<WordTable, bundles> tables_;
    std::span<char> scratch_;
    std::span<char> attribute_room_;
    std::span<Attribute> attribute_order_;
    std::span<std::span<Line>> blocks_;
    std::span<std::byte> bytes_;  // for numbers
    std::size_t used_ = 0;
    std::size_t count_ = 0;
};

}  // namespace partner_bonus
