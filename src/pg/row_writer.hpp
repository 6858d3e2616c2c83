// Rows of a set-returning function, put together here instead of by the server, which looks at each column of each row twice:
// columns come one after the other, as bytes that need no further look.
#pragma once

#include <cstring>

#include "datum.hpp"
#include "fail.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// Bytes that may be read behind a value that is given to put_value, and written behind the row.
inline constexpr std::size_t row_slack = 32;

// A value of variable length as rows hold it: with a header of one byte when it is short.
Datum row_value(std::string_view bytes);

class RowWriter {
   public:
    RowWriter(Tuplestorestate *store, TupleDesc description)
        : store_(store),
          columns_(description->natts),
          data_(MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(description->natts))),
          row_(static_cast<char *>(palloc0(first_room))),
          end_(row_ + first_room)
    {
    }

    void begin()
    {
        std::memset(row_ + SizeofHeapTupleHeader, 0, static_cast<std::size_t>(BITMAPLEN(columns_)));
        at_ = row_ + data_;
        column_ = 0;
        nulls_ = false;
    }
    void put_null()
    {
        nulls_ = true;
        ++column_;
    }
    void put_int32(int32 value)
    {
        char *place = room(sizeof(value), true);
        std::memcpy(place, &value, sizeof(value));
        at_ = place + sizeof(value);
    }
    // What row_value gave.
    void put_value(Datum datum)
    {
        const char *value = DatumGetPointer(datum);
        const bool is_short = VARATT_IS_1B(value);
        const std::size_t size = is_short ? VARSIZE_1B(value) : VARSIZE_4B(value);
        char *place = room(size, !is_short);
        if (size <= row_slack)
            std::memcpy(place, value, row_slack);
        else
            std::memcpy(place, value, size);
        at_ = place + size;
    }
    void put_number(int128 units, int scale) { at_ += write_numeric(room(numeric_room, false), units, scale); }
    // When all columns have been put.
    void end()
    {
        auto *header = reinterpret_cast<HeapTupleHeader>(row_);
        header->t_infomask = static_cast<uint16>(HEAP_HASVARWIDTH | (nulls_ ? HEAP_HASNULL : 0));
        header->t_hoff = static_cast<uint8>(data_);
        HeapTupleHeaderSetNatts(header, columns_);
        HeapTupleData tuple{};
        tuple.t_len = static_cast<uint32>(at_ - row_);
        tuple.t_data = header;
        tuplestore_puttuple(store_, &tuple);
    }

   private:
    static constexpr std::size_t first_room = 2048;

    // Where the next column begins; its bytes may follow, and some more.
    char *room(std::size_t size, bool aligned)
    {
        row_[SizeofHeapTupleHeader + (column_ >> 3)] = static_cast<char>(row_[SizeofHeapTupleHeader + (column_ >> 3)] | 1 << (column_ & 7));
        ++column_;
        if (static_cast<std::size_t>(end_ - at_) < size + row_slack + ALIGNOF_INT) grow(size);
        if (aligned)
            while ((static_cast<std::size_t>(at_ - row_) & (ALIGNOF_INT - 1)) != 0) *at_++ = 0;
        return at_;
    }
    void grow(std::size_t size);

    Tuplestorestate *store_;
    int columns_;
    std::size_t data_;  // where it begins
    char *row_;
    char *end_;
    char *at_ = nullptr;
    unsigned column_ = 0;
    bool nulls_ = false;
};

}  // namespace partner_bonus::pg
