#include "packed_file.hpp"

#include "arena.hpp"
#include "core/csv.hpp"
#include "core/messages.hpp"
#include "core/packer.hpp"
#include "interrupt.hpp"
#include "text.hpp"

namespace pbonus {

namespace core = partner_bonus;

namespace {

constexpr Oid date_type = 1082;
constexpr Oid text_type = 25;
constexpr std::size_t most_kept_of_value = 1000;  // as load_csv does
constexpr std::size_t most_sent_together = std::size_t{256} << 20;

// Reads one file; what it needs of memory goes with it.
class FileReader {
   public:
    FileReader(const std::string &path, const ReadOptions &options, const LedgerRules &ledger, const Tell &tell)
        : options_(options), ledger_(ledger), tell_(tell), input_(Input::open(path)), csv_(text_memory_.memory()), packer_(line_memory_.memory()),
          currencies_(ledger.currencies.begin(), ledger.currencies.end())
    {
        file_.path = path;
    }

    PackedFile read()
    {
        core::CsvRecord record;
        (void)next(record);  // without a header the record has no fields
        const core::Result<core::Format> format = options_.format ? *options_.format : core::detect_format(record);
        core::FormatOptions format_options{value_of(format), options_.mapping, options_.unknown_columns, currencies_};
        file_.format = format_options.format;
        const core::FormatReader lines = value_of(core::FormatReader::open(format_options, record, text_memory_.memory()));
        core::UsageLine line;
        core::Reject reject;
        while (next(record)) {
            ++file_.lines;
            if (!lines.read(record, line, reject))
                add_reject(record, reject);
            else
                add(record, line);
        }
        report();
        if (file_.rejected > ledger_.max_rejects) refuse_for_rejects();
        pack();
        file_.sha256 = input_->sha256();
        return std::move(file_);
    }

   private:
    bool next(core::CsvRecord &record)
    {
        for (;;) {
            const auto step = csv_.next(record);
            switch (value_of(step)) {
                case core::CsvReader::Step::record: return true;
                case core::CsvReader::Step::done: return false;
                case core::CsvReader::Step::needs_more: break;
            }
            stop_if_interrupted();
            report();
            const std::string_view chunk = input_->next();
            if (chunk.empty())
                csv_.finish();
            else
                csv_.feed(chunk);
        }
    }

    void report()
    {
        tell_(input_->bytes_taken() - told_bytes_, file_.lines - told_lines_);
        told_bytes_ = input_->bytes_taken();
        told_lines_ = file_.lines;
    }

    [[noreturn]] void refuse_for_rejects() const
    {
        const std::string first = file_.rejects.empty() ? "" : "; the first is " + file_.rejects.front().text();
        throw Failure(Exit::refused, {"too many records cannot be taken", grouped(file_.rejected) + " of " + counted(file_.lines, "record") + first + '.',
                                      "Is this the right format? The setting max_rejects lets " + grouped(ledger_.max_rejects) +
                                          " records of a file be rejected. Nothing of it was loaded.",
                                      ""});
    }

    void add_reject(const core::CsvRecord &record, const core::Reject &reject)
    {
        if (++file_.rejected > ledger_.max_rejects) return;
        RejectedLine rejected{record.line, {}, {}, core::message_of(reject.error.code).message};
        if (!reject.column.empty()) rejected.column = reject.column;
        if (reject.error.code == core::Errc::line_field_count)
            rejected.value = std::to_string(reject.error.at) + " fields";
        else if (reject.error.subject.data())
            rejected.value = start_of(reject.error.subject, most_kept_of_value);
        file_.rejects.push_back(std::move(rejected));
    }

    void add(const core::CsvRecord &record, const core::UsageLine &line)
    {
        if (file_.rejected > ledger_.max_rejects) return;  // what is refused need not be kept
        const core::Status added = packer_.add(line);
        if (!added) {
            if (added.error().code == core::Errc::out_of_memory) (void)value_of(added);
            add_reject(record, {{added.error().code, {}, 0}, {}});
            return;
        }
        if (account_ != line.account_id) account_ = *file_.accounts.emplace(line.account_id).first;
        if (total_ == nullptr || currency_ != line.currency) {
            const auto place = file_.totals.try_emplace(std::string(line.currency)).first;
            currency_ = place->first;
            total_ = &place->second;
        }
        total_->add(value_of(core::to_amount(line.cost)), value_of(core::to_amount(line.credit)));
    }

    void pack()
    {
        (void)value_of(packer_.finish());
        core::Day last = core::unbounded_before;
        for (;;) {
            stop_if_interrupted();
            Arena pack_memory;
            core::DayPack part;
            if (!value_of(packer_.next(part, pack_memory.memory()))) return;
            file_.pack_bytes += part.pack.size();
            file_.usage_days.insert(part.day);
            if (!options_.keep_packs) continue;
            if (part.day != last && (file_.days.empty() || file_.days.back().packs.size() + part.pack.size() > most_sent_together)) {
                file_.days.emplace_back(ledger_.usage_pack);
                file_.days.back().first = part.day;
            }
            last = part.day;
            PackedDays &days = file_.days.back();
            days.lines += static_cast<std::int64_t>(part.lines);
            days.days.add(part.day);
            days.packs.add({reinterpret_cast<const char *>(part.pack.data()), part.pack.size()});
            part.exported_at.data() ? days.exported_at.add(part.exported_at) : days.exported_at.add_null();
        }
    }

    const ReadOptions &options_;
    const LedgerRules &ledger_;
    const Tell &tell_;
    std::unique_ptr<Input> input_;
    Arena text_memory_, line_memory_;
    core::CsvReader csv_;
    core::UsagePacker packer_;
    std::vector<std::string_view> currencies_;
    PackedFile file_;
    std::size_t told_bytes_ = 0;
    std::int64_t told_lines_ = 0;
    std::string_view account_;   // of the line before; most lines have the same
    std::string_view currency_;  // likewise
    CurrencyTotal *total_ = nullptr;
};

}  // namespace

std::string RejectedLine::text() const
{
    std::string text = "line " + std::to_string(line) + ": " + reason;
    if (column) text += ", column " + *column;
    if (value) text += ", value \"" + shortened(*value) + '"';
    return text;
}

PackedDays::PackedDays(Oid usage_pack) : days(date_type), packs(usage_pack), exported_at(text_type) {}

PackedFile read_and_pack(const std::string &path, const ReadOptions &options, const LedgerRules &ledger, const Tell &tell)
{
    return FileReader(path, options, ledger, tell).read();
}

}  // namespace pbonus
