// Lines of any texts and numbers: a line is refused for its amounts, or it comes back from a pack that is accepted, and the
// order of the lines changes nothing.
#include <array>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../lib/pack_lines.hpp"
#include "blocks.hpp"
#include "core/packer.hpp"
#include "core/words.hpp"

namespace partner_bonus::fuzz {
namespace {

// Fields as a byte names them: texts by their column in a pack, then numbers, attributes, the day. Others end the line.
constexpr std::array<std::string_view UsageLine::*, pack_text::count> texts{
    &UsageLine::account_id, &UsageLine::service_id, &UsageLine::sku_id,       &UsageLine::currency,     &UsageLine::charge_category,
    &UsageLine::pricing_unit, &UsageLine::cloud_id, &UsageLine::folder_id,    &UsageLine::resource_id,  nullptr,
    &UsageLine::account_name, &UsageLine::service_name, &UsageLine::sku_name, &UsageLine::cloud_name,   &UsageLine::folder_name,
    &UsageLine::locale,     &UsageLine::updated_at, &UsageLine::exported_at};
constexpr std::array required{&UsageLine::cost, &UsageLine::credit, &UsageLine::monetary_grant_credit};
constexpr std::array optional{&UsageLine::pricing_quantity, &UsageLine::volume_incentive_credit, &UsageLine::cud_credit, &UsageLine::misc_credit,
                              &UsageLine::reward};

// Takes what it needs from the input, zeros behind its end.
class Source {
   public:
    explicit Source(std::string_view bytes) : left_(bytes) {}

    bool empty() const { return left_.empty(); }
    std::uint8_t byte()
    {
        if (left_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return first;
    }
    std::string_view text()
    {
        const std::size_t size = byte() & 31;
        const std::string_view text = left_.substr(0, size);
        left_.remove_prefix(text.size());
        return is_utf8_text(text) ? text : "?";
    }
    Decimal number()
    {
        const unsigned head = byte();
        uint128 units = 0;
        for (unsigned left = std::array{1U, 3U, 8U, 16U}[head & 3]; left > 0; --left) units = units << 8 | byte();
        return {unzigzag(units), static_cast<int>((head >> 2) % (amount_scale + 1))};
    }

   private:
    std::string_view left_;
};

// Lines that differ from the one before in the fields that the input names.
struct Lines {
    explicit Lines(Source source)
    {
        UsageLine line;
        std::vector<Attribute> list;
        for (std::size_t column = 0; column < pack_text::key_end; ++column) line.*texts[column] = "";
        while (!source.empty() && lines.size() < 300) {
            const std::size_t field = source.byte() & 31;
            if (field == pack_text::attributes) {
                const Attribute attribute{source.text(), source.text()};
                if (std::erase_if(list, [&](const Attribute &each) { return each.name == attribute.name; }) == 0) list.push_back(attribute);
            } else if (field < pack_text::count) {
                line.*texts[field] = source.text();
                if (field >= pack_text::key_end && line.*texts[field] == "-") line.*texts[field] = {};
            } else if (field < pack_text::count + required.size()) {
                line.*required[field - pack_text::count] = source.number();
            } else if (field < pack_text::count + required.size() + optional.size()) {
                auto &number = line.*optional[field - pack_text::count - required.size()];
                number = number.given ? OptionalDecimal{} : OptionalDecimal{source.number(), true};
            } else if (field == 26) {
                line.usage_day = static_cast<std::int8_t>(source.byte());
            } else {
                line.attributes = attributes.emplace_back(list);
                lines.push_back(line);
            }
        }
    }
    std::vector<UsageLine> lines;
    std::deque<std::vector<Attribute>> attributes;
};

void put(std::string &facts, std::string_view text)
{
    facts += text.data() == nullptr ? "-" : std::to_string(text.size()) + ':';
    facts += text;
}

void put(std::string &facts, const Decimal &number)
{
    const Amount amount = *to_amount(number);
    facts.append(reinterpret_cast<const char *>(&amount), sizeof(amount));
}

std::string facts_of(const UsageLine &line)
{
    std::string facts;
    for (const auto member : texts)
        if (member != nullptr) put(facts, line.*member);
    for (const auto member : required) put(facts, line.*member);
    for (const auto member : optional) {
        facts += (line.*member).given ? '+' : '-';
        put(facts, (line.*member).value);
    }
    std::set<std::pair<std::string_view, std::string_view>> attributes;
    for (const auto &[name, value] : line.attributes) attributes.emplace(name, value);
    for (const auto &[name, value] : attributes) {
        put(facts, name);
        put(facts, value);
    }
    return facts;
}

using DayFacts = std::multiset<std::pair<Day, std::string>>;

struct Made {
    std::vector<DayPack> packs;
    DayFacts facts;  // of the lines that were taken
};

Result<Done> pack(const std::vector<UsageLine> &lines, Made &made, const Memory &memory)
{
    UsagePacker packer(memory);
    for (const UsageLine &line : lines) {
        const Status added = packer.add(line);
        if (added)
            made.facts.emplace(line.usage_day, facts_of(line));
        else if (added.error().code != Errc::amount_out_of_range)
            return added;
    }
    PARTNER_BONUS_TRY(finished, packer.finish());
    (void)finished;
    for (DayPack each;;) {
        PARTNER_BONUS_TRY(more, packer.next(each, memory));
        if (!more) return Done{};
        made.packs.push_back(each);
    }
}

}  // namespace
}  // namespace partner_bonus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const Lines input(Source({reinterpret_cast<const char *>(data), size}));
    std::vector<UsageLine> lines = input.lines;
    Blocks memory;
    Made made;
    const auto done = pack(lines, made, memory);
    require_told_when_out_of_memory(size % 401, [&lines](Memory few) {
        Made unused;
        return pack(lines, unused, few);
    });
    require(done || done.error().code == Errc::amount_out_of_range);  // for a sum
    std::reverse(lines.begin(), lines.end());
    Made other;
    require(static_cast<bool>(pack(lines, other, memory)) == static_cast<bool>(done));
    require(other.packs.size() == made.packs.size() && other.facts == made.facts);

    DayFacts facts;
    for (std::size_t i = 0; i < made.packs.size(); ++i) {
        const DayPack &each = made.packs[i];
        require(i == 0 || made.packs[i - 1].day < each.day);
        require(same(each.pack, other.packs[i].pack) && usage_pack_from_binary(each.pack, memory));
        const auto columns = read_pack(each.pack, memory);
        const auto read = PackLines::open(*columns, memory);
        require(read->count() == each.lines && each.part == 0);
        UsageLine line;
        for (std::size_t index = 0; index < read->count(); ++index) {
            read->get(index, line);
            facts.emplace(each.day, facts_of(line));
        }
    }
    require(!done || facts == made.facts);
    return 0;
}
