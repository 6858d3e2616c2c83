// pack_validation FILE ROUNDS: how long complete validation takes, as the server does it with every pack that arrives.
// FILE has a pack in hexadecimal on each line. Prints the lines in the packs and the nanoseconds a line of each round.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arena.hpp"
#include "core/usage_pack.hpp"

namespace {

namespace core = partner_bonus;
using Pack = std::vector<std::byte>;

Pack from_hex(std::string_view text)
{
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    Pack pack;
    pack.reserve(text.size() / 2);
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) pack.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
    return pack;
}

core::Bytes bytes_of(const Pack &pack) { return {pack.data(), pack.size()}; }

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    std::ifstream file(argv[1]);
    std::vector<Pack> packs;
    for (std::string line; std::getline(file, line);) packs.push_back(from_hex(line));
    std::size_t lines = 0;
    for (const Pack &pack : packs) {
        const auto count = core::pack_line_count(bytes_of(pack));
        if (!count) return 1;
        lines += *count;
    }
    if (lines == 0) return 1;
    std::printf("%zu\n", lines);
    for (int round = std::atoi(argv[2]); round > 0; --round) {
        const auto start = std::chrono::steady_clock::now();
        for (const Pack &pack : packs) {
            pbonus::Arena arena;
            if (!core::usage_pack_from_binary(bytes_of(pack), arena.memory())) return 1;
        }
        const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
        std::printf("%.2f\n", time.count() / static_cast<double>(lines));
    }
    return 0;
}
