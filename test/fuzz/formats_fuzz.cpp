// Every record of a file becomes a line or a reject, whatever the file holds; a line keeps its promises.
// Input: the format and what becomes of unknown columns, how many sizes of
// chunks follow, these, the file.
#include "core/formats.hpp"
#include "file_input.hpp"

namespace partner_bonus::fuzz {
namespace {

std::size_t bytes_seen = 0;  // keeps the reading of bytes from being optimised away

void see(std::string_view text)
{
    for (const char c : text) bytes_seen += static_cast<unsigned char>(c);
}

void see_text(std::string_view text)
{
    require((text.data() == nullptr) == text.empty());
    see(text);
}

void see_required(std::string_view text)
{
    require(!text.empty());
    see(text);
}

void see_number(const Decimal &number) { require(number.scale >= 0 && number.scale <= amount_scale && to_amount(number)); }

void see_line(const UsageLine &line)
{
    require(in_calendar(line.usage_day));
    for (const auto text : {line.account_id, line.service_id, line.sku_id, line.charge_category}) see_required(text);
    for (const auto text : {line.account_name, line.cloud_id, line.cloud_name, line.folder_id, line.folder_name, line.resource_id,
                            line.service_name, line.sku_name, line.pricing_unit, line.locale, line.updated_at, line.exported_at})
        see_text(text);
    require(line.currency.size() == 3);
    see(line.currency);
    for (const auto &number : {line.cost, line.credit, line.monetary_grant_credit}) see_number(number);
    for (const auto &number :
         {line.pricing_quantity, line.volume_incentive_credit, line.cud_credit, line.misc_credit, line.reward}) {
        see_number(number.value);
        require(number.given || number.value.units == 0);
    }
    for (const Attribute &attribute : line.attributes) {
        see(attribute.name);
        see_required(attribute.value);
    }
}

// For the format mapping: columns named like the fields.
constexpr std::string_view mapping_text =
    "usage_day = date\naccount_id = account\nservice_id = account\nsku_id = sku\ncurrency = currency\ncharge_category = category\n"
    "cost = cost\ncredit = credit\nlocale = \"en\"\nattribute = label.a\nignore = label.b\nnull = -\nday_form = DD.MM.YYYY\n";

void read(FormatOptions options, std::string_view file, std::string_view sizes)
{
    Blocks blocks;
    const auto mapping = parse_mapping(mapping_text, blocks.memory());
    require(static_cast<bool>(mapping));
    options.mapping = &*mapping;
    CsvReader csv(blocks.memory());
    Chunks chunks(file, sizes);
    CsvRecord record;
    if (!next(csv, chunks, record)) return;
    const auto detected = detect_format(record);
    const auto reader = FormatReader::open(options, record, blocks.memory());
    require(!reader || options.format != Format::partner_export || (detected && *detected == Format::partner_export));
    if (!reader) {
        see(reader.error().subject);
        return;
    }
    for (;;) {
        const auto step = next(csv, chunks, record);
        if (!step || *step == CsvReader::Step::done) return;
        UsageLine line;
        Reject reject;
        if (reader->read(record, line, reject)) {
            see_line(line);
        } else {
            require(reject.column.empty() == (reject.error.code == Errc::line_field_count));
            see(reject.column);
            see(reject.error.subject);
        }
    }
}

}  // namespace
}  // namespace partner_bonus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    std::string_view input(reinterpret_cast<const char *>(data), size);
    const std::string_view head = take(input, 2);
    if (head.size() < 2) return 0;
    const std::string_view sizes = take(input, static_cast<unsigned char>(head[1]) % 16);
    const auto choice = static_cast<unsigned char>(head[0]);
    read({.format = static_cast<Format>(choice % 4), .unknown_columns = static_cast<UnknownColumns>((choice >> 2) % 3)}, input, sizes);
    return 0;
}
