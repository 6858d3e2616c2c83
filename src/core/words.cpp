#include "words.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base36.hpp"

namespace partner_bonus {

namespace {

constexpr std::size_t shared_prefix(std::string_view a, std::string_view b) noexcept
{
    const auto [end, unused] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

constexpr std::string_view tail(std::string_view word, std::size_t from) noexcept { return {word.data() + from, word.size() - from}; }

constexpr unsigned char byte_at(std::string_view text, std::size_t at) noexcept { return static_cast<unsigned char>(text[at]); }

constexpr bool continues_character(unsigned byte) noexcept { return (byte & 0xc0U) == 0x80U; }

constexpr std::uint8_t none_missing = 0;
constexpr std::uint8_t first_missing = 1;

// Not frozen: numbers that a table gives do not depend on it. A multiplication takes in sixteen bytes, of which the last may
// have been taken in before.
std::uint64_t hash_of(std::string_view text) noexcept
{
    const auto load = [&text]<class Block>(Block block, std::size_t at) {
        __builtin_memcpy(&block, text.data() + at, sizeof(Block));
        return std::uint64_t{block};
    };
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const uint128 product = uint128{a ^ 0x9e3779b97f4a7c15} * (b ^ 0xd6e8feb86659fd93);
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const std::size_t size = text.size();
    std::uint64_t hash = size;
    if (size >= 16) {
        for (std::size_t at = 0; at + 16 < size; at += 16) hash = fold(load(std::uint64_t{}, at) ^ hash, load(std::uint64_t{}, at + 8));
        return fold(load(std::uint64_t{}, size - 16) ^ hash, load(std::uint64_t{}, size - 8));
    }
    if (size >= 8) return fold(load(std::uint64_t{}, 0) ^ hash, load(std::uint64_t{}, size - 8));
    if (size >= 4) return fold(load(std::uint32_t{}, 0) ^ hash, load(std::uint32_t{}, size - 4));
    for (const char c : text) hash = hash << 8 | static_cast<unsigned char>(c);
    return fold(hash, 0);
}

}  // namespace

std::size_t words_room(Words words) noexcept
{
    std::size_t room = varint_max_bytes + 1;
    for (const std::string_view word : words) room += 2 * varint_max_bytes + word.size() + 1;
    return room;
}

void write_words(WireWriter &wire, Words words) noexcept
{
    const bool missing = !words.empty() && words.front().data() == nullptr;
    wire.varint(words.size() * 2 + (missing ? first_missing : none_missing));
    std::string_view before;
    for (const std::string_view word : words.subspan(missing ? 1 : 0)) {
        const std::size_t shared = shared_prefix(before, word);
        const std::string_view rest = tail(word, shared);
        const bool packed = is_base36(rest);
        wire.varint(shared);
        wire.varint(rest.size() * 2 + (packed ? 1 : 0));
        if (packed) {
            write_base36(wire, rest);
        } else {
            for (const char c : rest) wire.byte(static_cast<std::uint8_t>(c));
        }
        before = word;
    }
}

Result<Words> read_words(WireReader &wire, std::size_t most, std::size_t &bytes_left, const Memory &memory) noexcept
{
    const auto head = wire.shortest_varint();
    const bool missing = (head & 1) == first_missing;
    // Each word takes two bytes at least.
    if ((head >> 1) > most || (head >> 1) > (wire.left() >> 1) + 1 || wire.ran_out()) return Errc::binary_malformed;
    const auto count = static_cast<std::size_t>(head >> 1);
    if (missing && count == 0) return Errc::binary_malformed;

    // How long they are, to know how much room they need.
    WireReader ahead = wire;
    const std::size_t total_most = std::min(bytes_left, max_words_bytes);
    std::size_t total = 0;
    std::size_t before_size = 0;
    for (std::size_t i = missing ? 1 : 0; i < count; ++i) {
        const uint128 shared = ahead.shortest_varint();
        const uint128 rest = ahead.shortest_varint();
        if (shared > before_size || (rest >> 1) > max_words_bytes) return Errc::binary_malformed;
        const auto size = static_cast<std::size_t>(rest >> 1);
        if (!ahead.skip((rest & 1) != 0 ? base36_bytes(size) : size)) return Errc::binary_malformed;
        before_size = static_cast<std::size_t>(shared) + size;
        total += before_size;
        if (total > total_most) return Errc::binary_malformed;
    }
    bytes_left -= total;

    const auto words = memory.array<std::string_view>(count);
    if (!words.data()) return Errc::out_of_memory;
    const auto text = memory.array<char>(total);
    if (!text.data()) return Errc::out_of_memory;
    char *end = text.data();
    std::string_view before;
    if (missing) words[0] = {};
    for (std::size_t i = missing ? 1 : 0; i < count; ++i) {
        char *const begin = end;
        const auto shared = static_cast<std::size_t>(wire.shortest_varint());
        const auto rest = static_cast<std::size_t>(wire.shortest_varint());
        if (shared > 0) end = std::copy_n(before.data(), shared, end);
        const std::size_t size = rest >> 1;
        const bool packed = (rest & 1) != 0;
        const Bytes stored = wire.bytes(packed ? base36_bytes(size) : size);
        if (packed) {
            if (!read_base36(stored, {end, size})) return Errc::binary_malformed;
        } else {
            for (std::size_t c = 0; c < size; ++c) end[c] = static_cast<char>(stored[c]);
        }
        const std::string_view own(end, size);
        end += size;
        const std::string_view word(begin, static_cast<std::size_t>(end - begin));
        // They ascend, and share as much as they can, if they differ where the one before ends, or there is more in its place.
        const bool follows = before.data() == nullptr || (size > 0 && (shared == before.size() || byte_at(before, shared) < byte_at(own, 0)));
        const bool in_its_form = packed ? size > 0 : !is_base36(own);
        // What is shared is a text if it does not end within a character.
        const bool whole_characters = shared == before.size() || !continues_character(byte_at(before, shared));
        const bool is_text = whole_characters ? packed || is_utf8_text(own) : is_utf8_text(word);
        if (!follows || !in_its_form || !is_text) return Errc::binary_malformed;
        words[i] = before = word;
    }
    return Words(words);
}

Result<std::uint32_t> WordTable::find(std::string_view text) noexcept
{
    if (slots_.size() < 2 * (count_ + 1) && !grow()) return Errc::out_of_memory;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash_of(text) & mask;; slot = (slot + 1) & mask) {
        if (slots_[slot] == 0) {
            if (!make_room(text.size())) return Errc::out_of_memory;
            std::string_view copy;
            if (text.data() != nullptr) {
                std::copy(text.begin(), text.end(), text_.data() + used_);
                copy = {text_.data() + used_, text.size()};
                used_ += text.size();
                bytes_ += text.size();
            }
            words_[count_] = last_word_ = copy;
            last_ = static_cast<std::uint32_t>(count_++);
            slots_[slot] = last_ + 1;
            return last_;
        }
        const std::string_view word = words_[slots_[slot] - 1];
        if (!same_word(word, text)) continue;
        last_word_ = word;
        return last_ = slots_[slot] - 1;
    }
}

// Twice the slots, and the words that these can hold.
bool WordTable::grow() noexcept
{
    const std::size_t size = std::max<std::size_t>(64, 2 * slots_.size());
    const auto words = memory_.array<std::string_view>(size >> 1);
    if (!words.data()) return false;
    const auto slots = memory_.array<std::uint32_t>(size);
    if (!slots.data()) return false;
    std::copy_n(words_.begin(), count_, words.begin());
    std::fill(slots.begin(), slots.end(), 0U);
    words_ = words;
    slots_ = slots;
    for (std::size_t i = 0; i < count_; ++i) {
        std::size_t slot = hash_of(words_[i]) & (size - 1);
        while (slots_[slot] != 0) slot = (slot + 1) & (size - 1);
        slots_[slot] = static_cast<std::uint32_t>(i) + 1;
    }
    return true;
}

bool WordTable::make_room(std::size_t bytes) noexcept
{
    constexpr std::size_t first_block = 1024;
    constexpr std::size_t largest_block = 65'536;
    if (text_.data() != nullptr && text_.size() - used_ >= bytes) return true;
    text_ = memory_.array<char>(std::max(std::clamp(2 * text_.size(), first_block, largest_block), bytes));
    used_ = 0;
    return text_.data() != nullptr;
}

bool is_utf8_text(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const auto continues = [byte](std::size_t at) { return continues_character(byte(at)); };
    for (std::size_t at = 0; at < text.size();) {
        // Mostly eight characters of one byte each: no bit that tells of more is set, and taking 1 off each borrows nowhere.
        std::uint64_t block;
        if (text.size() - at >= sizeof(block)) {
            __builtin_memcpy(&block, text.data() + at, sizeof(block));
            if (((block | (block - 0x0101010101010101)) & 0x8080808080808080) == 0) {
                at += sizeof(block);
                continue;
            }
        }
        const unsigned first = byte(at);
        if (first == 0) return false;
        if (first < 0x80) {
            ++at;
        } else if (first < 0xe0) {
            if (first < 0xc2 || !continues(at + 1)) return false;
            at += 2;
        } else if (first < 0xf0) {
            const unsigned second = byte(at + 1);
            if (!continues(at + 1) || !continues(at + 2) || (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0)) return false;
            at += 3;
        } else {
            const unsigned second = byte(at + 1);
            if (first > 0xf4 || !continues(at + 1) || !continues(at + 2) || !continues(at + 3) || (first == 0xf0 && second < 0x90) ||
                (first == 0xf4 && second >= 0x90))
                return false;
            at += 4;
        }
    }
    return true;
}

}  // namespace partner_bonus
