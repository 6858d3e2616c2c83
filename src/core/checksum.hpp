// Tells bytes that were damaged from those that were written. Frozen, as it stands in stored values.
#pragma once

#include <array>

#include "hash.hpp"
#include "wire.hpp"

namespace partner_bonus {

// Four hashes side by side, since each waits for the multiplications of its word before.
inline std::uint64_t checksum(Bytes bytes) noexcept
{
    std::array<Hash, 4> lanes{Hash(0), Hash(1), Hash(2), Hash(3)};
    WireReader wire(bytes);
    while (wire.left() >= lanes.size() * 8)
        for (Hash &lane : lanes) lane.add(wire.fixed64_within());
    Hash sum(bytes.size());
    for (const Hash &lane : lanes) sum.add(lane.value());
    while (wire.left() > 0) sum.add(std::uint64_t{wire.byte()});
    return sum.value();
}

}  // namespace partner_bonus
