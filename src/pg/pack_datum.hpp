// Packs as the server keeps them: mostly outside of their row, in pieces, of which the first can be fetched alone.
#pragma once

#include "../core/wire.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// Packs hold UTF-8, which goes in and out as it is: fails in a database of another encoding.
void require_utf8();

// The first bytes of a pack, or all when there are fewer.
Bytes first_bytes(Datum pack, std::size_t count);
// At least the directory of a pack, without the rest where that lies elsewhere.
Bytes directory_bytes(Datum pack);

}  // namespace partner_bonus::pg
