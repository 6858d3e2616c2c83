#include "progress.hpp"

#include <algorithm>

#include "text.hpp"

namespace pbonus {

void Progress::advance(std::size_t bytes, std::int64_t lines)
{
    painter_.change([&] {
        bytes_done_ += bytes;
        lines_done_ += lines;
    });
}

void Progress::file_done(const std::string &line, bool important)
{
    painter_.change([&] { ++files_done_; });
    painter_.say(line, important);
}

std::string Progress::bar() const
{
    const double seconds = painter_.seconds();
    const double part = bytes_ == 0 ? 0 : std::min(1.0, static_cast<double>(bytes_done_) / static_cast<double>(bytes_));
    std::string text;
    if (bytes_ != 0) text += bar_text(part);
    text += "file " + std::to_string(std::min(files_done_ + 1, files_)) + " of " + std::to_string(files_);
    text += "  " + bytes_text(bytes_done_) + "  " +
            grouped(static_cast<std::int64_t>(static_cast<double>(lines_done_) / seconds)) + " lines/s";
    return text + left_text(part, seconds);
}

void CloseProgress::partner_done(const std::string &line, bool parked, std::int64_t waiting)
{
    painter_.change([&] {
        done_ = std::max(done_, partners_ - waiting);
        parked_ += parked ? 1 : 0;
    });
    painter_.say(line, parked);
}

std::string CloseProgress::bar() const
{
    const double part = partners_ == 0 ? 1 : std::clamp(static_cast<double>(done_) / static_cast<double>(partners_), 0.0, 1.0);
    return bar_text(part) + grouped(done_) + " of " + counted(partners_, "partner") + "  " + grouped(parked_) + " parked" +
           left_text(part, painter_.seconds());
}

}  // namespace pbonus
