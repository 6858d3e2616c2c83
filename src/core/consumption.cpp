#include "consumption.hpp"

#include <algorithm>
#include <array>

#include "hash.hpp"
#include "text.hpp"

namespace partner_bonus {

namespace {

constexpr std::uint8_t stored_version = 1;

constexpr unsigned has_cost = 1;
constexpr unsigned has_grant_credit = 2;
constexpr unsigned has_other_credit = 4;
constexpr int presence_bits = 3;

template <class Cell>
using Cells = std::array<Cell, 3>;

constexpr Cells<Amount> cells_of(const DayAmounts &entry) noexcept
{
    return {entry.amounts.cost, entry.amounts.grant_credit, entry.amounts.other_credit};
}

constexpr Cells<std::int64_t> cells_of(const DayUnits &entry) noexcept
{
    return {entry.cost, entry.grant_credit, entry.other_credit};
}

template <class Cell>
constexpr unsigned presence(const Cells<Cell> &cells) noexcept
{
    return (cells[0] != 0 ? has_cost : 0) | (cells[1] != 0 ? has_grant_credit : 0) | (cells[2] != 0 ? has_other_credit : 0);
}

void write_cell(WireWriter &wire, std::int64_t units) noexcept { wire.roomy_varint64(zigzag64(units)); }
void write_cell(WireWriter &wire, int128 units) noexcept
{
    fits_int64(units) ? write_cell(wire, static_cast<std::int64_t>(units)) : wire.signed_varint(units);
}

template <class Entry>
void write_series(WireWriter &wire, std::span<const Entry> days, int scale) noexcept
{
    int zeros = scale;
    std::size_t count = 0;
    for (const Entry &entry : days) {
        const auto cells = cells_of(entry);
        if (presence(cells) == 0) continue;
        ++count;
        for (const auto cell : cells)
            if (cell != 0 && zeros > 0) zeros = trailing_zeros(cell, zeros);
    }
    if (count == 0) zeros = scale;

    wire.byte(stored_version);
    wire.byte(static_cast<std::uint8_t>(scale - zeros));
    wire.varint64(count);
    Day before = 0;
    for (const Entry &entry : days) {
        const auto cells = cells_of(entry);
        const unsigned which = presence(cells);
        if (which == 0) continue;
        const std::int64_t distance = entry.day - before;
        write_cell(wire, distance * (1 << presence_bits) + which);
        for (const auto cell : cells)
            if (cell != 0) write_cell(wire, static_cast<decltype(cell)>(drop_zeros(cell, zeros)));
        before = entry.day;
    }
}

// The sum (or difference) of two series, day by day.
Result<Bytes> combine(Bytes a, Bytes b, bool subtract, const Memory &memory) noexcept
{
    ConsumptionReader left(a);
    ConsumptionReader right(b);
    const auto days = memory.array<DayAmounts>(left.days_left() + right.days_left());
    if (!days.data()) return Errc::out_of_memory;
    DayAmounts x;
    DayAmounts y;
    bool has_x = left.next_exact(x);
    bool has_y = right.next_exact(y);
    std::size_t count = 0;
    while (has_x || has_y) {
        DayAmounts &out = days[count++];
        const bool take_x = has_x && (!has_y || x.day <= y.day);
        const bool take_y = has_y && (!has_x || y.day <= x.day);
        out = {take_x ? x.day : y.day, take_x ? x.amounts : Amounts{}};
        if (take_y) {
            const auto change = subtract ? try_subtract : try_add;
            Amounts &sum = out.amounts;
            if (!change(sum.cost, y.amounts.cost, sum.cost) ||
                !change(sum.grant_credit, y.amounts.grant_credit, sum.grant_credit) ||
                !change(sum.other_credit, y.amounts.other_credit, sum.other_credit))
                return Error{Errc::amount_out_of_range, {}, out.day};
            has_y = right.next_exact(y);
        }
        if (take_x) has_x = left.next_exact(x);
    }
    return consumption_store(days.first(count), amount_scale, memory);
}

}  // namespace

ConsumptionReader::ConsumptionReader(Bytes value) noexcept : wire_(value)
{
    wire_.byte();  // the form
    working_ = ConsumptionState::in(value);
    if (working_) {
        scale_ = working_->scale();
        left_ = working_->count();
        return;
    }
    scale_ = std::min<int>(wire_.byte(), amount_scale);
    left_ = static_cast<std::size_t>(std::min<uint128>(wire_.varint(), wire_.left()));
}

bool ConsumptionReader::next(DayAmounts &entry) noexcept
{
    while (left_ > 0) {
        --left_;
        if (working_) {
            entry = {working_->day(at_), working_->amounts(at_)};
            ++at_;
        } else {
            const int128 head = wire_.signed_varint();
            const auto which = static_cast<unsigned>(head) & ((1U << presence_bits) - 1);
            day_ = static_cast<Day>(day_ + (head >> presence_bits));
            entry.day = day_;
            entry.amounts.cost = (which & has_cost) != 0 ? wire_.signed_varint() : 0;
            entry.amounts.grant_credit = (which & has_grant_credit) != 0 ? wire_.signed_varint() : 0;
            entry.amounts.other_credit = (which & has_other_credit) != 0 ? wire_.signed_varint() : 0;
        }
        if (!entry.amounts.zero()) return true;
    }
    return false;
}

bool ConsumptionReader::next_exact(DayAmounts &entry) noexcept
{
    if (!next(entry)) return false;
    const int128 factor = power_of_ten(amount_scale - scale_);
    entry.amounts.cost *= factor;
    entry.amounts.grant_credit *= factor;
    entry.amounts.other_credit *= factor;
    return true;
}

void consumption_write(WireWriter &wire, std::span<const DayAmounts> days, int scale) noexcept { write_series(wire, days, scale); }

void consumption_write(WireWriter &wire, std::span<const DayUnits> days, int scale) noexcept { write_series(wire, days, scale); }

namespace {

template <class Entry>
Result<Bytes> store_series(std::span<const Entry> days, int scale, const Memory &memory) noexcept
{
    const auto room = memory.array<std::byte>(consumption_room(days.size()));
    if (!room.data()) return Errc::out_of_memory;
    WireWriter wire(room);
    write_series(wire, days, scale);
    return wire.written();
}

Result<Bytes> store_narrow(const ConsumptionState &state, const Memory &memory) noexcept
{
    const auto days = memory.array<DayUnits>(state.count());
    if (!days.data()) return Errc::out_of_memory;
    for (std::uint32_t i = 0; i < state.count(); ++i) {
        const std::int64_t *cell = state.narrow_cell(i);
        days[i] = {state.day(i), cell[0], cell[1], cell[2]};
    }
    return store_series(std::span<const DayUnits>(days), state.scale(), memory);
}

}  // namespace

Result<Bytes> consumption_store(std::span<const DayAmounts> days, int scale, const Memory &memory) noexcept
{
    return store_series(days, scale, memory);
}

Result<Bytes> consumption_store(Bytes value, const Memory &memory) noexcept
{
    const ConsumptionState *state = ConsumptionState::in(value);
    if (state != nullptr && !state->wide()) return store_narrow(*state, memory);
    ConsumptionReader reader(value);
    const auto days = memory.array<DayAmounts>(reader.days_left());
    if (!days.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for (DayAmounts entry; reader.next(entry);) days[count++] = entry;
    return consumption_store(days.first(count), reader.scale(), memory);
}

Result<Bytes> consumption_from_binary(Bytes bytes, const Memory &memory) noexcept
{
    if (bytes.empty()) return Errc::binary_malformed;
    const auto version = std::to_integer<std::uint8_t>(bytes.front());
    if (version != stored_version) return Error{Errc::binary_version, {}, version};
    ConsumptionReader reader(bytes);
    const auto days = memory.array<DayAmounts>(reader.days_left());
    if (!days.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    const int128 factor = power_of_ten(amount_scale - reader.scale());
    for (DayAmounts entry; reader.next(entry);) {
        auto &[cost, grant_credit, other_credit] = entry.amounts;
        if (!in_calendar(entry.day) || (count > 0 && entry.day <= days[count - 1].day) || !try_multiply(cost, factor, cost) ||
            !try_multiply(grant_credit, factor, grant_credit) || !try_multiply(other_credit, factor, other_credit))
            return Errc::binary_malformed;
        days[count++] = entry;
    }
    // Whatever else may be wrong (missing or further bytes, a number written too long, a scale too large) shows in this.
    PARTNER_BONUS_TRY(canonical, consumption_store(days.first(count), amount_scale, memory));
    if (!std::equal(bytes.begin(), bytes.end(), canonical.begin(), canonical.end())) return Errc::binary_malformed;
    return canonical;
}

Result<Bytes> consumption_from_text(std::string_view text, const Memory &memory) noexcept
{
    TextReader reader(text);
    if (!reader.take('{')) return reader.stopped(Errc::text_malformed);
    const auto days = memory.array<DayAmounts>(static_cast<std::size_t>(std::count(text.begin(), text.end(), ':')));
    if (!days.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    if (!reader.take('}')) {
        do {
            PARTNER_BONUS_TRY(day, parse_day(reader.take_until(":,}")));
            if (!reader.take(':')) return reader.stopped(Errc::text_malformed);
            PARTNER_BONUS_TRY(cost, parse_amount(reader.take_until("/,}")));
            if (!reader.take('/')) return reader.stopped(Errc::text_malformed);
            PARTNER_BONUS_TRY(grant_credit, parse_amount(reader.take_until("/,}")));
            if (!reader.take('/')) return reader.stopped(Errc::text_malformed);
            PARTNER_BONUS_TRY(other_credit, parse_amount(reader.take_until(",}")));
            days[count++] = {day, {cost, grant_credit, other_credit}};
        } while (reader.take(','));
        if (!reader.take('}')) return reader.stopped(Errc::text_malformed);
    }
    if (!reader.at_end()) return reader.stopped(Errc::text_trailing);

    const auto series = days.first(count);
    std::sort(series.begin(), series.end(), [](const DayAmounts &a, const DayAmounts &b) { return a.day < b.day; });
    const auto repeated =
        std::adjacent_find(series.begin(), series.end(), [](const DayAmounts &a, const DayAmounts &b) { return a.day == b.day; });
    if (repeated != series.end()) return Error{Errc::day_repeated, {}, repeated->day};
    return consumption_store(series, amount_scale, memory);
}

Result<std::string_view> consumption_to_text(Bytes value, const Memory &memory) noexcept
{
    ConsumptionReader reader(value);
    constexpr std::size_t day_room = TextWriter::day_room + 3 * TextWriter::decimal_room + 6;
    const auto room = memory.array<char>(2 + reader.days_left() * day_room);
    if (!room.data()) return Errc::out_of_memory;
    TextWriter writer(room);
    writer.put('{');
    bool first = true;
    for (DayAmounts entry; reader.next(entry); first = false) {
        if (!first) writer.put(", ");
        writer.day(entry.day);
        writer.put(": ");
        writer.decimal(entry.amounts.cost, reader.scale());
        writer.put('/');
        writer.decimal(entry.amounts.grant_credit, reader.scale());
        writer.put('/');
        writer.decimal(entry.amounts.other_credit, reader.scale());
    }
    writer.put('}');
    return writer.written();
}

Result<Bytes> consumption_add(Bytes a, Bytes b, const Memory &memory) noexcept { return combine(a, b, false, memory); }

Result<Bytes> consumption_subtract(Bytes a, Bytes b, const Memory &memory) noexcept { return combine(a, b, true, memory); }

Result<Bytes> consumption_restrict(Bytes value, std::span<const DayRange> ranges, const Memory &memory) noexcept
{
    ConsumptionReader reader(value);
    const auto days = memory.array<DayAmounts>(reader.days_left());
    if (!days.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    auto range = ranges.begin();
    for (DayAmounts entry; reader.next(entry);) {
        while (range != ranges.end() && range->to <= entry.day) ++range;
        if (range != ranges.end() && range->from <= entry.day) days[count++] = entry;
    }
    return consumption_store(days.first(count), reader.scale(), memory);
}

bool consumption_has_days(Bytes value, std::span<const DayRange> ranges) noexcept
{
    ConsumptionReader reader(value);
    auto range = ranges.begin();
    for (DayAmounts entry; range != ranges.end() && reader.next(entry);) {
        while (range != ranges.end() && range->to <= entry.day) ++range;
        if (range != ranges.end() && range->from <= entry.day) return true;
    }
    return false;
}

ConsumptionTotal consumption_total(Bytes value) noexcept
{
    ConsumptionSum sum;
    ConsumptionReader reader(value);
    for (DayAmounts entry; reader.next(entry);) sum.add(entry.amounts);
    const ConsumptionTotal total = sum.total();
    const auto factor = static_cast<std::int64_t>(power_of_ten(amount_scale - reader.scale()));
    return {total.cost * factor, total.grant_credit * factor, total.other_credit * factor};
}

std::strong_ordering consumption_compare(Bytes a, Bytes b) noexcept
{
    ConsumptionReader left(a);
    ConsumptionReader right(b);
    for (;;) {
        DayAmounts x;
        DayAmounts y;
        const bool has_x = left.next_exact(x);
        const bool has_y = right.next_exact(y);
        if (!has_x || !has_y) return has_x <=> has_y;
        if (const auto order = x.day <=> y.day; order != 0) return order;
        if (const auto order = x.amounts <=> y.amounts; order != 0) return order;
    }
}

std::uint64_t consumption_hash(Bytes value, std::uint64_t seed) noexcept
{
    Hash hash(seed);
    ConsumptionReader reader(value);
    for (DayAmounts entry; reader.next_exact(entry);) {
        hash.add(static_cast<std::uint64_t>(static_cast<std::int64_t>(entry.day)));
        hash.add(entry.amounts.cost);
        hash.add(entry.amounts.grant_credit);
        hash.add(entry.amounts.other_credit);
    }
    return hash.value();
}

}  // namespace partner_bonus
