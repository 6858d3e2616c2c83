// pbonus load: files are read and packed here and stored by the ledger's load_packs, several at a time.
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

#include "arena.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "text.hpp"

namespace pbonus {

namespace core = partner_bonus;

namespace {

// The memory of one file serves for the next. Taking it from the system anew, page by page, would cost a tenth of all.
void keep_freed_memory()
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

// The mapping with the text it points into.
class MappingFile {
   public:
    explicit MappingFile(const std::string &path)
    {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw Failure(Exit::usage, words_of_system(path + ": mapping cannot be opened"));
        text_.assign(std::istreambuf_iterator<char>(file), {});
        const auto parsed = core::parse_mapping(text_, memory_.memory());
        if (!parsed) {
            Words words = words_of(parsed.error());
            words.what = path + ": " + words.what;
            throw Failure(Exit::usage, words);
        }
        mapping_ = *parsed;
    }
    const core::Mapping *get() const { return &mapping_; }

   private:
    std::string text_;
    Arena memory_;
    core::Mapping mapping_;
};

// A format replaces whole days, and only the partner export has one file a day. Of other formats two files with the same day
// would replace each other, and the second is refused.
class DaysTaken {
   public:
    void take(const PackedFile &file)
    {
        if (file.format == core::Format::partner_export) return;
        const std::lock_guard lock(mutex_);
        for (const core::Day day : file.usage_days) {
            const auto [place, is_new] = taken_.try_emplace(day, file.path);
            if (!is_new && place->second != file.path)
                throw Failure(Exit::refused, {"another file of this load has the same day",
                                              "Both have lines of " + day_text(day) + ", the other is " + place->second + '.',
                                              "A file replaces the days it has. Parts of a report are loaded one by one, each with a --source of its "
                                              "own.", ""});
        }
    }

   private:
    std::mutex mutex_;
    std::map<core::Day, std::string> taken_;
};

class Load {
   public:
    explicit Load(const LoadOptions &options)
        : options_(options), destination_{options.ledger, options.partner, options.source, {}, options.allow_older},
          files_(files_named(options.files))
    {
        if (options.covers) destination_.covers = parse_period(*options.covers);
        if (options.mapping) mapping_.emplace(*options.mapping);
        read_options_.mapping = mapping_ ? mapping_->get() : nullptr;
        read_options_.keep_packs = !options.dry_run;
        if (options.format != "auto")
            read_options_.format = value_of(core::format_from_name(options.format));
        else if (mapping_)
            read_options_.format = core::Format::mapping;
        if (options.unknown_columns == "keep") read_options_.unknown_columns = core::UnknownColumns::keep;
        if (options.unknown_columns == "refuse") read_options_.unknown_columns = core::UnknownColumns::refuse;
        account_.dry_run = options.dry_run;
        for (const NamedFile &file : files_) account_.files.emplace_back().path = file.path;
    }

    Exit run()
    {
        const auto start = std::chrono::steady_clock::now();
        if (!options_.dry_run) {
            Connection connection(options_.ledger);
            facts_ = ask_ledger(connection, options_.partner);
        }
        {
            std::uint64_t bytes = 0;
            for (const NamedFile &file : files_) bytes += file.bytes;
            Progress progress(files_.size(), bytes, options_.json);
            progress_ = &progress;
            work();
        }
        account_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        account_.interrupted = interrupted();
        if (!options_.dry_run && !account_.interrupted) ask_for_days();
        if (account_.ended_by) complain("", account_.ended_by->words);
        std::fputs((options_.json ? account_.json() : account_.text()).c_str(), stdout);
        return account_.exit();
    }

   private:
    void work()
    {
        const std::size_t groups = (files_.size() + options_.files_per_transaction - 1) / options_.files_per_transaction;
        const std::size_t jobs = std::min<std::size_t>(options_.jobs, groups);
        std::vector<std::thread> others;
        for (std::size_t i = 1; i < jobs; ++i) others.emplace_back([this] { work_alone(); });
        work_alone();
        for (std::thread &other : others) other.join();
        if (!error_) return;
        try {
            std::rethrow_exception(error_);
        } catch (const Failure &failure) {
            if (failure.exit != Exit::interrupted) account_.ended_by = failure;
        }
    }

    // Takes groups of files until there are none. A connection that cannot be had ends the load.
    void work_alone() noexcept
    try {
        std::optional<Session> session;
        if (!options_.dry_run) session.emplace(destination_, facts_);
        const std::size_t most = options_.files_per_transaction;
        if (most == 1) return load_reading_ahead(session);
        for (std::size_t group; !stop_ && !interrupted() && (group = next_group_++) * most < files_.size();) {
            const std::size_t from = group * most, to = std::min(from + most, files_.size());
            if (to - from < 2 || options_.dry_run || !load_together(*session, from, to)) load_one_by_one(session, from, to);
        }
    } catch (...) {
        const std::lock_guard lock(error_mutex_);
        stop_ = true;
        if (!error_) error_ = std::current_exception();
    }

    PackedFile read(std::size_t index)
    {
        FileAccount &account = account_.files[index];
        PackedFile file = read_and_pack(account.path, read_options_, facts_.rules,
                                        [this](std::size_t bytes, std::int64_t lines) { progress_->advance(bytes, lines); });
        account.take(file);
        days_taken_.take(file);
        if (!options_.allow_foreign_accounts) refuse_foreign_accounts(file);
        return file;
    }

    void refuse_foreign_accounts(const PackedFile &file) const
    {
        for (const std::string &name : file.accounts) {
            const auto found = facts_.foreign_accounts.find(name);
            if (found == facts_.foreign_accounts.end()) continue;
            throw Failure(Exit::refused, {"file has usage of another partner's account",
                                          "Account \"" + name + "\" belongs to partner \"" + found->second + "\", not to \"" + options_.partner + "\".",
                                          "Is it the right file, and --partner the right partner? If the account is being moved, link it first, "
                                          "or use --allow-foreign-accounts.", ""});
        }
    }

    // False when some file spoils the transaction: then each is loaded by itself, and what is wrong is said of that one.
    bool load_together(Session &session, std::size_t from, std::size_t to)
    {
        for (std::size_t i = from; i < to; ++i) {
            if (files_[i].path == "-") return false;  // could not be read again
        }
        try {
            session.begin();
            for (std::size_t i = from; i < to; ++i) session.send(read(i), account_.files[i]);
            session.commit();
        } catch (const Failure &) {
            session.roll_back();
            return false;
        }
        for (std::size_t i = from; i < to; ++i) done(account_.files[i]);
        return true;
    }

    void load_one_by_one(std::optional<Session> &session, std::size_t from, std::size_t to)
    {
        for (std::size_t i = from; i < to && !stop_ && !interrupted(); ++i) load(session, i, [this, i] { return read(i); });
    }

    // While the server stores a file, the next one is read.
    void load_reading_ahead(std::optional<Session> &session)
    {
        const auto read_next = [this] {
            const std::size_t index = next_group_++;
            std::future<PackedFile> file;
            if (index < files_.size()) file = std::async(std::launch::async, [this, index] { return read(index); });
            return std::pair(index, std::move(file));
        };
        auto [index, file] = read_next();
        while (file.valid() && !stop_ && !interrupted()) {
            std::pair<std::size_t, std::future<PackedFile>> next;
            load(session, index, [&] {
                file.wait();
                next = read_next();
                return file.get();
            });
            std::tie(index, file) = std::move(next);
        }
    }

    template <class Read>
    void load(std::optional<Session> &session, std::size_t index, Read read_file)
    {
        FileAccount &account = account_.files[index];
        try {
            const PackedFile file = read_file();
            if (session)
                session->store(file, account);
            else
                account.state = FileAccount::State::checked;
        } catch (const Failure &failure) {
            if (failure.exit == Exit::interrupted) {
                account.state = FileAccount::State::not_reached;
                return;
            }
            account.refuse(failure);
            if (failure.exit == Exit::database) stop_ = true;  // the next file would meet it too
        }
        done(account);
    }

    void done(const FileAccount &account)
    {
        const bool refused = account.state == FileAccount::State::refused;
        progress_->file_done(account.line(), refused || account.rejected > 0);
    }

    // What was loaded is told even if the ledger can no longer be asked.
    void ask_for_days()
    try {
        BinaryArray batches(bigint_type);
        for (const FileAccount &file : account_.files) {
            for (const std::int64_t batch : file.batches) batches.add(batch);
        }
        if (batches.count() == 0) return;
        Connection connection(options_.ledger);
        Parameters parameters;
        parameters.binary(batches.bytes(), bigint_array_type);
        const Rows rows = connection.query(
            "SELECT batch_id, outcome, count(*) AS days FROM load_day WHERE batch_id = ANY ($1) GROUP BY batch_id, outcome", parameters);
        std::map<std::int64_t, FileAccount *> file_of;
        for (FileAccount &file : account_.files) {
            for (const std::int64_t batch : file.batches) file_of[batch] = &file;
        }
        for (int i = 0; i < rows.count(); ++i)
            file_of.at(rows.integer(i, "batch_id"))->days[std::string(rows.text(i, "outcome"))] += rows.integer(i, "days");
    } catch (const Failure &failure) {
        if (account_.exit() < Exit::database) account_.ended_by = failure;
    }

    static constexpr Oid bigint_type = 20;
    static constexpr Oid bigint_array_type = 1016;

    const LoadOptions &options_;
    Destination destination_;
    ReadOptions read_options_;
    std::optional<MappingFile> mapping_;
    std::vector<NamedFile> files_;
    LedgerFacts facts_;
    DaysTaken days_taken_;
    LoadAccount account_;
    Progress *progress_ = nullptr;
    std::atomic<std::size_t> next_group_{0};
    std::atomic<bool> stop_{false};
    std::mutex error_mutex_;
    std::exception_ptr error_;
};

}  // namespace

Exit load(const LoadOptions &options)
{
    keep_freed_memory();
    return Load(options).run();
}

}  // namespace pbonus
