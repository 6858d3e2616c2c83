// Lines kept small until all of them are there: each text is a word with a number, words that go together are one bundle with
// a number, and bundles repeat.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "day.hpp"
#include "key_table.hpp"
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
    // A bit for each column: which numbers are given, and which of them are not 0. Of others there is no value.
    struct Numbers {
        unsigned given;
        unsigned not_zero;
        std::array<Decimal, pack_number::count> value;
    };

    explicit LineStore(const Memory &memory) noexcept;

    Status add(const UsageLine &line) noexcept;
    std::size_t lines() const noexcept { return count_; }
    // Blocks of lines in the order in which they came; null behind the last.
    const Line *line(std::size_t index) const noexcept { return blocks_[index >> block_bits].data() + (index & (block_lines - 1)); }

    // The columns of a kind of bundle, in the order in which its fields are.
    static std::span<const pack_text::Column> fields(std::size_t bundle) noexcept;
    // The words of a column, by their numbers.
    Words words(std::size_t column) const noexcept { return words_[column].words(); }
    // How many bundles of a kind there are, and the number of the word that one has in a field.
    std::size_t count(std::size_t bundle) const noexcept
    {
        return is_word(bundle) ? words(fields(bundle).front()).size() : tables_[bundle].keys().size();
    }
    std::uint32_t word(std::size_t bundle, std::size_t number, std::size_t field) const noexcept
    {
        return is_word(bundle) ? static_cast<std::uint32_t>(number) : tables_[bundle].keys()[number][field];
    }
    static void numbers(const Line &line, Numbers &out) noexcept;

   private:
    static constexpr int block_bits = 10;
    static constexpr std::size_t block_lines = std::size_t{1} << block_bits;

    static constexpr std::size_t most_fields = 9;
    using BundleTable = KeyTable<most_fields>;

    // A bundle of one field is its word.
    static bool is_word(std::size_t bundle) noexcept { return fields(bundle).size() == 1; }

    Result<std::uint32_t> labels_of(const UsageLine &line) noexcept;
    Result<std::uint32_t> bundle(std::size_t kind, const UsageLine &line) noexcept;
    Result<const std::byte *> store(const Numbers &numbers) noexcept;
    Result<Line *> new_line() noexcept;

    Memory memory_;
    std::array<WordTable, pack_text::count> words_;
    std::array<BundleTable, bundles> tables_;
    std::span<char> attribute_room_;
    std::span<Attribute> attribute_order_;
    std::span<std::span<Line>> blocks_;
    std::span<std::byte> bytes_;  // for numbers
    std::size_t used_ = 0;
    std::size_t count_ = 0;
};

}  // namespace partner_bonus
