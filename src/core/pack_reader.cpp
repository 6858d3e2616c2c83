#include <algorithm>

#include "attributes.hpp"
#include "checksum.hpp"
#include "pack_column_reader.hpp"
#include "pack_directory.hpp"

namespace partner_bonus {

namespace {

using Text = PackColumns::Text;
using Number = PackColumns::Number;
using Given = PackColumns::Given;

constexpr std::array<std::size_t, 5> credit_parts{pack_number::monetary_grant_credit, pack_number::volume_incentive_credit,
                                                  pack_number::cud_credit, pack_number::misc_credit, pack_number::credit_rest};

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

// How many bytes a directory takes.
class DirectorySize {
   public:
    explicit DirectorySize(const PackDirectory &directory) noexcept
    {
        for (std::size_t column = 0; column < pack_key_columns; ++column) {
            bits_[column] = code_bits(directory.word_count(column));
            add_piece(directory.words_bytes(column).size());
        }
        bytes_ += varint_bytes(directory.keys()) + scale_bytes;
    }
    void add(const DirectoryEntry &entry) noexcept
    {
        uint128 key = 0;
        for (std::size_t column = 0; column < pack_key_columns; ++column) key = key << bits_[column] | entry.key[column];
        key_bytes_ += varint_bytes(key - before_);
        before_ = key;
        bytes_ += varint_bytes(entry.lines << key_mark_bits);
        for (const int128 &sum : {entry.cost, entry.grant_credit, entry.other_credit, entry.reward})
            bytes_ += sum == 0 ? 0 : varint_bytes(zigzag(sum));
    }
    std::size_t of_keys() const noexcept { return key_bytes_; }
    std::size_t of_all() noexcept
    {
        add_piece(key_bytes_);
        return bytes_;
    }

   private:
    static constexpr std::size_t scale_bytes = 4;

    // Behind its length.
    void add_piece(std::size_t bytes) noexcept { bytes_ += varint_bytes(bytes) + bytes; }

    std::array<int, pack_key_columns> bits_{};
    std::size_t bytes_ = 0;
    std::size_t key_bytes_ = 0;
    uint128 before_ = 0;
};

Status read_directory(const PackParts &parts, PackDirectory directory, PackColumns &columns, std::size_t &bytes_left, const Memory &memory) noexcept
{
    std::array<std::span<std::uint32_t>, pack_text::key_end> codes;
    std::array<Used, pack_text::key_end> used;
    for (std::size_t column = 0; column < pack_text::key_end; ++column) {
        WireReader wire(directory.words_bytes(column));
        PARTNER_BONUS_TRY(words, read_words(wire, parts.lines, bytes_left, memory));
        if (wire.left() > 0) return Errc::binary_malformed;
        columns.texts[column].words = words;
        PARTNER_BONUS_TRY(marks, Used::of(words.size(), memory));
        used[column] = marks;
        if (words.size() < 2) continue;
        codes[column] = memory.array<std::uint32_t>(parts.lines);
        if (!codes[column].data()) return Errc::out_of_memory;
        columns.texts[column].codes = codes[column];
    }
    DirectorySize size(directory);
    std::size_t line = 0;
    for (DirectoryEntry entry; directory.next(entry);) {
        if (entry.lines == 0 || entry.lines > parts.lines - line) return Errc::binary_malformed;
        for (std::size_t column = 0; column < pack_text::key_end; ++column) {
            used[column].mark(entry.key[column]);
            if (!codes[column].empty()) std::fill_n(codes[column].begin() + static_cast<std::ptrdiff_t>(line), entry.lines, entry.key[column]);
        }
        line += entry.lines;
        size.add(entry);
    }
    const auto all = [](const Used &column) { return column.all(); };
    if (directory.failed() || line != parts.lines || !std::all_of(used.begin(), used.end(), all)) return Errc::binary_malformed;
    // Had a number been written with more bytes than it needs, or a sum of 0 at all, there would be more of them.
    if (size.of_keys() != directory.key_bytes().size() || size.of_all() != parts.directory.size()) return Errc::binary_malformed;
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
    const uint128 lines = wire.shortest_varint();
    if (lines > max_pack_lines || wire.ran_out()) return Errc::binary_malformed;
    head.parts.lines = static_cast<std::size_t>(lines);
    head.rest = wire;
    return head;
}

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
    const uint128 directory = wire.shortest_varint();
    const uint128 content = wire.shortest_varint();
    const uint128 remarks = wire.shortest_varint();
    parts.directory = wire.bytes(directory);
    parts.content = wire.bytes(content);
    parts.remarks = wire.bytes(remarks);
    if (wire.ran_out() || wire.left() > 0) return Errc::binary_malformed;
    return parts;
}

Result<PackParts> undamaged_parts(Bytes pack) noexcept
{
    PARTNER_BONUS_TRY(parts, pack_parts(pack));
    if (checksum(pack.subspan(pack_preamble)) != parts.checksum) return Errc::binary_malformed;
    return parts;
}

Result<Bytes> usage_pack_content(Bytes pack) noexcept
{
    PARTNER_BONUS_TRY(parts, pack_parts(pack));
    return Bytes(parts.directory.data(), parts.directory.size() + parts.content.size());
}

bool are_lines(const PackColumns &columns, std::span<const Amount, pack_number::count> greatest) noexcept
{
    for (const std::string_view word : columns.texts[pack_text::attributes].words)
        if (word.data() != nullptr && attributes_from_word(word, {}) < 0) return false;
    // What a line cannot do without is never missing; a missing word is the first.
    for (const Text &column : std::span(columns.texts).first(pack_text::key_end))
        if (!column.words.empty() && column.words.front().data() == nullptr) return false;
    for (std::size_t number = 0; number < pack_number::count; ++number) {
        const Given given = columns.numbers[number].given;
        const bool required = number == pack_number::cost || number == pack_number::monetary_grant_credit || number == pack_number::credit_rest;
        if (required ? given != Given::always : given == Given::always && columns.lines == 0) return false;
    }
    for (const std::size_t number : {pack_number::cost, pack_number::monetary_grant_credit, pack_number::volume_incentive_credit,
                                     pack_number::cud_credit, pack_number::misc_credit})
        if (greatest[number] > max_line_amount) return false;
    return credits_within_bounds(columns, greatest);
}

Result<PackColumns> read_pack(Bytes pack, const Memory &memory) noexcept
{
    PackDirectory directory;
    return read_pack(pack, directory, memory);
}

Result<PackColumns> read_pack(Bytes pack, PackDirectory &directory, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(parts, undamaged_parts(pack));
    PackColumns columns;
    columns.lines = parts.lines;
    std::size_t bytes_left = max_pack_words_bytes;
    PARTNER_BONUS_TRY(opened, PackDirectory::open(pack));
    directory = opened;
    const Status keys = read_directory(parts, directory, columns, bytes_left, memory);
    if (!keys) return keys.error();
    const Status read = read_columns(
        parts, columns, [&](WireReader &wire, Text &column) { return read_text(wire, parts.lines, column, bytes_left, memory); },
        [&](WireReader &wire, Number &column, Amount &greatest) { return read_number(wire, parts.lines, column, greatest, memory); });
    if (!read) return read.error();
    return columns;
}

}  // namespace partner_bonus
