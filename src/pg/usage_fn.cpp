// A file of usage as rows: one for each record, either a line or what is wrong with it; or its days as packs.
#include <algorithm>

#include "../core/formats.hpp"
#include "../core/mapping.hpp"
#include "../core/packer.hpp"
#include "datum.hpp"
#include "fail.hpp"
#include "pack_datum.hpp"

namespace partner_bonus::pg {

namespace {

// Columns of read_usage, in order.
constexpr int columns = 31;

class Row {
   public:
    void integer(std::int64_t value) { put(Int64GetDatum(value)); }
    void text(std::string_view value)
    {
        if (value.data() == nullptr)
            put_null();
        else
            put(text_datum(value));
    }
    void date(Day day) { put(DateADTGetDatum(day)); }
    void number(const Decimal &value) { put(numeric_from(Int256(value.units), value.scale)); }
    void number(const OptionalDecimal &number_or_nothing)
    {
        if (number_or_nothing.given)
            number(number_or_nothing.value);
        else
            put_null();
    }
    // Names and values by turns, as jsonb_object takes them.
    void attributes(std::span<const Attribute> list)
    {
        if (list.empty()) {
            put_null();
            return;
        }
        auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * 2 * list.size()));
        int count = 0;
        for (const Attribute &attribute : list) {
            elements[count++] = text_datum(attribute.name);
            elements[count++] = text_datum(attribute.value);
        }
        put(PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)));
    }
    void store(const ReturnSetInfo *result)
    {
        while (count_ < columns) put_null();
        tuplestore_putvalues(result->setResult, result->setDesc, values_, nulls_);
    }

   private:
    void put(Datum value)
    {
        nulls_[count_] = false;
        values_[count_++] = value;
    }
    void put_null()
    {
        nulls_[count_] = true;
        values_[count_++] = Datum{0};
    }

    Datum values_[columns];
    bool nulls_[columns];
    int count_ = 0;
};

void store_line(const ReturnSetInfo *result, std::int64_t line_number, const UsageLine &line)
{
    Row row;
    row.integer(line_number);
    for (int problem = 0; problem < 3; ++problem) row.text({});
    row.date(line.usage_day);
    for (const std::string_view value : {line.account_id, line.account_name, line.cloud_id, line.cloud_name, line.folder_id, line.folder_name,
                                         line.resource_id, line.service_id, line.service_name, line.sku_id, line.sku_name, line.currency,
                                         line.charge_category})
        row.text(value);
    row.number(line.pricing_quantity);
    row.text(line.pricing_unit);
    row.number(line.cost);
    row.number(line.credit);
    row.number(line.monetary_grant_credit);
    row.number(line.volume_incentive_credit);
    row.number(line.cud_credit);
    row.number(line.misc_credit);
    row.number(line.reward);
    row.attributes(line.attributes);
    for (const std::string_view value : {line.locale, line.updated_at, line.exported_at}) row.text(value);
    row.store(result);
}

// The beginning of what stood there; null when nothing did.
std::string_view problem_value(const Reject &reject)
{
    constexpr int most_kept = 1000;  // bytes
    if (reject.error.code == Errc::line_field_count) return psprintf(INT64_FORMAT " fields", reject.error.at);
    const std::string_view value = reject.error.subject;
    return value.substr(0, static_cast<std::size_t>(pg_mbcliplen(value.data(), static_cast<int>(value.size()), most_kept)));
}

void store_reject(const ReturnSetInfo *result, std::int64_t line_number, const Reject &reject)
{
    Row row;
    row.integer(line_number);
    row.text(reject.column.empty() ? std::string_view{} : reject.column);
    row.text(problem_value(reject));
    row.text(reason(reject.error.code));
    row.store(result);
}

// Columns of pack_usage, in order.
constexpr int pack_columns = 9;

void store_pack(const ReturnSetInfo *result, const DayPack &pack)
{
    bool nulls[pack_columns] = {false, false, false, pack.exported_at.data() == nullptr, false, true, true, true, true};
    Datum values[pack_columns] = {DateADTGetDatum(pack.day), Int32GetDatum(static_cast<int32>(pack.part)), Int32GetDatum(static_cast<int32>(pack.lines)),
                                  nulls[3] ? Datum{0} : text_datum(pack.exported_at), value_datum(pack.pack)};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void store_problem(const ReturnSetInfo *result, std::int64_t line_number, const Reject &reject)
{
    const std::string_view value = problem_value(reject);
    bool nulls[pack_columns] = {true, true, true, true, true, false, reject.column.empty(), value.data() == nullptr, false};
    Datum values[pack_columns] = {};
    values[5] = Int64GetDatum(line_number);
    if (!nulls[6]) values[6] = text_datum(reject.column);
    if (!nulls[7]) values[7] = text_datum(value);
    values[8] = CStringGetTextDatum(reason(reject.error.code));
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

std::span<const std::string_view> ascending_texts(Datum array)
{
    Datum *elements;
    bool *nulls;
    int count;
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
    auto *texts = static_cast<std::string_view *>(palloc(sizeof(std::string_view) * (static_cast<std::size_t>(count) + 1)));
    for (int i = 0; i < count; ++i) texts[i] = nulls[i] ? std::string_view() : text_view(elements[i]);
    std::sort(texts, texts + count);
    return {texts, static_cast<std::size_t>(count)};
}

// A mapping belongs to the format mapping, and to no other.
const Mapping *mapping_argument(FunctionCallInfo fcinfo, int argument, Format format)
{
    if ((format == Format::mapping) == PG_ARGISNULL(argument)) fail(Misuse::mapping_or_format);
    if (PG_ARGISNULL(argument)) return nullptr;
    const auto mapping = memory().array<Mapping>(1);
    if (mapping.data() == nullptr) fail(Error{Errc::out_of_memory});
    mapping[0] = value_or_fail(parse_mapping(text_view(PG_GETARG_DATUM(argument)), memory()));
    return mapping.data();
}

}  // namespace

PG_FUNCTION(partner_bonus_pack_usage)
{
    require_utf8();
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2)) return Datum{0};
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (result->setDesc->natts != pack_columns) fail(Misuse::wrong_catalog);
    const Format format = value_or_fail(format_from_name(text_view(PG_GETARG_DATUM(0))));
    const auto currencies = ascending_texts(PG_GETARG_DATUM(2));

    CsvReader reader(memory());
    reader.feed(text_view(PG_GETARG_DATUM(1)));
    reader.finish();
    CsvRecord record;
    (void)value_or_fail(reader.next(record));
    const FormatOptions options{.format = format, .mapping = mapping_argument(fcinfo, 3, format), .currencies = currencies};
    const FormatReader lines = value_or_fail(FormatReader::open(options, record, memory()));
    UsagePacker packer(memory());
    const MemoryContext rows = AllocSetContextCreate(CurrentMemoryContext, "usage packs", ALLOCSET_DEFAULT_SIZES);
    while (value_or_fail(reader.next(record)) == CsvReader::Step::record) {
        CHECK_FOR_INTERRUPTS();
        UsageLine line;
        Reject reject;
        bool accepted = lines.read(record, line, reject);
        if (accepted) {
            const Status added = packer.add(line);
            accepted = static_cast<bool>(added);
            if (!accepted && added.error().code != Errc::amount_out_of_range) fail(added.error());
            if (!accepted) reject = {{Errc::line_amount_too_large}, {}};
        }
        if (accepted) continue;
        const MemoryContext here = MemoryContextSwitchTo(rows);
        store_problem(result, record.line, reject);
        MemoryContextSwitchTo(here);
        MemoryContextReset(rows);
    }
    const Status finished = packer.finish();
    if (!finished) fail(finished.error());
    MemoryContextSwitchTo(rows);
    for (DayPack pack; value_or_fail(packer.next(pack, memory()));) {
        CHECK_FOR_INTERRUPTS();
        store_pack(result, pack);
        MemoryContextReset(rows);
    }
    return Datum{0};
}

PG_FUNCTION(partner_bonus_read_usage)
{
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) return Datum{0};
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (result->setDesc->natts != columns) fail(Misuse::wrong_catalog);
    const Format format = value_or_fail(format_from_name(text_view(PG_GETARG_DATUM(0))));

    CsvReader reader(memory());
    reader.feed(text_view(PG_GETARG_DATUM(1)));
    reader.finish();
    CsvRecord record;
    (void)value_or_fail(reader.next(record));  // without a header the record has no fields
    const MemoryContext rows = AllocSetContextCreate(CurrentMemoryContext, "usage line", ALLOCSET_DEFAULT_SIZES);
    FormatReader lines = value_or_fail(FormatReader::open(FormatOptions{.format = format, .mapping = mapping_argument(fcinfo, 2, format)}, record, memory()));
    while (value_or_fail(reader.next(record)) == CsvReader::Step::record) {
        CHECK_FOR_INTERRUPTS();
        UsageLine line;
        Reject reject;
        const bool accepted = lines.read(record, line, reject);
        const MemoryContext here = MemoryContextSwitchTo(rows);
        if (accepted)
            store_line(result, record.line, line);
        else
            store_reject(result, record.line, reject);
        MemoryContextSwitchTo(here);
        MemoryContextReset(rows);
    }
    return Datum{0};
}

}  // namespace partner_bonus::pg
