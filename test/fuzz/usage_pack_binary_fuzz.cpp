// Bytes that are accepted as a usage_pack are the one way to write its lines, others are refused, and what is refused can still be looked into.
// The input is a pack without its checksum: the right one is put in, as nothing but chance would get past it. A first byte
// with the highest bit set asks for a wrong one.
#include <vector>

#include "../lib/pack_lines.hpp"
#include "blocks.hpp"
#include "core/checksum.hpp"
#include "core/pack_account.hpp"
#include "core/pack_directory.hpp"
#include "core/pack_format.hpp"
#include "core/packer.hpp"

namespace {

using namespace partner_bonus;
using namespace partner_bonus::fuzz;

std::size_t bytes_seen = 0;  // keeps the reading of bytes from being optimised away

void see(std::string_view text)
{
    for (const char c : text) bytes_seen += static_cast<unsigned char>(c);
}

constexpr std::size_t few_lines = 256;

// The lines, last first, packed anew; give the same pack, or another when there is something wrong with this one.
void require_packed(Bytes pack, bool the_same, const PackLines &lines, const Memory &memory)
{
    UsagePacker packer(memory);
    UsageLine line;
    for (std::size_t index = lines.count(); index-- > 0;) {
        lines.get(index, line);
        require(static_cast<bool>(packer.add(line)));
    }
    require(static_cast<bool>(packer.finish()));
    DayPack again;
    const auto made = packer.next(again, memory);
    require(static_cast<bool>(made));
    if (lines.count() == 0) {
        require(!*made && same(*empty_pack(memory), pack) == the_same);
        return;
    }
    if (again.lines < lines.count() && lines.count() > few_lines) return;  // a few bytes may be much text, which is cut
    require(*made && again.lines == lines.count() && same(again.pack, pack) == the_same);
    const auto more = packer.next(again, memory);
    require(more && !*more);
}

// A directory whose sums are those of the pack's lines tells of as many.
void require_whole_directory(Bytes pack, std::size_t lines)
{
    const auto opened = PackDirectory::open(pack);
    require(static_cast<bool>(opened));
    PackDirectory directory = *opened;
    std::size_t counted = 0;
    for (DirectoryEntry entry; directory.next(entry); counted += entry.lines) require(entry.lines > 0);
    require(!directory.failed() && counted == lines);
}

// Whatever the bytes are, lines of an account are refused or can be read; where all lines can, they are the same.
void require_accounts(Bytes pack, const PackLines *lines, const Memory &memory)
{
    const auto directory = PackDirectory::open(pack);
    if (!directory) return;
    const auto words = directory->words(pack_text::account_id, memory);
    if (!words) return;
    for (const std::string_view account : words->first(std::min<std::size_t>(words->size(), 3))) {
        const auto read = read_account(pack, account, memory);
        require(!lines || read);
        if (!read) continue;
        const auto of_account = PackLines::open(read->columns, memory);
        require(static_cast<bool>(of_account));
        UsageLine line;
        UsageLine same_line;
        for (std::size_t index = 0; index < of_account->count(); ++index) {
            of_account->get(index, line);
            for (const auto field : pack_text_fields)
                if (field != nullptr) see(line.*field);
            if (lines == nullptr) continue;
            lines->get(read->from + index, same_line);
            for (const auto field : pack_text_fields) require(field == nullptr || line.*field == same_line.*field);
            for (const auto field : {&UsageLine::pricing_quantity, &UsageLine::volume_incentive_credit, &UsageLine::cud_credit, &UsageLine::misc_credit, &UsageLine::reward})
                require((line.*field).given == (same_line.*field).given && (line.*field).value.units == (same_line.*field).value.units);
            require(line.account_id == account && line.cost.units == same_line.cost.units && *to_amount(line.credit) == *to_amount(same_line.credit));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0) return 0;
    const Bytes input = std::as_bytes(std::span(data, size));
    const Bytes body = input.subspan(1);
    // A few bytes can tell of 65,536 lines; most of the time goes to smaller ones.
    WireReader head(body);
    if (head.varint() > few_lines && size % 16 != 0) return 0;
    std::vector<std::byte> pack(pack_preamble + body.size());
    WireWriter wire(pack);
    wire.byte(static_cast<std::uint8_t>(data[0] & 0x7f));
    wire.fixed64(checksum(body) ^ (data[0] >> 7));
    wire.bytes(body);

    Blocks memory;
    const auto columns = read_pack(pack, memory);
    const auto accepted = usage_pack_from_binary(pack, memory);
    require_told_when_out_of_memory(size % 151, [&pack](Memory few) { return usage_pack_from_binary(pack, few); });
    const auto content = usage_pack_content(pack);
    require(!columns || (content && content->size() <= body.size()));
    require(!accepted || columns);
    if (!columns) {
        require_accounts(pack, nullptr, memory);
        return 0;
    }
    require(data[0] == pack_version);
    const auto lines = PackLines::open(*columns, memory);
    require(static_cast<bool>(lines));
    require_accounts(pack, &*lines, memory);
    UsageLine line;
    for (std::size_t index = 0; index < lines->count(); ++index) {
        lines->get(index, line);
        require(line.account_id.data() != nullptr && line.charge_category.data() != nullptr && to_amount(line.cost) && to_amount(line.credit));
        see(line.resource_id);
        for (const auto &[name, value] : line.attributes) {
            see(name);
            see(value);
        }
    }
    const auto written = write_pack(*columns, memory);
    require_packed(pack, static_cast<bool>(accepted), *lines, memory);
    if (!accepted) return 0;
    require(same(*accepted, pack) && written && same(*written, pack));
    require_whole_directory(pack, columns->lines);
    return 0;
}
