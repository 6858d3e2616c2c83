#include "printing.hpp"

#include "allocate.hpp"

namespace partner_bonus {

namespace {

constexpr std::int64_t one_in_millionths = 1'000'000;
constexpr int millionth_decimals = 6;

// A hundred times what an amount can be: the sum of the leaves of 10^9 lines, times a rate in millionths, stays far below 2^255.
bool in_range(const Int256 &exact) noexcept
{
    constexpr int spare = exact_scale - amount_scale + 2;
    return exact.fits_int128() || floor_decimals(exact, spare).units.fits_int128();
}

Int256 to_exact(const Int256 &units, int scale) noexcept
{
    const int zeros = exact_scale - scale;
    const int low = zeros < amount_scale ? zeros : amount_scale;
    return units * static_cast<std::int64_t>(power_of_ten(low)) * static_cast<std::int64_t>(power_of_ten(zeros - low));
}

// Shares of lines, and of the accounts they belong to.
struct Shares {
    std::span<Share> accounts;
    std::span<Share> lines;
    int scale;
    const Memory &memory;
};

// Splits rounded sums of leaves: a block's base over three of them, its bonus over two.
Status split(std::span<const Int256> sums, std::span<Int256> printed, Rounding rounding, const Memory &memory) noexcept
{
    std::array<Share, leaf_count> room;
    const auto shares = std::span(room).first(sums.size());
    Int256 sum;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        shares[i].exact = sums[i];
        sum += sums[i];
    }
    const Int256 target = round_decimals(sum, exact_scale - rounding.scale, rounding.mode);
    const Status done = allocate(shares, target, rounding.scale, memory);
    for (std::size_t i = 0; i < sums.size(); ++i) printed[i] = shares[i].printed;
    return done;
}

// One leaf of all lines: the block's printed value over the accounts, theirs over their lines.
Status print_leaf(std::span<PrintedLine> lines, std::size_t leaf, const Int256 &target, const Shares &shares) noexcept
{
    std::size_t account = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].starts_account) shares.accounts[account++].exact = Int256();
        shares.accounts[account - 1].exact += lines[i].exact[leaf];
        shares.lines[i].exact = lines[i].exact[leaf];
    }
    if (const Status done = allocate(shares.accounts, target, shares.scale, shares.memory); !done) return done;
    std::size_t first = 0;
    for (const Share &share : shares.accounts) {
        std::size_t end = first + 1;
        while (end < lines.size() && !lines[end].starts_account) ++end;
        const auto own = shares.lines.subspan(first, end - first);
        if (const Status done = allocate(own, share.printed, shares.scale, shares.memory); !done) return done;
        for (; first < end; ++first) lines[first].printed[leaf] = shares.lines[first].printed;
    }
    return Done{};
}

// What lines come to without the tax that is in them: shares of what the block comes to. A rate has six decimals, so that
// exact_scale tells remainders apart and knows which are zero.
Status print_taxable(std::span<PrintedLine> lines, Vat vat, Rounding rounding, const Shares &shares) noexcept
{
    Int256 payable;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Int256 units = lines[i].payable();
        payable += units;
        Int256 &exact = shares.lines[i].exact;
        exact = to_exact(units, rounding.scale) * one_in_millionths;
        exact.divide_floor(static_cast<std::uint64_t>(one_in_millionths + vat.millionths));
    }
    const Int256 tax = vat_amount(to_exact(payable, rounding.scale), vat, rounding);
    payable -= tax;
    const Status done = allocate(shares.lines, payable, rounding.scale, shares.memory);
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].taxable = shares.lines[i].printed;
    return done;
}

}  // namespace

Int256 PrintedLine::payable() const noexcept
{
    Int256 sum = printed[gross];
    sum += printed[grant_credit];
    sum += printed[other_credit];
    sum -= printed[basic_bonus];
    sum -= printed[deal_bonus];
    return sum;
}

Int256 vat_amount(Int256 amount, Vat vat, Rounding rounding) noexcept
{
    Int256 tax = amount * vat.millionths;
    const int digits = exact_scale - rounding.scale;
    if (!vat.included) return round_decimals(tax, digits + millionth_decimals, rounding.mode);
    tax.divide_floor(static_cast<std::uint64_t>(one_in_millionths + vat.millionths));
    return round_decimals(tax, digits, rounding.mode);
}

Status print_block(std::span<PrintedLine> lines, Vat vat, Rounding rounding, const Memory &memory) noexcept
{
    std::array<Int256, leaf_count> sums;
    std::size_t accounts = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
            if (!in_range(lines[i].exact[leaf]))
                return Error{Errc::leaf_out_of_range, {}, static_cast<std::int64_t>(i * leaf_count + leaf)};
            sums[leaf] += lines[i].exact[leaf];
        }
        lines[i].starts_account |= i == 0;
        if (lines[i].starts_account) ++accounts;
    }
    const Shares shares{memory.array<Share>(accounts), memory.array<Share>(lines.size()), rounding.scale, memory};
    if (!shares.accounts.data() || !shares.lines.data()) return Errc::out_of_memory;

    std::array<Int256, leaf_count> printed;
    const auto base = std::span(sums).first<basic_bonus>();
    const auto bonus = std::span(sums).subspan<basic_bonus>();
    if (const Status done = split(base, std::span(printed).first(base.size()), rounding, memory); !done) return done;
    if (const Status done = split(bonus, std::span(printed).subspan(base.size()), rounding, memory); !done) return done;
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf)
        if (const Status done = print_leaf(lines, leaf, printed[leaf], shares); !done) return done;
    if (vat.included) return print_taxable(lines, vat, rounding, shares);
    for (PrintedLine &line : lines) line.taxable = line.payable();
    return Done{};
}

}  // namespace partner_bonus
