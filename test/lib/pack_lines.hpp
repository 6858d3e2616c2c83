// Lines of a pack one by one, without haste: what tests hold the columns against.
#pragma once

#include <algorithm>
#include <array>

#include "core/attributes.hpp"
#include "core/usage_pack.hpp"

namespace partner_bonus {

// The lines of a pack that has been read. What a line points to stays valid as long as the columns, its attributes until
// the next call.
class PackLines {
   public:
    static Result<PackLines> open(const PackColumns &columns, const Memory &memory) noexcept;

    std::size_t count() const noexcept { return columns_->lines; }
    // The line's usage day is not known here.
    void get(std::size_t index, UsageLine &line) const noexcept;

   private:
    const PackColumns *columns_{};
    std::span<Attribute> attributes_;
};

inline Result<PackLines> PackLines::open(const PackColumns &columns, const Memory &memory) noexcept
{
    PackLines lines;
    lines.columns_ = &columns;
    std::ptrdiff_t most = 0;
    for (const std::string_view word : columns.texts[pack_text::attributes].words)
        if (word.data() != nullptr) most = std::max(most, attributes_from_word(word, {}));
    lines.attributes_ = memory.array<Attribute>(static_cast<std::size_t>(most));
    if (!lines.attributes_.data()) return Errc::out_of_memory;
    return lines;
}

inline void PackLines::get(std::size_t index, UsageLine &line) const noexcept
{
    const auto number = [&](pack_number::Column column) {
        const PackColumns::Number &from = columns_->numbers[column];
        return OptionalDecimal{{from.unit(index), from.scale}, from.has(index)};
    };
    for (std::size_t column = 0; column < pack_text::count; ++column)
        if (pack_text_fields[column] != nullptr) line.*pack_text_fields[column] = columns_->texts[column].word(index);
    line.pricing_quantity = number(pack_number::pricing_quantity);
    line.cost = number(pack_number::cost).value;
    line.monetary_grant_credit = number(pack_number::monetary_grant_credit).value;
    line.volume_incentive_credit = number(pack_number::volume_incentive_credit);
    line.cud_credit = number(pack_number::cud_credit);
    line.misc_credit = number(pack_number::misc_credit);
    line.reward = number(pack_number::reward);

    constexpr std::array<std::size_t, 5> parts{pack_number::monetary_grant_credit, pack_number::volume_incentive_credit, pack_number::cud_credit,
                                               pack_number::misc_credit, pack_number::credit_rest};
    line.credit = {};
    for (const std::size_t part : parts) line.credit.scale = std::max(line.credit.scale, columns_->numbers[part].scale);
    for (const std::size_t part : parts)
        line.credit.units += columns_->numbers[part].unit(index) * power_of_ten(line.credit.scale - columns_->numbers[part].scale);

    const std::string_view word = columns_->texts[pack_text::attributes].word(index);
    line.attributes = {};
    if (word.data() != nullptr) line.attributes = attributes_.first(static_cast<std::size_t>(attributes_from_word(word, attributes_)));
}

}  // namespace partner_bonus
