#include "pack_directory.hpp"

#include <algorithm>
#include <bit>

#include "pack_format.hpp"

namespace partner_bonus {

std::size_t PackDirectory::bytes_needed(Bytes head) noexcept
{
    WireReader wire(head);
    if (wire.byte() != pack_version) return 0;
    (void)wire.fixed64();
    (void)wire.varint();  // lines
    const uint128 size = wire.varint();
    (void)wire.varint();  // content
    (void)wire.varint();  // remarks
    if (wire.ran_out() || size > max_words_bytes * pack_key_columns) return 0;
    return head.size() - wire.left() + static_cast<std::size_t>(size);
}

Result<PackDirectory> PackDirectory::open(Bytes pack) noexcept
{
    const std::size_t size = bytes_needed(pack.first(std::min(pack.size(), head_bytes)));
    if (size == 0 || size > pack.size()) return Errc::binary_malformed;
    WireReader wire(pack.first(size));
    (void)wire.bytes(pack_preamble);
    for (int number = 0; number < 4; ++number) (void)wire.varint();

    PackDirectory directory;
    int bits_below = 0;
    for (std::size_t column = 0; column < pack_key_columns; ++column) {
        directory.words_[column] = wire.bytes(wire.varint());
        WireReader words(directory.words_[column]);
        const uint128 count = words.varint() >> 1;
        if (count > max_pack_lines) return Errc::binary_malformed;
        directory.word_count_[column] = static_cast<std::uint32_t>(count);
    }
    for (std::size_t column = pack_key_columns; column-- > 0;) {
        const int bits = code_bits(directory.word_count_[column]);
        directory.shift_[column] = bits_below;
        directory.mask_[column] = (std::uint32_t{1} << bits) - 1;
        bits_below += bits;
    }
    const uint128 count = wire.varint();
    directory.keys_ = wire.bytes(wire.varint());
    if (count > directory.keys_.size()) return Errc::binary_malformed;  // each takes a byte at least
    directory.count_ = static_cast<std::size_t>(count);
    KeyScales &scales = directory.scales_;
    for (int *scale : {&scales.cost, &scales.grant_credit, &scales.other_credit, &scales.reward}) *scale = wire.byte();
    if (wire.ran_out() || std::max(scales.of_amounts(), scales.reward) > amount_scale) return Errc::binary_malformed;
    directory.key_wire_ = WireReader(directory.keys_);
    directory.sum_wire_ = wire;
    return directory;
}

Result<Words> PackDirectory::words(std::size_t column, const Memory &memory) const noexcept
{
    WireReader wire(words_[column]);
    return read_words(wire, max_pack_lines, memory);
}

bool PackDirectory::next_key(DirectoryKey &key) noexcept
{
    if (keys_read_ == count_ || failed_) return false;
    const uint128 step = key_wire_.varint();
    failed_ = (keys_read_++ > 0 && step == 0) || key_wire_.ran_out();
    key_ += step;
    failed_ = failed_ || key_ < step || key_ >> shift_[0] >= word_count_[0];
    for (std::size_t column = 0; column < pack_key_columns; ++column) {
        key[column] = static_cast<std::uint32_t>(key_ >> shift_[column]) & mask_[column];
        failed_ = failed_ || key[column] >= word_count_[column];
    }
    return !failed_;
}

bool PackDirectory::next_sums(KeySums &sums) noexcept
{
    if (sums_read_ == count_ || failed_) return false;
    ++sums_read_;
    const uint128 head = sum_wire_.varint();
    const auto marks = static_cast<unsigned>(head);
    const auto sum = [&](unsigned place) { return (marks & (1U << place)) != 0 ? sum_wire_.signed_varint() : int128{0}; };
    sums.lines = static_cast<std::uint32_t>(head >> key_mark_bits);
    sums.rewarded = (marks & key_is_rewarded) != 0;
    sums.cost = sum(0);
    sums.grant_credit = sum(1);
    sums.other_credit = sum(2);
    sums.reward = sum(3);
    failed_ = head >> key_mark_bits > max_pack_lines || (sums.reward != 0 && !sums.rewarded) || sum_wire_.ran_out();
    return !failed_;
}

bool PackDirectory::next_lines(std::uint32_t &lines) noexcept
{
    if (sums_read_ == count_ || failed_) return false;
    ++sums_read_;
    const uint128 head = sum_wire_.varint();
    lines = static_cast<std::uint32_t>(head >> key_mark_bits);
    const auto sums = static_cast<std::size_t>(std::popcount(static_cast<unsigned>(head) & key_sums_mask));
    failed_ = !sum_wire_.skip_varints(sums) || head >> key_mark_bits > max_pack_lines;
    return !failed_;
}

}  // namespace partner_bonus
