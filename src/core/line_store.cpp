#include "line_store.hpp"

#include <algorithm>

#include "attributes.hpp"

namespace partner_bonus {

namespace {

using pack_text::Column;

constexpr std::array key_fields{Column::account_id,      Column::service_id,   Column::sku_id,       Column::currency, Column::charge_category,
                                Column::pricing_unit, Column::account_name, Column::service_name, Column::sku_name};
constexpr std::array place_fields{Column::cloud_id, Column::folder_id, Column::cloud_name, Column::folder_name};
constexpr std::array resource_fields{Column::resource_id};
constexpr std::array label_fields{Column::attributes};
constexpr std::array stamp_fields{Column::locale, Column::updated_at, Column::exported_at};
constexpr std::array<std::span<const Column>, LineStore::bundles> all_fields{key_fields, place_fields, resource_fields, label_fields,
                                                                            stamp_fields};

constexpr std::uint32_t missing = UINT32_MAX;
constexpr std::size_t length_bytes = sizeof(std::uint32_t);

// Numbers are kept as marks (which are given, which are not 0), then scale and units of those that are not 0.
constexpr std::size_t numbers_room = 2 + pack_number::count * (1 + varint_max_bytes);

bool within_bounds(const Decimal &decimal) noexcept
{
    const auto amount = to_amount(decimal);
    return amount && *amount <= max_line_amount && *amount >= -max_line_amount;
}

// credit - (its parts), with the smallest scale. All are within bounds, and 18 decimals of five such sums fit.
Decimal rest_of_credit(const UsageLine &line) noexcept
{
    const std::array<const Decimal *, 4> parts{&line.monetary_grant_credit, &line.volume_incentive_credit.value, &line.cud_credit.value,
                                               &line.misc_credit.value};
    Decimal rest = line.credit;
    for (const Decimal *part : parts) rest.scale = std::max(rest.scale, part->scale);
    rest.units *= power_of_ten(rest.scale - line.credit.scale);
    for (const Decimal *part : parts) rest.units -= part->units * power_of_ten(rest.scale - part->scale);
    const int zeros = rest.units == 0 ? rest.scale : trailing_zeros(rest.units, rest.scale);
    return {drop_zeros(rest.units, zeros), rest.scale - zeros};
}

}  // namespace

LineStore::LineStore(const Memory &memory) noexcept
    : memory_(memory), tables_{WordTable(memory), WordTable(memory), WordTable(memory), WordTable(memory), WordTable(memory)}
{
}

std::span<const pack_text::Column> LineStore::fields(std::size_t bundle) noexcept { return all_fields[bundle]; }

Result<std::uint32_t> LineStore::bundle(std::size_t kind, const UsageLine &line) noexcept
{
    std::array<std::string_view, key_fields.size()> texts;
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (const Column column : all_fields[kind]) {
        texts[count] = line.*pack_text_fields[column];
        bytes += length_bytes + texts[count++].size();
    }
    if (count == 1) return tables_[kind].number(texts[0]);
    if (scratch_.size() < bytes) {
        scratch_ = memory_.array<char>(2 * bytes);
        if (!scratch_.data()) return Errc::out_of_memory;
    }
    char *at = scratch_.data();
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t length = texts[i].data() == nullptr ? missing : static_cast<std::uint32_t>(texts[i].size());
        __builtin_memcpy(at, &length, length_bytes);
        at = std::copy(texts[i].begin(), texts[i].end(), at + length_bytes);
    }
    return tables_[kind].number({scratch_.data(), at});
}

void LineStore::texts(std::size_t bundle, std::size_t number, std::span<std::string_view> out) const noexcept
{
    const std::string_view word = tables_[bundle].words()[number];
    if (all_fields[bundle].size() == 1) {
        out[0] = word;
        return;
    }
    const char *at = word.data();
    for (std::size_t i = 0; i < all_fields[bundle].size(); ++i) {
        std::uint32_t length;
        __builtin_memcpy(&length, at, length_bytes);
        at += length_bytes;
        out[i] = {};
        if (length == missing) continue;
        out[i] = {at, length};
        at += length;
    }
}

Result<const std::byte *> LineStore::store(const Numbers &numbers) noexcept
{
    constexpr std::size_t block = 65'536;
    if (bytes_.size() - used_ < numbers_room) {
        bytes_ = memory_.array<std::byte>(block);
        used_ = 0;
        if (!bytes_.data()) return Errc::out_of_memory;
    }
    unsigned given = 0;
    unsigned not_zero = 0;
    for (std::size_t i = 0; i < pack_number::count; ++i) {
        given |= numbers.given[i] ? 1U << i : 0U;
        not_zero |= numbers.value[i].units != 0 ? 1U << i : 0U;
    }
    const auto room = bytes_.subspan(used_);
    WireWriter wire(room);
    wire.byte(static_cast<std::uint8_t>(given));
    wire.byte(static_cast<std::uint8_t>(not_zero));
    for (const Decimal &value : numbers.value) {
        if (value.units == 0) continue;
        wire.byte(static_cast<std::uint8_t>(value.scale));
        wire.signed_varint(value.units);
    }
    used_ += wire.written().size();
    return static_cast<const std::byte *>(room.data());
}

void LineStore::numbers(const Line &line, Numbers &out) noexcept
{
    WireReader wire({line.numbers, numbers_room});
    const unsigned given = wire.byte();
    const unsigned not_zero = wire.byte();
    for (std::size_t i = 0; i < pack_number::count; ++i) {
        out.given[i] = (given & (1U << i)) != 0;
        out.value[i] = {};
        if ((not_zero & (1U << i)) == 0) continue;
        out.value[i].scale = wire.byte();
        out.value[i].units = wire.signed_varint();
    }
}

Result<LineStore::Line *> LineStore::new_line() noexcept
{
    const std::size_t block = count_ >> block_bits;
    if ((count_ & (block_lines - 1)) == 0) {
        if (block == blocks_.size()) {
            const auto more = memory_.array<std::span<Line>>(std::max<std::size_t>(16, 2 * blocks_.size()));
            if (!more.data()) return Errc::out_of_memory;
            std::copy(blocks_.begin(), blocks_.end(), more.begin());
            blocks_ = more;
        }
        blocks_[block] = memory_.array<Line>(block_lines);
        if (!blocks_[block].data()) return Errc::out_of_memory;
    }
    return &blocks_[block][count_ & (block_lines - 1)];
}

Status LineStore::add(const UsageLine &line) noexcept
{
    for (const Decimal *amount : {&line.cost, &line.credit, &line.monetary_grant_credit, &line.volume_incentive_credit.value, &line.cud_credit.value,
                                  &line.misc_credit.value})
        if (!within_bounds(*amount)) return Errc::amount_out_of_range;
    if (!to_amount(line.pricing_quantity.value) || !to_amount(line.reward.value)) return Errc::amount_out_of_range;
    Numbers numbers;
    numbers.value = {line.pricing_quantity.value, line.cost, line.monetary_grant_credit, line.volume_incentive_credit.value, line.cud_credit.value,
                     line.misc_credit.value, rest_of_credit(line), line.reward.value};
    numbers.given = {line.pricing_quantity.given, true, true, line.volume_incentive_credit.given, line.cud_credit.given, line.misc_credit.given, true,
                     line.reward.given};
    PARTNER_BONUS_TRY(fresh, new_line());
    Line &stored = *fresh;
    stored.day = line.usage_day;
    std::string_view labels_word;
    if (!line.attributes.empty()) {
        if (attribute_order_.size() < line.attributes.size()) {
            attribute_order_ = memory_.array<Attribute>(2 * line.attributes.size());
            if (!attribute_order_.data()) return Errc::out_of_memory;
        }
        const auto ordered = attribute_order_.first(line.attributes.size());
        std::copy(line.attributes.begin(), line.attributes.end(), ordered.begin());
        PARTNER_BONUS_TRY(word, attributes_to_word(ordered, attribute_room_, memory_));
        labels_word = word;
    }
    for (std::size_t kind = 0; kind < bundles; ++kind) {
        PARTNER_BONUS_TRY(number, kind == labels ? tables_[labels].number(labels_word) : bundle(kind, line));
        stored.bundle[kind] = number;
    }
    PARTNER_BONUS_TRY(kept, store(numbers));
    stored.numbers = kept;
    ++count_;
    return Done{};
}

}  // namespace partner_bonus
