// Whatever the text of a mapping is: it is refused with its line, or it says what every file of that header is.
// Input: the mapping, an empty line, the file.
#include "core/formats.hpp"
#include "file_input.hpp"

namespace partner_bonus::fuzz {
namespace {

std::size_t bytes_seen = 0;  // keeps the reading of bytes from being optimised away

void see(std::string_view text)
{
    for (const char c : text) bytes_seen += static_cast<unsigned char>(c);
}

void read(const Mapping &mapping, std::string_view file)
{
    Blocks blocks;
    CsvReader csv(blocks.memory());
    Chunks chunks(file, {});
    CsvRecord record;
    if (!next(csv, chunks, record)) return;
    const auto reader = FormatReader::open({.format = Format::mapping, .mapping = &mapping}, record, blocks.memory());
    if (!reader) {
        see(reader.error().subject);
        return;
    }
    for (auto step = next(csv, chunks, record); step && *step == CsvReader::Step::record; step = next(csv, chunks, record)) {
        UsageLine line;
        Reject reject;
        if (reader->read(record, line, reject)) {
            require(in_calendar(line.usage_day) && line.currency.size() == 3);
            for (const auto text : {line.account_id, line.service_id, line.sku_id, line.charge_category}) {
                require(!text.empty());
                see(text);
            }
        } else {
            require(reject.column.empty() == (reject.error.code == Errc::line_field_count));
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
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    const std::size_t end = std::min(input.find("\n\n"), input.size());
    Blocks blocks;
    const std::string_view text = input.substr(0, end);
    const auto mapping = parse_mapping(text, blocks.memory());
    if (mapping) {
        read(*mapping, input.substr(std::min(end + 2, input.size())));
        return 0;
    }
    const Error &error = mapping.error();
    see(error.subject);
    require(error.at >= 0 && error.at <= std::count(text.begin(), text.end(), '\n') + 1);
    return 0;
}
