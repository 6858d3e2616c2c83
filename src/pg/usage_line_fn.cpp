// Usage lines as rows: those of a pack, and rows of any query as a pack.
#include <algorithm>
#include <new>

#include "../core/attributes.hpp"
#include "../core/line_credit.hpp"
#include "../core/pack_account.hpp"
#include "../core/pack_directory.hpp"
#include "../core/packer.hpp"
#include "datum.hpp"
#include "fail.hpp"
#include "pack_datum.hpp"
#include "row_writer.hpp"

namespace partner_bonus::pg {

namespace {

// Attributes of usage_line, in order.
enum Column : int {
    account_id,
    account_name,
    cloud_id,
    cloud_name,
    folder_id,
    folder_name,
    resource_id,
    service_id,
    service_name,
    sku_id,
    sku_name,
    currency,
    charge_category,
    pricing_quantity,
    pricing_unit,
    cost,
    credit,
    monetary_grant_credit,
    volume_incentive_credit,
    cud_credit,
    misc_credit,
    reward,
    attributes,
    locale,
    updated_at,
    exported_at,
    columns,
};

struct TextField {
    Column column;
    pack_text::Column in_pack;
};

constexpr TextField text_fields[] = {
    {account_id, pack_text::account_id},
    {account_name, pack_text::account_name},
    {cloud_id, pack_text::cloud_id},
    {cloud_name, pack_text::cloud_name},
    {folder_id, pack_text::folder_id},
    {folder_name, pack_text::folder_name},
    {resource_id, pack_text::resource_id},
    {service_id, pack_text::service_id},
    {service_name, pack_text::service_name},
    {sku_id, pack_text::sku_id},
    {sku_name, pack_text::sku_name},
    {currency, pack_text::currency},
    {charge_category, pack_text::charge_category},
    {pricing_unit, pack_text::pricing_unit},
    {locale, pack_text::locale},
    {updated_at, pack_text::updated_at},
    {exported_at, pack_text::exported_at},
};

struct NumberField {
    Column column;
    pack_number::Column in_pack;
    OptionalDecimal UsageLine::*in_line;
};

constexpr NumberField number_fields[] = {
    {pricing_quantity, pack_number::pricing_quantity, &UsageLine::pricing_quantity},
    {volume_incentive_credit, pack_number::volume_incentive_credit, &UsageLine::volume_incentive_credit},
    {cud_credit, pack_number::cud_credit, &UsageLine::cud_credit},
    {misc_credit, pack_number::misc_credit, &UsageLine::misc_credit},
    {reward, pack_number::reward, &UsageLine::reward},
};

// Where each attribute of usage_line comes from.
struct Source {
    enum Kind : std::uint8_t { text, number, credit } kind;
    std::uint8_t in_pack;
};

constexpr auto sources = [] {
    std::array<Source, columns> list{};
    for (const auto &[column, in_pack] : text_fields) list[column] = {Source::text, in_pack};
    list[attributes] = {Source::text, pack_text::attributes};
    for (const NumberField &field : number_fields) list[field.column] = {Source::number, field.in_pack};
    list[cost] = {Source::number, pack_number::cost};
    list[monetary_grant_credit] = {Source::number, pack_number::monetary_grant_credit};
    list[credit] = {Source::credit, 0};
    return list;
}();

JsonbValue json_text(std::string_view text)
{
    JsonbValue value;
    value.type = jbvString;
    value.val.string.val = const_cast<char *>(text.data());
    value.val.string.len = static_cast<int>(text.size());
    return value;
}

Datum json_object(std::span<const Attribute> list)
{
    JsonbParseState *state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    for (const Attribute &attribute : list) {
        JsonbValue name = json_text(attribute.name);
        JsonbValue value = json_text(attribute.value);
        pushJsonbValue(&state, WJB_KEY, &name);
        pushJsonbValue(&state, WJB_VALUE, &value);
    }
    return PointerGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
}

[[noreturn]] void fail_attributes(Datum attributes_given) { fail(Misuse::attributes_not_texts, DatumGetCString(DirectFunctionCall1(jsonb_out, attributes_given))); }

std::span<const Attribute> attributes_from(Datum json)
{
    Jsonb *object = DatumGetJsonbP(json);
    if (!JB_ROOT_IS_OBJECT(object)) fail_attributes(json);
    const auto list = memory().array<Attribute>(JB_ROOT_COUNT(object));
    if (!list.data()) fail(Error{Errc::out_of_memory});
    JsonbIterator *iterator = JsonbIteratorInit(&object->root);
    std::size_t count = 0;
    JsonbValue value;
    for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE;) {
        if (token != WJB_KEY && token != WJB_VALUE) continue;
        if (value.type != jbvString) fail_attributes(json);
        const std::string_view text(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
        if (token == WJB_KEY)
            list[count].name = text;
        else
            list[count++].value = text;
    }
    return list.first(count);
}

// The words of a pack as rows hold them, each made when it is first needed.
class RowWords {
   public:
    explicit RowWords(const PackColumns &pack) : pack_(pack)
    {
        for (std::size_t column = 0; column < pack_text::count; ++column)
            made_[column] = static_cast<Datum *>(palloc0(sizeof(Datum) * (pack.texts[column].words.size() + 1)));
    }
    // Zero when there is none.
    Datum get(std::size_t column, std::size_t line)
    {
        Datum &made = made_[column][pack_.texts[column].code(line)];
        if (made == 0) make(column, pack_.texts[column].word(line), made);
        return made;
    }

   private:
    static void make(std::size_t column, std::string_view word, Datum &made)
    {
        if (word.data() == nullptr) return;
        if (column != pack_text::attributes) {
            made = row_value(word);
            return;
        }
        const auto list = memory().array<Attribute>(static_cast<std::size_t>(attributes_from_word(word, {})));
        if (!list.data()) fail(Error{Errc::out_of_memory});
        (void)attributes_from_word(word, list);
        made = row_value(text_view(json_object(list)));
    }

    const PackColumns &pack_;
    Datum *made_[pack_text::count];
};

bool has_account(Datum pack, std::string_view account)
{
    const PackDirectory directory = value_or_fail(PackDirectory::open(directory_bytes(pack)));
    const Words accounts = value_or_fail(directory.words(pack_text::account_id, memory()));
    return std::binary_search(accounts.begin(), accounts.end(), account);
}

// What usage_pack_agg gathers.
struct PackState {
    MemoryContext context;
    UsagePacker packer;
};

PackState *pack_state(FunctionCallInfo fcinfo)
{
    MemoryContext context;
    if (AggCheckCallContext(fcinfo, &context) == 0) fail(Misuse::not_an_aggregate);
    if (!PG_ARGISNULL(0)) return reinterpret_cast<PackState *>(PG_GETARG_POINTER(0));
    const MemoryContext own = AllocSetContextCreate(context, "usage_pack_agg", ALLOCSET_DEFAULT_SIZES);
    auto *state = static_cast<PackState *>(MemoryContextAlloc(own, sizeof(PackState)));
    return new (state) PackState{own, UsagePacker(memory_in(own))};
}

Datum add_line(PackState *state, const UsageLine &line)
{
    if (state->packer.lines() == max_pack_lines) fail(Error{Errc::pack_too_many_lines, {}, static_cast<std::int64_t>(max_pack_lines) + 1});
    const Status added = state->packer.add(line);
    if (!added) fail(added.error().code == Errc::amount_out_of_range ? Error{Errc::line_amount_too_large} : added.error());
    return PointerGetDatum(state);
}

std::string_view required_text(FunctionCallInfo fcinfo, int argument, const char *name)
{
    if (PG_ARGISNULL(argument)) fail(Misuse::line_without, name);
    return text_view(PG_GETARG_DATUM(argument));
}

// Texts point into the row.
UsageLine usage_line_from(HeapTupleHeader row)
{
    const TupleDesc description = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
    if (description->natts != columns) fail(Misuse::wrong_catalog);
    HeapTupleData tuple;
    tuple.t_len = HeapTupleHeaderGetDatumLength(row);
    tuple.t_data = row;
    Datum values[columns];
    bool nulls[columns];
    heap_deform_tuple(&tuple, description, values, nulls);
    ReleaseTupleDesc(description);
    constexpr struct {
        Column column;
        const char *name;
    } required[] = {{account_id, "account_id"}, {service_id, "service_id"}, {sku_id, "sku_id"}, {currency, "currency"}, {charge_category, "charge_category"}, {cost, "cost"}};
    for (const auto &[column, name] : required)
        if (nulls[column]) fail(Misuse::line_without, name);
    UsageLine line;
    for (const auto &[column, in_pack] : text_fields)
        if (!nulls[column]) line.*pack_text_fields[in_pack] = text_view(values[column]);
    for (const auto &[column, in_pack, in_line] : number_fields)
        if (!nulls[column]) line.*in_line = {decimal_from_numeric(values[column]), true};
    line.cost = decimal_from_numeric(values[cost]);
    if (!nulls[credit]) line.credit = decimal_from_numeric(values[credit]);
    if (!nulls[monetary_grant_credit]) line.monetary_grant_credit = decimal_from_numeric(values[monetary_grant_credit]);
    if (!nulls[attributes]) line.attributes = attributes_from(values[attributes]);
    return line;
}

}  // namespace

PG_FUNCTION(usage_pack_lines)
{
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0)) return Datum{0};
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (result->setDesc->natts != columns + 1) fail(Misuse::wrong_catalog);
    const bool of_account = !PG_ARGISNULL(1);
    const std::string_view account = of_account ? text_view(PG_GETARG_DATUM(1)) : std::string_view{};
    if (of_account && !has_account(PG_GETARG_DATUM(0), account)) return Datum{0};
    const Bytes bytes = value_bytes(PG_GETARG_DATUM(0));
    const AccountLines lines = of_account ? value_or_fail(read_account(bytes, account, memory())) : AccountLines{0, value_or_fail(read_pack(bytes, memory()))};
    const PackColumns &pack = lines.columns;
    RowWords words(pack);
    const LineCredits credits(pack);
    RowWriter row(result->setResult, result->setDesc);
    for (std::size_t line = 0; line < pack.lines; ++line) {
        CHECK_FOR_INTERRUPTS();
        row.begin();
        row.put_int32(static_cast<int32>(lines.from + line) + 1);
        for (const auto [kind, in_pack] : sources) {
            if (kind == Source::text) {
                const Datum word = words.get(in_pack, line);
                word == 0 ? row.put_null() : row.put_value(word);
            } else if (kind == Source::number) {
                const PackColumns::Number &number = pack.numbers[in_pack];
                number.has(line) ? row.put_number(number.unit(line), number.scale) : row.put_null();
            } else {
                const Decimal sum = credits.of(line);
                row.put_number(sum.units, sum.scale);
            }
        }
        row.end();
    }
    return Datum{0};
}

PG_FUNCTION(usage_pack_agg_line)
{
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) PG_RETURN_NULL();
        return PG_GETARG_DATUM(0);
    }
    return add_line(pack_state(fcinfo), usage_line_from(PG_GETARG_HEAPTUPLEHEADER(1)));
}

PG_FUNCTION(usage_pack_agg_amounts)
{
    PackState *state = pack_state(fcinfo);
    UsageLine line;
    line.account_id = required_text(fcinfo, 1, "account_id");
    line.service_id = required_text(fcinfo, 2, "service_id");
    line.sku_id = required_text(fcinfo, 3, "sku_id");
    line.currency = required_text(fcinfo, 4, "currency");
    line.charge_category = required_text(fcinfo, 5, "charge_category");
    if (PG_ARGISNULL(6)) fail(Misuse::line_without, "cost");
    line.cost = decimal_from_numeric(PG_GETARG_DATUM(6));
    if (!PG_ARGISNULL(7)) line.credit = decimal_from_numeric(PG_GETARG_DATUM(7));
    if (!PG_ARGISNULL(8)) line.monetary_grant_credit = decimal_from_numeric(PG_GETARG_DATUM(8));
    return add_line(state, line);
}

PG_FUNCTION(usage_pack_agg_result)
{
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PackState *state = pack_state(fcinfo);
    const auto finished = state->packer.finish();
    if (!finished) fail(finished.error());
    DayPack pack;
    (void)value_or_fail(state->packer.next(pack, memory()));
    const Datum result = value_datum(pack.pack);
    if (value_or_fail(state->packer.next(pack, memory()))) fail(Error{Errc::pack_too_many_lines, {}, static_cast<std::int64_t>(state->packer.lines())});
    PG_RETURN_DATUM(result);
}

}  // namespace partner_bonus::pg
