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

PaintedState Progress::state() const
{
    PaintedState state;
    if (bytes_ != 0) state.part = std::min(1.0, static_cast<double>(bytes_done_) / static_cast<double>(bytes_));
    state.facts = {"file " + std::to_string(std::min(files_done_ + 1, files_)) + " of " + std::to_string(files_),
                   bytes_text(bytes_done_),
                   grouped(static_cast<std::int64_t>(static_cast<double>(lines_done_) / painter_.seconds())) + " lines/s"};
    return state;
}

void CloseProgress::partner_done(const std::string &line, bool parked, std::int64_t waiting)
{
    painter_.change([&] {
        done_ = std::max(done_, partners_ - waiting);
        parked_ += parked ? 1 : 0;
    });
    painter_.say(line, parked);
}

PaintedState CloseProgress::state() const
{
    const double part = partners_ == 0 ? 1 : static_cast<double>(done_) / static_cast<double>(partners_);
    return {std::clamp(part, 0.0, 1.0), {grouped(done_) + " of " + counted(partners_, "partner"), grouped(parked_) + " parked"}};
}

}  // namespace pbonus
