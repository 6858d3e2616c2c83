#include <algorithm>

#include "pack_sums.hpp"

namespace partner_bonus {

namespace {

template <class T>
constexpr int order_of(const T &a, const T &b) noexcept
{
    return a < b ? -1 : b < a ? 1 : 0;
}

// Whether lines of one key are in order; keys are. Column by column: of the lines that equal the one before so far, fewer are
// left each time.
class LineOrder {
   public:
    static Result<LineOrder> of(std::size_t lines, const Memory &memory) noexcept
    {
        LineOrder order;
        order.equal_ = memory.array<std::uint32_t>(lines);
        if (!order.equal_.data()) return Errc::out_of_memory;
        return order;
    }
    void add_key(std::size_t from, std::size_t to) noexcept
    {
        for (std::size_t line = from + 1; line < to; ++line) equal_[count_++] = static_cast<std::uint32_t>(line);
    }
    bool ascends(const PackColumns &columns) noexcept
    {
        const auto texts = std::span(columns.texts);
        for (const auto &column : texts.first(pack_text::content_end).subspan(pack_text::key_end)) compare(column);
        for (const auto &column : columns.numbers) compare(column);
        for (const auto &column : texts.subspan(pack_text::content_end)) compare(column);
        return ascends_;
    }

   private:
    void compare(const PackColumns::Text &column) noexcept
    {
        if (!column.codes.empty())
            compare([codes = column.codes.data()](std::size_t line) { return order_of(codes[line - 1], codes[line]); });
    }
    void compare(const PackColumns::Number &column) noexcept
    {
        compare([&column](std::size_t line) {
            const int order = order_of(column.has(line - 1), column.has(line));
            return order != 0 ? order : order_of(column.unit(line - 1), column.unit(line));
        });
    }
    template <class Order>
    void compare(Order order_to_line) noexcept
    {
        std::size_t left = 0;
        for (const std::uint32_t line : equal_.first(count_)) {
            const int order = order_to_line(line);
            ascends_ = ascends_ && order <= 0;
            equal_[left] = line;
            left += order == 0;
        }
        count_ = left;
    }

    std::span<std::uint32_t> equal_;
    std::size_t count_ = 0;
    bool ascends_ = true;
};

// Whether the directory tells of the lines that are there. That it is written as it should be has been seen to.
bool tells_of_lines(PackDirectory directory, const PackColumns &columns, LineOrder &order) noexcept
{
    const KeyScales scales = key_scales(columns);
    if (directory.scales() != scales) return false;
    std::size_t line = 0;
    for (KeySums told; directory.next_sums(told); line += told.lines) {
        if (told != sum_up(columns, scales, line, line + told.lines)) return false;
        order.add_key(line, line + told.lines);
    }
    return true;
}

}  // namespace

Result<Bytes> usage_pack_from_binary(Bytes pack, const Memory &host) noexcept
{
    // Room for what each line has in the columns, and in their order.
    constexpr std::size_t line_bytes = (pack_text::count + 1) * sizeof(std::uint32_t) + pack_number::count * sizeof(std::int64_t);
    PARTNER_BONUS_TRY(lines, pack_line_count(pack));
    Block block(lines * line_bytes, host);
    const Memory memory = block.memory();
    PackDirectory directory;
    PARTNER_BONUS_TRY(columns, read_pack(pack, directory, memory));
    PARTNER_BONUS_TRY(none, LineOrder::of(columns.lines, memory));
    LineOrder order = none;
    if (!tells_of_lines(directory, columns, order) || !order.ascends(columns)) return Errc::binary_malformed;
    return pack;
}

}  // namespace partner_bonus
