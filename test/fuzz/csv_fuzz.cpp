// How a file is cut into chunks makes no difference to what is read; memory that runs out is told.
// Input: how many blocks of memory are granted (0: all), how many sizes of chunks follow, these, the file.
#include <string>

#include "file_input.hpp"

namespace partner_bonus::fuzz {
namespace {

// Everything that comes out of a reader, as one text.
std::string read(std::string_view file, std::string_view sizes, std::size_t granted)
{
    Blocks blocks(granted);
    CsvReader reader(blocks.memory());
    Chunks chunks(file, sizes);
    CsvRecord record;
    std::string all;
    std::int64_t line = 0;
    for (;;) {
        const auto step = next(reader, chunks, record);
        if (!step) {
            if (step.error().code == Errc::out_of_memory) return "out of memory";
            return all + "error " + std::to_string(static_cast<int>(step.error().code)) + ' ' + std::to_string(step.error().at);
        }
        if (*step == CsvReader::Step::done) return all;
        require(record.line > line && !record.fields.empty());
        line = record.line;
        all += std::to_string(line);
        for (const CsvField &field : record.fields)
            (all += field.quoted ? " q" : " p").append(std::to_string(field.text.size()) + ':').append(field.text);
        all += '\n';
    }
}

}  // namespace
}  // namespace partner_bonus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus::fuzz;
    std::string_view input(reinterpret_cast<const char *>(data), size);
    const std::string_view head = take(input, 2);
    if (head.size() < 2) return 0;
    const std::string_view sizes = take(input, static_cast<unsigned char>(head[1]) % 16);
    const std::string whole = read(input, {}, SIZE_MAX);
    require(read(input, sizes, SIZE_MAX) == whole);
    if (head[0] != 0) {
        const std::string limited = read(input, sizes, static_cast<unsigned char>(head[0]) - 1U);
        require(limited == whole || limited == "out of memory");
    }
    return 0;
}
