// What window functions that answer for a whole partition at once have in common.
#pragma once

#include "fail.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

inline Datum argument_in_partition(WindowObject window, int argument, std::int64_t row, bool *null)
{
    bool outside;
    return WinGetFuncArgInPartition(window, argument, static_cast<int>(row), WINDOW_SEEK_HEAD, false, null, &outside);
}

// The partition's own memory: zeros until its first row fills it.
template <class Partition>
Partition &partition_of(WindowObject window)
{
    if (!WindowObjectIsValid(window)) fail(Misuse::no_window);
    return *static_cast<Partition *>(WinGetPartitionLocalMemory(window, sizeof(Partition)));
}

// Room for an answer for every row, as long as the partition lasts.
template <class Partition>
Datum *answers_of(const Partition &partition, std::int64_t rows)
{
    const MemoryContext context = GetMemoryChunkContext(const_cast<Partition *>(&partition));
    return static_cast<Datum *>(MemoryContextAllocHuge(context, static_cast<Size>(rows) * sizeof(Datum)));
}

}  // namespace partner_bonus::pg
