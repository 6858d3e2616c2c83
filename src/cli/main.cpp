// pbonus: the client of a partner_bonus ledger. What it does is done by functions of the ledger that anyone can call; it adds
// reading and packing of files, progress, and exit codes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>

#include "commands.hpp"
#include "interrupt.hpp"

namespace {

using namespace pbonus;

const char *const connection_help =
    "The database is found as psql finds it: PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSFILE, PGSERVICE, the service file.\n"
    "Exit codes: 0 all is well; 1 some lines were rejected, some partners parked, or verify found something; 2 wrong use;\n"
    "3 a file was refused, or what was asked for; 4 database or machine (connection, permission, disk); 130 interrupted.";

CLI::App *command(CLI::App &app, const std::string &name, const std::string &help) { return app.add_subcommand(name, help)->footer(connection_help); }

void add_ledger(CLI::App *command, LedgerOptions &options)
{
    command->add_option("--ledger", options.ledger, "schema of the ledger")->capture_default_str();
    command->add_flag("--json", options.json, "for programs: JSON on standard output, no progress");
}

void add_load(CLI::App &app, LoadOptions &options)
{
    CLI::App *load = command(app, "load", "Load files of usage: read and pack them here, store them in the ledger day by day");
    load->add_option("files", options.files, "files, folders (with the folders below; *.csv, *.csv.gz, *.csv.zst), patterns, - for standard input")
        ->required();
    auto *partner = load->add_option("--partner", options.partner, "whose usage it is (partner.partner_id)");
    load->add_option("--format", options.format, "what the files are; auto looks at the header")
        ->check(CLI::IsMember({"auto", "partner-export", "focus", "cur", "mapping"}))
        ->capture_default_str();
    load->add_option("--mapping", options.mapping, "file that says which column is which field, for any other CSV")->check(CLI::ExistingFile);
    load->add_option("--source", options.source, "where the lines come from; a file replaces days of its own source only (the format's name)");
    load->add_option("--covers", options.covers,
                     "days the files cover: 2026-10, 2026-10-05, 2026-10-01..2026-10-05; those without lines become empty (the days of the lines)");
    load->add_option("--unknown-columns", options.unknown_columns, "columns the format does not know: keep as attributes, or refuse the file "
                                                                   "(the partner export refuses, the others keep)")
        ->check(CLI::IsMember({"keep", "refuse"}));
    load->add_flag("--allow-older", options.allow_older, "take a file that was exported before what is loaded");
    load->add_flag("--allow-foreign-accounts", options.allow_foreign_accounts, "take a file with accounts that belong to other partners");
    auto *dry_run = load->add_flag("--dry-run", options.dry_run, "read and pack, tell what is in the files, send nothing, need no database");
    load->add_option("--jobs", options.jobs, "connections that load at the same time")->check(CLI::Range(1U, 64U))->capture_default_str();
    load->add_option("--files-per-transaction", options.files_per_transaction, "small files load faster when several share a transaction")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    add_ledger(load, options);
    load->callback([partner, dry_run] {
        if (partner->count() == 0 && dry_run->count() == 0) throw CLI::RequiredError("--partner");
    });
}

void add_questions(CLI::App &app, StatusOptions &status, ShowOptions &show, LedgerOptions &verify)
{
    CLI::App *status_command = command(app, "status", "What is loaded: batches, days, missing days, rejected lines of each partner");
    status_command->add_option("--partner", status.partner, "this one only, with its missing days and its last batches");
    add_ledger(status_command, status);

    CLI::App *show_command = command(app, "show", "Show a batch (its days and rejected lines), or a day of a partner and its versions");
    auto *batch = show_command->add_option("--batch", show.batch, "load_batch.batch_id");
    auto *partner = show_command->add_option("--partner", show.partner, "with --day");
    auto *day = show_command->add_option("--day", show.day, "the day, as 2026-10-05")->needs(partner)->excludes(batch);
    partner->needs(day);
    add_ledger(show_command, show);
    show_command->callback([batch, day] {
        if (batch->count() + day->count() == 0) throw CLI::RequiredError("--batch, or --partner and --day,");
    });

    add_ledger(command(app, "verify", "Check the ledger: verify() names every broken invariant"), verify);
}

void add_close(CLI::App &app, CloseOptions &options)
{
    CLI::App *command_close = command(app, "close", "Close a month: issue its documents, partner by partner; again to go on, and for parked partners");
    command_close->add_option("month", options.month, "the month, as 2026-10")->required();
    command_close->add_option("--partner", options.partners, "this one; may be given several times (all that took part)");
    command_close->add_option("--jobs", options.jobs, "connections that close at the same time")->check(CLI::Range(1U, 64U))->capture_default_str();
    command_close->add_flag("--preview", options.preview, "show what would be issued and what stands in the way; write nothing");
    add_ledger(command_close, options);
}

void add_export(CLI::App &app, ExportOptions &options)
{
    CLI::App *command_export = command(app, "export", "Write usage lines as CSV in the partner export's format, every value of them");
    command_export->add_option("--partner", options.partner, "whose usage")->required();
    command_export->add_option("--period", options.period, "2026-10, 2026-10-05 or 2026-10-01..2026-10-05")->required();
    command_export->add_option("--source", options.source, "of this source only");
    command_export->add_option("-o,--output", options.output, "file to write; - is standard output")->capture_default_str();
    add_ledger(command_export, options);
}

void add_generate(CLI::App &app, GenerateOptions &options)
{
    CLI::App *command_generate = command(app, "generate", "Write made-up partner exports, one file a day; the same for the same seed");
    command_generate->add_option("folder", options.folder, "where to write them")->required();
    command_generate->add_option("--month", options.month, "first month or day, as 2026-10 or 2026-10-05")->required();
    command_generate->add_option("--days", options.days, "how many days (all of the month)")->check(CLI::Range(1U, 3660U));
    command_generate->add_option("--lines", options.lines_per_day, "lines a day")->capture_default_str();
    command_generate->add_option("--accounts", options.accounts, "at most so many accounts; the first is the partner's own")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
    command_generate->add_option("--skus", options.skus, "SKUs, four a service")->check(CLI::Range(1U, 1'000'000U))->capture_default_str();
    command_generate->add_option("--partner", options.partner, "partner_id, for file names and rules")->capture_default_str();
    command_generate->add_option("--currency", options.currency, "ISO 4217 code")->capture_default_str();
    command_generate->add_option("--seed", options.seed, "another seed, other lines")->capture_default_str();
    command_generate->add_flag("--rules", options.rules, "also write the partner, its accounts and terms as SQL");
    command_generate->add_flag("--json", options.json, "for programs: JSON on standard output");
}

Exit failed(const Failure &failure, bool json)
{
    complain("", failure.words);
    if (json) std::printf("{\"error\": %s, \"exit\": %d}\n", json_of(failure.words).c_str(), static_cast<int>(failure.exit));
    return failure.exit;
}

}  // namespace

int main(int argc, char **argv)
{
    LoadOptions load_options;
    StatusOptions status_options;
    ShowOptions show_options;
    LedgerOptions verify_options;
    CloseOptions close_options;
    ExportOptions export_options;
    GenerateOptions generate_options;

    CLI::App app("Loads usage into a ledger of partner_bonus, closes its months and answers questions about it.", "pbonus");
    app.footer(connection_help);
    app.set_version_flag("--version", "pbonus " PARTNER_BONUS_VERSION);
    app.require_subcommand(1);
    add_load(app, load_options);
    add_questions(app, status_options, show_options, verify_options);
    add_close(app, close_options);
    add_export(app, export_options);
    add_generate(app, generate_options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
    }

    catch_interrupts();
    const bool json = load_options.json || status_options.json || show_options.json || verify_options.json || generate_options.json ||
                      (export_options.json && export_options.output != "-");
    Exit exit_code = Exit::done;
    try {
        if (app.got_subcommand("load")) exit_code = load(load_options);
        if (app.got_subcommand("status")) exit_code = status(status_options);
        if (app.got_subcommand("show")) exit_code = show(show_options);
        if (app.got_subcommand("verify")) exit_code = verify(verify_options);
        if (app.got_subcommand("close")) exit_code = close(close_options);
        if (app.got_subcommand("export")) exit_code = export_usage(export_options);
        if (app.got_subcommand("generate")) exit_code = generate(generate_options);
    } catch (const Failure &failure) {
        exit_code = failed(failure, json);
    } catch (const std::bad_alloc &) {
        exit_code = failed({Exit::database, {"out of memory", "", "", ""}}, json);
    } catch (const std::exception &error) {
        exit_code = failed({Exit::database, {error.what(), "", "", ""}}, json);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) exit_code = failed({Exit::database, words_of_system("the answer cannot be written")}, false);
    return static_cast<int>(exit_code);
}
