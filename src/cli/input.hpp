// The bytes of a file, of standard input, and of what gzip or zstd made of them: chunk by chunk, hashed as they pass.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace pbonus {

using Sha256 = std::array<unsigned char, 32>;

class Input {
   public:
    // "-" is standard input. Compressed content is known by its first bytes, whatever the name.
    static std::unique_ptr<Input> open(const std::string &path);
    virtual ~Input() = default;

    // The next chunk, which stays until the next call; empty at the end. Throws a Failure.
    std::string_view next();

    // Bytes taken from the file so far, compressed as they may be.
    virtual std::size_t bytes_taken() const noexcept = 0;
    // Of all that next() has given, uncompressed.
    Sha256 sha256() const;

   protected:
    Input();
    virtual std::string_view read() = 0;

    static constexpr std::size_t chunk_bytes = std::size_t{1} << 17;

   private:
    struct Hash;
    std::shared_ptr<Hash> hash_;
};

}  // namespace pbonus
