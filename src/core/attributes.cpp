#include "attributes.hpp"

#include <algorithm>
#include <charconv>

namespace partner_bonus {

namespace {

constexpr std::size_t length_room = 21;  // a length in digits, and the colon

char *write_piece(std::string_view piece, char *at) noexcept
{
    if (piece.size() < 10)  // as most are
        *at++ = static_cast<char>('0' + piece.size());
    else
        at = std::to_chars(at, at + length_room, piece.size()).ptr;
    *at++ = ':';
    return std::copy(piece.begin(), piece.end(), at);
}

// Takes a piece off the front of the word.
bool read_piece(std::string_view &word, std::string_view &piece) noexcept
{
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), length);
    const auto digits = static_cast<std::size_t>(end - word.data());
    if (error != std::errc{} || digits == word.size() || word[digits] != ':' || (word[0] == '0' && digits > 1)) return false;
    word.remove_prefix(digits + 1);
    if (length > word.size()) return false;
    piece = {word.data(), length};
    word.remove_prefix(length);
    return true;
}

}  // namespace

Result<std::string_view> attributes_to_word(std::span<Attribute> attributes, std::span<char> &room, const Memory &memory) noexcept
{
    if (attributes.empty()) return std::string_view();
    const auto by_name = [](const Attribute &a, const Attribute &b) { return a.name < b.name; };
    if (!std::is_sorted(attributes.begin(), attributes.end(), by_name)) std::sort(attributes.begin(), attributes.end(), by_name);
    std::size_t needed = 0;
    for (const auto &[name, value] : attributes) needed += name.size() + value.size() + 2 * length_room;
    if (room.size() < needed) {
        room = memory.array<char>(2 * needed);
        if (!room.data()) return Errc::out_of_memory;
    }
    char *at = room.data();
    for (const auto &[name, value] : attributes) at = write_piece(value, write_piece(name, at));
    return std::string_view(room.data(), at);
}

std::ptrdiff_t attributes_from_word(std::string_view word, std::span<Attribute> out) noexcept
{
    std::size_t count = 0;
    std::string_view before;
    while (!word.empty()) {
        Attribute next;
        if (!read_piece(word, next.name) || !read_piece(word, next.value) || (count > 0 && !(before < next.name))) return -1;
        before = next.name;
        if (count < out.size()) out[count] = next;
        ++count;
    }
    return count == 0 ? -1 : static_cast<std::ptrdiff_t>(count);
}

}  // namespace partner_bonus
