#include "line_store.hpp"

#include <algorithm>
#include <bit>
#include <utility>

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

// Numbers are kept as marks (which are given, which are not 0), then scale and units of those that are not 0.
constexpr std::size_t numbers_room = 2 + pack_number::count * (1 + varint_max_bytes);

bool within_bounds(const Decimal &decimal) noexcept
{
    static_assert(max_line_amount == power_of_ten(2 * amount_scale));
    return magnitude(decimal.units) <= magnitude(power_of_ten(amount_scale + decimal.scale));
}

bool is_amount(const Decimal &decimal) noexcept { return fits_int64(decimal.units) || to_amount(decimal); }

// credit - (its parts), with the smallest scale. All are within bounds, and 18 decimals of five such sums fit.
Decimal rest_of_credit(const UsageLine &line) noexcept
{
    const std::array<const Decimal *, 4> parts{&line.monetary_grant_credit, &line.volume_incentive_credit.value, &line.cud_credit.value,
                                               &line.misc_credit.value};
    Decimal rest = line.credit;
    for (const Decimal *part : parts) {
        if (part->units == 0) continue;
        const int scale = std::max(rest.scale, part->scale);
        rest.units = rest.units * power_of_ten(scale - rest.scale) - part->units * power_of_ten(scale - part->scale);
        rest.scale = scale;
    }
    if (rest.units == 0) return {};
    const int zeros = trailing_zeros(rest.units, rest.scale);
    return {drop_zeros(rest.units, zeros), rest.scale - zeros};
}

}  // namespace

LineStore::LineStore(const Memory &memory) noexcept
    : memory_(memory),
      words_([]<std::size_t... column>(const Memory &from, std::index_sequence<column...>) {
          return std::array{(static_cast<void>(column), WordTable(from))...};
      }(memory, std::make_index_sequence<pack_text::count>())),
      tables_{BundleTable(memory), BundleTable(memory), BundleTable(memory), BundleTable(memory), BundleTable(memory)}
{
}

std::span<const pack_text::Column> LineStore::fields(std::size_t bundle) noexcept { return all_fields[bundle]; }

Result<std::uint32_t> LineStore::labels_of(const UsageLine &line) noexcept
{
    if (line.attributes.empty()) return words_[Column::attributes].number({});
    if (attribute_order_.size() < line.attributes.size()) {
        attribute_order_ = memory_.array<Attribute>(2 * line.attributes.size());
        if (!attribute_order_.data()) return Errc::out_of_memory;
    }
    const auto ordered = attribute_order_.first(line.attributes.size());
    std::copy(line.attributes.begin(), line.attributes.end(), ordered.begin());
    PARTNER_BONUS_TRY(word, attributes_to_word(ordered, attribute_room_, memory_));
    return words_[Column::attributes].number(word);
}

Result<std::uint32_t> LineStore::bundle(std::size_t kind, const UsageLine &line) noexcept
{
    BundleTable::Key bundled{};
    std::uint32_t *number = bundled.data();
    for (const Column column : all_fields[kind]) {
        PARTNER_BONUS_TRY(found, words_[column].number(line.*pack_text_fields[column]));
        *number++ = found;
    }
    return is_word(kind) ? Result(bundled[0]) : tables_[kind].place(bundled);
}

Result<const std::byte *> LineStore::store(const Numbers &numbers) noexcept
{
    constexpr std::size_t block = 65'536;
    if (bytes_.size() - used_ < numbers_room) {
        bytes_ = memory_.array<std::byte>(block);
        used_ = 0;
        if (!bytes_.data()) return Errc::out_of_memory;
    }
    const auto room = bytes_.subspan(used_);
    WireWriter wire(room);
    wire.byte(static_cast<std::uint8_t>(numbers.given));
    wire.byte(static_cast<std::uint8_t>(numbers.not_zero));
    for (unsigned left = numbers.not_zero; left != 0; left &= left - 1) {
        const Decimal &value = numbers.value[static_cast<std::size_t>(std::countr_zero(left))];
        wire.byte(static_cast<std::uint8_t>(value.scale));
        fits_int64(value.units) ? wire.roomy_varint64(zigzag64(static_cast<std::int64_t>(value.units))) : wire.signed_varint(value.units);
    }
    used_ += wire.written().size();
    return static_cast<const std::byte *>(room.data());
}

void LineStore::numbers(const Line &line, Numbers &out) noexcept
{
    WireReader wire({line.numbers, numbers_room});
    out.given = wire.byte();
    out.not_zero = wire.byte();
    for (unsigned left = out.not_zero; left != 0; left &= left - 1) {
        Decimal &value = out.value[static_cast<std::size_t>(std::countr_zero(left))];
        value.scale = wire.byte();
        value.units = wire.signed_varint();
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
    if (!within_bounds(line.credit)) return Errc::amount_out_of_range;
    Numbers numbers;
    numbers.given = numbers.not_zero = 0;
    const auto put = [&numbers](pack_number::Column column, const Decimal &value, bool given) {
        numbers.given |= static_cast<unsigned>(given) << column;
        if (value.units == 0) return true;
        numbers.not_zero |= 1U << column;
        numbers.value[column] = value;
        return column == pack_number::pricing_quantity || column == pack_number::reward ? is_amount(value) : within_bounds(value);
    };
    const auto put_optional = [&put](pack_number::Column column, const OptionalDecimal &number) { return put(column, number.value, number.given); };
    if (!put_optional(pack_number::pricing_quantity, line.pricing_quantity) || !put(pack_number::cost, line.cost, true) ||
        !put(pack_number::monetary_grant_credit, line.monetary_grant_credit, true) ||
        !put_optional(pack_number::volume_incentive_credit, line.volume_incentive_credit) || !put_optional(pack_number::cud_credit, line.cud_credit) ||
        !put_optional(pack_number::misc_credit, line.misc_credit) || !put_optional(pack_number::reward, line.reward))
        return Errc::amount_out_of_range;
    (void)put(pack_number::credit_rest, rest_of_credit(line), true);  // may be beyond the bounds
    PARTNER_BONUS_TRY(fresh, new_line());
    Line &stored = *fresh;
    stored.day = line.usage_day;
    for (std::size_t kind = 0; kind < bundles; ++kind) {
        PARTNER_BONUS_TRY(number, kind == labels ? labels_of(line) : bundle(kind, line));
        stored.bundle[kind] = number;
    }
    PARTNER_BONUS_TRY(kept, store(numbers));
    stored.numbers = kept;
    ++count_;
    return Done{};
}

}  // namespace partner_bonus
