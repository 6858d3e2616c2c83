#include "account.hpp"

#include <algorithm>
#include <cstdio>

#include "table.hpp"
#include "text.hpp"

namespace pbonus {

namespace {

using State = FileAccount::State;

constexpr std::size_t rejects_shown = 10;

const char *name_of(State state)
{
    switch (state) {
        case State::not_reached: return "not reached";
        case State::loaded: return "loaded";
        case State::unchanged: return "unchanged";
        case State::checked: return "checked";
        case State::refused: return "refused";
    }
    return "";
}

std::string amount_or_unknown(const std::optional<partner_bonus::Amount> &amount) { return amount ? amount_text(*amount) : "out of range"; }

std::string json_or_null(const std::optional<std::string> &text) { return text ? json_text(*text) : "null"; }

std::string json_totals(const std::map<std::string, CurrencyTotal> &totals)
{
    std::string json;
    for (const auto &[currency, total] : totals) {
        json += (json.empty() ? "" : ", ") + json_text(currency) + ": {\"cost\": " + json_text(amount_or_unknown(total.cost)) +
                ", \"credit\": " + json_text(amount_or_unknown(total.credit)) + '}';
    }
    return '{' + json + '}';
}

std::string json_counts(const std::map<std::string, std::int64_t> &counts)
{
    std::string json;
    for (const auto &[name, count] : counts) json += (json.empty() ? "" : ", ") + json_text(name) + ": " + std::to_string(count);
    return '{' + json + '}';
}

std::string json_file(const FileAccount &file)
{
    std::string json = "{\"file\": " + json_text(file.path) + ", \"outcome\": " + json_text(name_of(file.state));
    json += ", \"format\": " + (file.format.empty() ? "null" : json_text(file.format));
    json += ", \"sha256\": " + (file.sha256.empty() ? "null" : json_text(file.sha256));
    json += ", \"lines\": " + std::to_string(file.lines) + ", \"loaded\": " + std::to_string(file.is_taken() ? file.loaded : 0) +
            ", \"rejected\": " + std::to_string(file.rejected) + ", \"usage_days\": " + std::to_string(file.usage_days) +
            ", \"days\": " + json_counts(file.days) + ", \"pack_bytes\": " + std::to_string(file.pack_bytes) + ", \"batches\": [";
    for (std::size_t i = 0; i < file.batches.size(); ++i) json += (i == 0 ? "" : ", ") + std::to_string(file.batches[i]);
    json += "], \"totals\": " + json_totals(file.totals) + ", \"rejects\": [";
    for (std::size_t i = 0; i < file.rejects.size(); ++i) {
        const RejectedLine &reject = file.rejects[i];
        json += std::string(i == 0 ? "" : ", ") + "{\"line\": " + std::to_string(reject.line) + ", \"column\": " + json_or_null(reject.column) +
                ", \"value\": " + json_or_null(reject.value) + ", \"reason\": " + json_text(reject.reason) + '}';
    }
    json += "], \"error\": ";
    return json + (file.state == State::refused ? json_of(file.trouble) : "null") + '}';
}

// All files as one.
FileAccount sum_of(const std::vector<FileAccount> &files)
{
    FileAccount sum;
    for (const FileAccount &file : files) {
        if (!file.is_taken()) continue;
        sum.lines += file.lines;
        sum.loaded += file.loaded;
        sum.rejected += file.rejected;
        sum.usage_days += file.usage_days;
        sum.pack_bytes += file.pack_bytes;
        for (const auto &[currency, total] : file.totals) sum.totals[currency].add(total.cost, total.credit);
        for (const auto &[outcome, count] : file.days) sum.days[outcome] += count;
    }
    return sum;
}

std::int64_t count_of(const std::vector<FileAccount> &files, State state)
{
    return std::count_if(files.begin(), files.end(), [state](const FileAccount &file) { return file.state == state; });
}

}  // namespace

void FileAccount::take(const PackedFile &file)
{
    format = partner_bonus::format_name(file.format);
    sha256 = hex(file.sha256.data(), file.sha256.size());
    lines = file.lines;
    loaded = file.loaded();
    rejected = file.rejected;
    rejects.assign(file.rejects.begin(), file.rejects.begin() + static_cast<std::ptrdiff_t>(std::min(file.rejects.size(), rejects_shown)));
    totals = file.totals;
    usage_days = file.usage_days.size();
    pack_bytes = file.pack_bytes;
}

void FileAccount::refuse(const Failure &failure)
{
    state = State::refused;
    exit = failure.exit;
    trouble = failure.words;
}

std::string FileAccount::line() const
{
    if (state == State::refused) {
        std::string text = path + ": refused: " + trouble.what;
        if (!trouble.detail.empty()) text += "\n  " + trouble.detail;
        if (!trouble.hint.empty()) text += "\n  " + trouble.hint;
        return text;
    }
    std::string text = path + ": " + name_of(state) + ", " + counted(lines, "line");
    if (rejected > 0) text += ", " + grouped(rejected) + " rejected";
    return text + ", " + counted(static_cast<std::int64_t>(usage_days), "day");
}

Exit LoadAccount::exit() const
{
    if (interrupted) return Exit::interrupted;
    Exit worst = ended_by ? ended_by->exit : Exit::done;
    for (const FileAccount &file : files) {
        worst = std::max(worst, file.exit);
        if (file.rejected > 0) worst = std::max(worst, Exit::some_rejected);
    }
    return worst;
}

std::string LoadAccount::text() const
{
    const FileAccount sum = sum_of(files);
    std::string text = counted(static_cast<std::int64_t>(files.size()), "file") + ": ";
    bool first = true;
    for (const State state : {State::loaded, State::unchanged, State::checked, State::refused, State::not_reached}) {
        const std::int64_t count = count_of(files, state);
        if (count == 0) continue;
        text += std::string(first ? "" : ", ") + grouped(count) + ' ' + name_of(state);
        first = false;
    }
    if (dry_run) text += " (dry run: nothing was sent)";
    text += '\n' + figure_text("lines", grouped(sum.lines)) + figure_text(dry_run ? "good" : "loaded", grouped(sum.loaded)) + figure_text("rejected", grouped(sum.rejected));
    std::string days;
    for (const auto &[outcome, count] : sum.days) days += (days.empty() ? "" : ", ") + grouped(count) + ' ' + outcome;
    text += figure_text("days", days.empty() ? grouped(static_cast<std::int64_t>(sum.usage_days)) : days);
    for (const auto &[currency, total] : sum.totals)
        text += figure_text(currency, "cost " + amount_or_unknown(total.cost) + ", credit " + amount_or_unknown(total.credit));
    char speed[96];
    std::snprintf(speed, sizeof speed, "%.1f s, %s lines/s", seconds,
                  grouped(static_cast<std::int64_t>(static_cast<double>(sum.lines) / std::max(seconds, 0.001))).c_str());
    text += figure_text("time", speed);
    for (const FileAccount &file : files) {
        if (file.rejects.empty() || file.state == State::refused) continue;
        text += "rejected in " + file.path + ":\n";
        for (const RejectedLine &reject : file.rejects) text += "  " + reject.text() + '\n';
        if (file.rejected > static_cast<std::int64_t>(file.rejects.size()))
            text += "  and " + grouped(file.rejected - static_cast<std::int64_t>(file.rejects.size())) + " more" +
                    (file.batches.empty() ? "" : "; pbonus show --batch " + std::to_string(file.batches.front())) + '\n';
    }
    if (interrupted || exit() == Exit::database)
        text += std::string(interrupted ? "interrupted" : "stopped") + ": each file is loaded as a whole or not at all; run the same command again to go on\n";
    return text;
}

std::string LoadAccount::json() const
{
    const FileAccount sum = sum_of(files);
    std::string json = "{\"files\": [";
    for (std::size_t i = 0; i < files.size(); ++i) json += (i == 0 ? "\n  " : ",\n  ") + json_file(files[i]);
    json += "\n], \"lines\": " + std::to_string(sum.lines) + ", \"loaded\": " + std::to_string(sum.loaded) +
            ", \"rejected\": " + std::to_string(sum.rejected) + ", \"days\": " + json_counts(sum.days) + ", \"totals\": " + json_totals(sum.totals) +
            ", \"refused\": " + std::to_string(count_of(files, State::refused)) + ", \"interrupted\": " + (interrupted ? "true" : "false") +
            ", \"error\": " + (ended_by ? json_of(ended_by->words) : "null") +
            ", \"dry_run\": " + (dry_run ? "true" : "false");
    char duration[48];
    std::snprintf(duration, sizeof duration, ", \"seconds\": %.3f", seconds);
    return json + duration + ", \"exit\": " + std::to_string(static_cast<int>(exit())) + "}\n";
}

}  // namespace pbonus
