// What a document prints of a block: two sums are rounded, every smaller figure is a share of them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "amount.hpp"
#include "int128.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "rounding.hpp"

namespace partner_bonus {

enum Leaf : std::uint8_t { gross, grant_credit, other_credit, basic_bonus, deal_bonus };
inline constexpr std::size_t leaf_count = 5;

// A line before and after: exact at exact_scale, printed in units of the rounding's scale.
struct PrintedLine {
    std::array<Int256, leaf_count> exact;
    std::array<Int256, leaf_count> printed;
    Int256 taxable;       // payable without VAT
    bool starts_account;  // the lines of an account follow each other

    // gross + grant credit + other credit - basic bonus - deal bonus, as printed
    Int256 payable() const noexcept;
};

// A rate in millionths, from 0 to 1, and whether amounts include the tax.
struct Vat {
    std::int64_t millionths;
    bool included;
};

struct Rounding {
    int scale;  // decimals that are printed, 0 to amount_scale
    RoundingMode mode;
};

// The tax of an amount at exact_scale, rounded once, in units: amount * rate, or amount * rate / (1 + rate) where the amount
// includes it.
Int256 vat_amount(Int256 amount, Vat vat, Rounding rounding) noexcept;

// Prints the lines of a block. Refuses amounts beyond what sums of products have room for (leaf_out_of_range); `at` is then
// the line's number times leaf_count, plus the leaf.
Status print_block(std::span<PrintedLine> lines, Vat vat, Rounding rounding, const Memory &memory) noexcept;

}  // namespace partner_bonus
