// What the fuzzers of files share: chunks that are gone when they are used up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "blocks.hpp"
#include "core/csv.hpp"

namespace partner_bonus::fuzz {

// Feeds a file to a reader: chunks of the given sizes, then the rest at once.
class Chunks {
   public:
    Chunks(std::string_view file, std::string_view sizes) : file_(file), sizes_(sizes) {}

    void feed(CsvReader &reader)
    {
        if (file_.empty()) {
            reader.finish();
            return;
        }
        std::size_t size = file_.size();
        if (!sizes_.empty()) {
            size = std::min<std::size_t>(size, static_cast<unsigned char>(sizes_.front()));
            sizes_.remove_prefix(1);
        }
        auto chunk = std::make_unique<char[]>(size);
        std::copy_n(file_.begin(), size, chunk.get());
        reader.feed({chunk.get(), size});
        chunk_ = std::move(chunk);
        file_.remove_prefix(size);
    }

   private:
    std::string_view file_;
    std::string_view sizes_;
    std::unique_ptr<char[]> chunk_;
};

// The next step of a reader that is not out of chunks.
inline Result<CsvReader::Step> next(CsvReader &reader, Chunks &chunks, CsvRecord &record)
{
    for (;;) {
        const auto step = reader.next(record);
        if (!step || *step != CsvReader::Step::needs_more) return step;
        chunks.feed(reader);
    }
}

// Takes bytes off the front of the input.
inline std::string_view take(std::string_view &input, std::size_t count)
{
    const std::string_view taken = input.substr(0, count);
    input.remove_prefix(taken.size());
    return taken;
}

}  // namespace partner_bonus::fuzz
