#include <algorithm>

#include "attributes.hpp"
#include "checksum.hpp"
#include "pack_directory.hpp"
#include "pack_format.hpp"
#include "usage_pack.hpp"

namespace partner_bonus {

namespace {

using Text = PackColumns::Text;
using Number = PackColumns::Number;
using Given = PackColumns::Given;

constexpr std::array<std::size_t, 5> credit_parts{pack_number::monetary_grant_credit, pack_number::volume_incentive_credit,
                                                  pack_number::cud_credit, pack_number::misc_credit, pack_number::credit_rest};

// Each word has to be used, or the same lines could be written with more words.
class Used {
   public:
    static Result<Used> of(std::size_t words, const Memory &memory) noexcept
    {
        Used used;
        used.marks_ = memory.array<std::uint8_t>(words);
        if (!used.marks_.data()) return Errc::out_of_memory;
        std::fill(used.marks_.begin(), used.marks_.end(), std::uint8_t{0});
        return used;
    }
    // False for a code without a word.
    bool mark(std::uint64_t code) noexcept
    {
        if (code >= marks_.size()) return false;
        marks_[code] = 1;
        return true;
    }
    bool all() const noexcept { return std::find(marks_.begin(), marks_.end(), 0) == marks_.end(); }

   private:
    std::span<std::uint8_t> marks_;
};

// The codes of a column; those of a key's column are read from the directory.
Result<std::span<const std::uint32_t>> read_codes(WireReader &wire, std::size_t lines, std::size_t words, const Memory &memory) noexcept
{
    const auto codes = memory.array<std::uint32_t>(lines);
    if (!codes.data()) return Errc::out_of_memory;
    const auto used_or = Used::of(words, memory);
    if (!used_or) return used_or.error();
    Used used = *used_or;
    if (wire.byte() == codes_in_runs) {
        for (std::size_t at = 0; at < lines;) {
            const auto length = static_cast<std::size_t>(std::min<uint128>(wire.varint(), lines - at));
            const uint128 code = wire.varint();
            if (length == 0 || code >= words) return Errc::binary_malformed;
            (void)used.mark(static_cast<std::uint64_t>(code));
            std::fill_n(codes.begin() + static_cast<std::ptrdiff_t>(at), length, static_cast<std::uint32_t>(code));
            at += length;
        }
    } else {
        BitReader packed(wire);
        const int bits = code_bits(words);
        for (std::uint32_t &code : codes) {
            code = packed.take(bits);
            if (!used.mark(code)) return Errc::binary_malformed;
        }
    }
    if (!used.all()) return Errc::binary_malformed;
    return std::span<const std::uint32_t>(codes);
}

Status read_text(WireReader &wire, std::size_t lines, Text &column, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(words, read_words(wire, lines, memory));
    column.words = words;
    if (words.empty() != (lines == 0)) return Errc::binary_malformed;
    if (words.size() < 2) return Done{};
    PARTNER_BONUS_TRY(codes, read_codes(wire, lines, words.size(), memory));
    column.codes = codes;
    return Done{};
}

Result<std::span<const std::uint8_t>> read_marks(WireReader &wire, std::size_t count, const Memory &memory) noexcept
{
    const auto marks = memory.array<std::uint8_t>(count);
    if (!marks.data()) return Errc::out_of_memory;
    BitReader bits(wire);
    for (std::uint8_t &mark : marks) mark = static_cast<std::uint8_t>(bits.take(1));
    return std::span<const std::uint8_t>(marks);
}

Status read_number(WireReader &wire, std::size_t lines, Number &column, Amount &greatest, const Memory &memory) noexcept
{
    const unsigned head = wire.byte();
    if ((head & given_mask) > static_cast<unsigned>(Given::sometimes)) return Errc::binary_malformed;
    column.given = static_cast<Given>(head & given_mask);
    std::size_t given = column.given == Given::always ? lines : 0;
    if (column.given == Given::sometimes) {
        PARTNER_BONUS_TRY(marks, read_marks(wire, lines, memory));
        column.is_given = marks;
        given = static_cast<std::size_t>(std::count(marks.begin(), marks.end(), 1));
        if (given == 0 || given == lines) return Errc::binary_malformed;
    }
    if ((head & zeros_only) != 0) return Done{};
    column.scale = wire.byte();
    if (column.scale > amount_scale) return Errc::binary_malformed;
    std::span<const std::uint8_t> not_zero;
    if ((head & zeros_marked) != 0) {
        PARTNER_BONUS_TRY(marks, read_marks(wire, given, memory));
        not_zero = marks;
    }
    const auto units = memory.array<int128>(lines);
    if (!units.data()) return Errc::out_of_memory;
    uint128 most = 0;
    bool whole = column.scale == 0;  // whether the scale is as small as can be
    std::size_t place = 0;
    for (std::size_t line = 0; line < lines; ++line) {
        const bool follows = column.has(line) && (not_zero.empty() || not_zero[place++] != 0);
        const int128 unit = follows ? wire.signed_varint() : 0;
        most = std::max(most, magnitude(unit));
        whole = whole || trailing_zeros(unit, 1) == 0;
        units[line] = unit;
    }
    if (most == 0 || !whole || most > static_cast<uint128>(amount_max)) return Errc::binary_malformed;
    if (!try_multiply(static_cast<int128>(most), power_of_ten(amount_scale - column.scale), greatest)) return Errc::binary_malformed;
    column.units = units;
    return Done{};
}

// A line's credit is the sum of its parts, of which only the last, the rest, may be beyond bounds by itself. Mostly the greatest
// of each tell that the sum is within.
bool credits_within_bounds(const PackColumns &columns, std::span<const Amount, pack_number::count> greatest) noexcept
{
    Amount sum = 0;
    bool within = true;
    for (const std::size_t part : credit_parts) within = try_add(sum, greatest[part], sum);
    if (within && sum <= max_line_amount) return true;
    for (std::size_t line = 0; line < columns.lines; ++line) {
        sum = 0;
        for (const std::size_t part : credit_parts) {
            const Number &number = columns.numbers[part];
            if (!try_add(sum, number.unit(line) * power_of_ten(amount_scale - number.scale), sum)) return false;
        }
        if (sum > max_line_amount || sum < -max_line_amount) return false;
    }
    return true;
}

Status read_directory(const PackParts &parts, Bytes pack, PackColumns &columns, const Memory &memory) noexcept
{
    auto directory_or = PackDirectory::open(pack);
    if (!directory_or) return directory_or.error();
    PackDirectory directory = *directory_or;
    std::array<std::span<std::uint32_t>, pack_text::key_end> codes;
    std::array<Used, pack_text::key_end> used;
    for (std::size_t column = 0; column < pack_text::key_end; ++column) {
        PARTNER_BONUS_TRY(words, directory.words(column, memory));
        columns.texts[column].words = words;
        PARTNER_BONUS_TRY(marks, Used::of(words.size(), memory));
        used[column] = marks;
        if (words.size() < 2) continue;
        codes[column] = memory.array<std::uint32_t>(parts.lines);
        if (!codes[column].data()) return Errc::out_of_memory;
        columns.texts[column].codes = codes[column];
    }
    std::size_t line = 0;
    for (DirectoryEntry entry; directory.next(entry);) {
        if (entry.lines == 0 || entry.lines > parts.lines - line) return Errc::binary_malformed;
        for (std::size_t column = 0; column < pack_text::key_end; ++column) {
            used[column].mark(entry.key[column]);
            if (!codes[column].empty()) std::fill_n(codes[column].begin() + static_cast<std::ptrdiff_t>(line), entry.lines, entry.key[column]);
        }
        line += entry.lines;
    }
    const auto all = [](const Used &column) { return column.all(); };
    if (directory.failed() || line != parts.lines || !std::all_of(used.begin(), used.end(), all)) return Errc::binary_malformed;
    return Done{};
}

struct Head {
    PackParts parts;
    WireReader rest{Bytes{}};
};

// As far as the number of lines.
Result<Head> read_head(Bytes pack) noexcept
{
    WireReader wire(pack);
    const std::uint8_t version = wire.byte();
    if (pack.empty()) return Errc::binary_malformed;
    if (version != pack_version) return Error{Errc::binary_version, {}, version};
    Head head;
    head.parts.checksum = wire.fixed64();
    const uint128 lines = wire.varint();
    if (lines > max_pack_lines || wire.ran_out()) return Errc::binary_malformed;
    head.parts.lines = static_cast<std::size_t>(lines);
    head.rest = wire;
    return head;
}

template <class T>
constexpr int order_of(const T &a, const T &b) noexcept
{
    return a < b ? -1 : b < a ? 1 : 0;
}

// Whether lines of one key are in order; keys are, as the directory has seen to.
class LineOrder {
   public:
    explicit LineOrder(const PackColumns &columns) noexcept : columns_(columns)
    {
        for (std::size_t column = 0; column < pack_text::count; ++column)
            if (!columns.texts[column].codes.empty()) texts_[text_count_++] = column;
        const auto end = texts_.begin() + static_cast<std::ptrdiff_t>(text_count_);
        first_content_ = static_cast<std::size_t>(std::lower_bound(texts_.begin(), end, pack_text::key_end) - texts_.begin());
        first_remark_ = static_cast<std::size_t>(std::lower_bound(texts_.begin(), end, pack_text::content_end) - texts_.begin());
    }
    bool ascend(std::size_t a, std::size_t b) const noexcept
    {
        for (std::size_t i = 0; i < first_content_; ++i)
            if (code(i, a) != code(i, b)) return true;
        int order = texts(first_content_, first_remark_, a, b);
        for (auto column = columns_.numbers.begin(); order == 0 && column != columns_.numbers.end(); ++column) {
            order = order_of(column->has(a), column->has(b));
            if (order == 0) order = order_of(column->unit(a), column->unit(b));
        }
        if (order == 0) order = texts(first_remark_, text_count_, a, b);
        return order <= 0;
    }

   private:
    std::uint32_t code(std::size_t i, std::size_t line) const noexcept { return columns_.texts[texts_[i]].codes[line]; }
    int texts(std::size_t from, std::size_t to, std::size_t a, std::size_t b) const noexcept
    {
        for (std::size_t i = from; i < to; ++i)
            if (const int order = order_of(code(i, a), code(i, b)); order != 0) return order;
        return 0;
    }

    const PackColumns &columns_;
    std::array<std::size_t, pack_text::count> texts_{};  // columns with several words
    std::size_t text_count_ = 0;
    std::size_t first_content_ = 0;
    std::size_t first_remark_ = 0;
};

}  // namespace

Result<std::size_t> pack_line_count(Bytes head) noexcept
{
    PARTNER_BONUS_TRY(parts, read_head(head));
    return parts.parts.lines;
}

Result<PackParts> pack_parts(Bytes pack) noexcept
{
    PARTNER_BONUS_TRY(head, read_head(pack));
    auto [parts, wire] = head;
    const uint128 directory = wire.varint();
    const uint128 content = wire.varint();
    const uint128 remarks = wire.varint();
    parts.directory = wire.bytes(directory);
    parts.content = wire.bytes(content);
    parts.remarks = wire.bytes(remarks);
    if (wire.ran_out() || wire.left() > 0) return Errc::binary_malformed;
    return parts;
}

Result<Bytes> usage_pack_content(Bytes pack) noexcept
{
    PARTNER_BONUS_TRY(parts, pack_parts(pack));
    return Bytes(parts.directory.data(), parts.directory.size() + parts.content.size());
}

Result<PackColumns> read_pack(Bytes pack, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(parts, pack_parts(pack));
    if (checksum(pack.subspan(pack_preamble)) != parts.checksum) return Errc::binary_malformed;
    PackColumns columns;
    columns.lines = parts.lines;
    const Status directory = read_directory(parts, pack, columns, memory);
    if (!directory) return directory.error();
    std::array<Amount, pack_number::count> greatest{};
    WireReader content(parts.content);
    WireReader remarks(parts.remarks);
    for (std::size_t column = pack_text::key_end; column < pack_text::count; ++column) {
        if (column == pack_text::content_end) {
            for (std::size_t number = 0; number < pack_number::count; ++number) {
                const Status read = read_number(content, parts.lines, columns.numbers[number], greatest[number], memory);
                if (!read) return read.error();
            }
        }
        const Status read = read_text(column < pack_text::content_end ? content : remarks, parts.lines, columns.texts[column], memory);
        if (!read) return read.error();
    }
    for (const std::string_view word : columns.texts[pack_text::attributes].words)
        if (word.data() != nullptr && attributes_from_word(word, {}) < 0) return Errc::binary_malformed;
    // What a line cannot do without is never missing; a missing word is the first.
    for (const Text &column : std::span(columns.texts).first(pack_text::key_end))
        if (!column.words.empty() && column.words.front().data() == nullptr) return Errc::binary_malformed;
    for (std::size_t number = 0; number < pack_number::count; ++number) {
        const Given given = columns.numbers[number].given;
        const bool required = number == pack_number::cost || number == pack_number::monetary_grant_credit || number == pack_number::credit_rest;
        if (required ? given != Given::always : given == Given::always && columns.lines == 0) return Errc::binary_malformed;
    }
    for (const std::size_t number : {pack_number::cost, pack_number::monetary_grant_credit, pack_number::volume_incentive_credit,
                                     pack_number::cud_credit, pack_number::misc_credit})
        if (greatest[number] > max_line_amount) return Errc::binary_malformed;
    if (!credits_within_bounds(columns, greatest)) return Errc::binary_malformed;
    return columns;
}

Result<Bytes> usage_pack_from_binary(Bytes pack, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(columns, read_pack(pack, memory));
    const LineOrder order(columns);
    for (std::size_t line = 1; line < columns.lines; ++line)
        if (!order.ascend(line - 1, line)) return Errc::binary_malformed;
    // Whatever else may be wrong (a longer form, other sums, further bytes) shows in this.
    const auto canonical = write_pack(columns, memory);
    if (!canonical) return canonical.error().code == Errc::out_of_memory ? Errc::out_of_memory : Errc::binary_malformed;
    if (!same_bytes(pack, *canonical)) return Errc::binary_malformed;
    return pack;
}

Result<PackLines> PackLines::open(const PackColumns &columns, const Memory &memory) noexcept
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

void PackLines::get(std::size_t index, UsageLine &line) const noexcept
{
    const auto number = [&](pack_number::Column column) {
        const Number &from = columns_->numbers[column];
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

    line.credit = {};
    for (const std::size_t part : credit_parts) line.credit.scale = std::max(line.credit.scale, columns_->numbers[part].scale);
    for (const std::size_t part : credit_parts)
        line.credit.units += columns_->numbers[part].unit(index) * power_of_ten(line.credit.scale - columns_->numbers[part].scale);

    const std::string_view word = columns_->texts[pack_text::attributes].word(index);
    line.attributes = {};
    if (word.data() != nullptr) line.attributes = attributes_.first(static_cast<std::size_t>(attributes_from_word(word, attributes_)));
}

}  // namespace partner_bonus
