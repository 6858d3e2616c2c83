// A day's usage lines as one value: a directory of keys with their exact sums, then the lines, column by column.
//
// Canonical: the same lines in any order have the same bytes, and bytes that no lines have are refused. Stored form, read for
// ever: head (version, checksum of all that follows, number of lines, sizes of the three parts); directory (dictionaries of
// the key, keys, their lines and sums); content (the other columns); remarks (columns that are no content: names, locale and
// the times of the export). Lines are in the order of their key, then of the other columns from left to right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "amount.hpp"
#include "decimal.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "usage_line.hpp"
#include "wire.hpp"
#include "words.hpp"

namespace partner_bonus {

inline constexpr std::size_t max_pack_lines = 65'536;
inline constexpr std::uint8_t pack_version = 1;
// Bytes of the words of all columns of a pack, as long as they are. The content of many lines has at most a quarter of it.
inline constexpr std::size_t max_pack_words_bytes = 2 * max_words_bytes;
// Cost, credit and the named parts of the credit of a line lie within +-10^18, so that totals of many lines stay amounts.
inline constexpr Amount max_line_amount = power_of_ten(2 * amount_scale);

// Columns of text, in the order in which lines are compared; the numbers come between content and remarks.
namespace pack_text {
enum Column : std::uint8_t {
    account_id,
    service_id,
    sku_id,
    currency,
    charge_category,
    pricing_unit,
    cloud_id,
    folder_id,
    resource_id,
    attributes,
    account_name,
    service_name,
    sku_name,
    cloud_name,
    folder_name,
    locale,
    updated_at,
    exported_at,
    count,
};
inline constexpr std::size_t key_end = pricing_unit;
inline constexpr std::size_t content_end = account_name;
}  // namespace pack_text

// Where a line has the text of a column; attributes have a form of their own.
inline constexpr std::array<std::string_view UsageLine::*, pack_text::count> pack_text_fields{
    &UsageLine::account_id,   &UsageLine::service_id,   &UsageLine::sku_id,      &UsageLine::currency,   &UsageLine::charge_category,
    &UsageLine::pricing_unit, &UsageLine::cloud_id,     &UsageLine::folder_id,   &UsageLine::resource_id, nullptr,
    &UsageLine::account_name, &UsageLine::service_name, &UsageLine::sku_name,    &UsageLine::cloud_name, &UsageLine::folder_name,
    &UsageLine::locale,       &UsageLine::updated_at,   &UsageLine::exported_at,
};
static_assert(pack_text_fields[pack_text::attributes] == nullptr);

namespace pack_number {
enum Column : std::uint8_t {
    pricing_quantity,
    cost,
    monetary_grant_credit,
    volume_incentive_credit,
    cud_credit,
    misc_credit,
    credit_rest,  // what the parts of the credit leave of it
    reward,
    count,
};
}  // namespace pack_number

// The numbers of a column, kept in 64 bits each where all fit.
class PackUnits {
   public:
    PackUnits() noexcept = default;
    template <class Unit>
    PackUnits(std::span<Unit> units) noexcept
    {
        if constexpr (sizeof(Unit) == sizeof(std::int64_t))
            narrow_ = units;
        else
            wide_ = units;
    }

    bool empty() const noexcept { return narrow_.empty() && wide_.empty(); }
    std::size_t size() const noexcept { return narrow_.size() + wide_.size(); }
    int128 operator[](std::size_t line) const noexcept { return narrow_.empty() ? wide_[line] : narrow_[line]; }
    // Hands them over as they are kept.
    template <class Visitor>
    auto visit(Visitor visitor) const noexcept
    {
        return narrow_.empty() ? visitor(wide_) : visitor(narrow_);
    }

   private:
    std::span<const std::int64_t> narrow_;
    std::span<const int128> wide_;
};

// A pack taken apart.
struct PackColumns {
    struct Text {
        Words words;                           // ascending, each used by some line
        std::span<const std::uint32_t> codes;  // of each line, its place in words; empty when there is one word

        std::uint32_t code(std::size_t line) const noexcept { return codes.empty() ? 0 : codes[line]; }
        std::string_view word(std::size_t line) const noexcept { return words[code(line)]; }
    };
    enum class Given : std::uint8_t { never, always, sometimes };
    struct Number {
        Given given{};
        std::span<const std::uint8_t> is_given;  // of each line, when sometimes
        PackUnits units;                         // of each line, count of 10^-scale; empty when all are 0
        int scale{};                             // the smallest that shows every number whole

        bool has(std::size_t line) const noexcept { return given == Given::sometimes ? is_given[line] != 0 : given == Given::always; }
        int128 unit(std::size_t line) const noexcept { return units.empty() ? 0 : units[line]; }
    };
    std::size_t lines{};
    std::array<Text, pack_text::count> texts;
    std::array<Number, pack_number::count> numbers;
};

// The columns' lines are in order.
Result<Bytes> write_pack(const PackColumns &columns, const Memory &memory) noexcept;
// The pack of no lines.
Result<Bytes> empty_pack(const Memory &memory) noexcept;
// Of a pack that was accepted before. Damage is told, and every other form of the same lines but that of the directory; that
// the lines are in order and the directory tells of them is left to usage_pack_from_binary.
Result<PackColumns> read_pack(Bytes pack, const Memory &memory) noexcept;
// Accepts what write_pack writes of lines in order, and nothing else.
Result<Bytes> usage_pack_from_binary(Bytes pack, const Memory &memory) noexcept;

// The parts of a pack, where its head says they are.
struct PackParts {
    std::uint64_t checksum{};
    std::size_t lines{};
    Bytes directory;
    Bytes content;
    Bytes remarks;
};
Result<PackParts> pack_parts(Bytes pack) noexcept;
// The same of a pack whose checksum is right.
Result<PackParts> undamaged_parts(Bytes pack) noexcept;
// What the first PackDirectory::head_bytes of a pack tell.
Result<std::size_t> pack_line_count(Bytes head) noexcept;
// The bytes of directory and content: equal if and only if the lines are equal but for their remarks.
Result<Bytes> usage_pack_content(Bytes pack) noexcept;

}  // namespace partner_bonus
