// pbonus generate: made-up partner exports, one file a day.
#include <cstdio>
#include <filesystem>

#include "commands.hpp"
#include "generated_export.hpp"
#include "interrupt.hpp"
#include "new_file.hpp"
#include "period.hpp"
#include "text.hpp"

namespace pbonus {

Exit generate(const GenerateOptions &options)
{
    constexpr std::size_t write_bytes = std::size_t{1} << 20;
    const Period month = parse_period(options.month);
    const partner_bonus::Day until = options.days == 0 ? month.until : month.from + static_cast<partner_bonus::Day>(options.days);
    const GeneratedExport usage({options.partner, options.currency, options.seed, options.lines_per_day, options.accounts, options.skus});
    const std::filesystem::path folder(options.folder);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw Failure(Exit::database, {options.folder + ": folder cannot be made", error.message() + '.', "", ""});

    std::int64_t lines = 0, files = 0;
    std::uint64_t bytes = 0;
    for (partner_bonus::Day day = month.from; day < until; ++day) {
        NewFile file(folder / usage.file_name(day));
        std::string text = usage.header();
        for (std::uint64_t index = 0; index < options.lines_per_day; ++index) {
            usage.append_line(text, day, index);
            if (text.size() < write_bytes && index + 1 < options.lines_per_day) continue;
            stop_if_interrupted();
            file.write(text);
            bytes += text.size();
            text.clear();
        }
        if (!text.empty()) file.write(text);
        file.finish();
        ++files;
        lines += static_cast<std::int64_t>(options.lines_per_day);
    }
    if (options.rules) {
        NewFile file(folder / ("generated_" + options.partner + "_rules.sql"));
        file.write(usage.rules());
        file.finish();
    }
    if (options.json)
        std::printf("{\"files\": %lld, \"lines\": %lld, \"bytes\": %llu}\n", static_cast<long long>(files), static_cast<long long>(lines),
                    static_cast<unsigned long long>(bytes));
    else
        std::printf("%s, %s, %s\n", counted(files, "file").c_str(), counted(lines, "line").c_str(), bytes_text(bytes).c_str());
    return Exit::done;
}

}  // namespace pbonus
